/**
 * Exploring, shrinking, cutting at every place, and what is shown.
 */

import assert from "node:assert/strict";
import {
  everySplit,
  explore,
  simulate,
  SimulationFailed,
} from "../../src/testing/mod.ts";
import { ddmin } from "../../src/simulation/shrink.ts";
import { test } from "../harness.ts";
import { ask, twoHosts } from "./scenarios.ts";

test("explore tries one seed after another, and sums up", async () => {
  const seeds: number[] = [];
  const report = await explore(async (sim) => {
    seeds.push(sim.seed);
    sim.chance(1, "always");
    await sim.sleep(10);
  }, { runs: 4 });
  assert.deepEqual(seeds, [1, 2, 3, 4]);
  assert.deepEqual(report, { runs: 4, events: 8, virtualMs: 40, fired: 4 });
});

test("explore takes seeds and a budget", async () => {
  const seeds: number[] = [];
  const scenario = (sim: { seed: number }) => {
    seeds.push(sim.seed);
    return Promise.resolve();
  };
  await explore(scenario, { seeds: [7, 9] });
  assert.deepEqual(seeds, [7, 9]);
  const { runs } = await explore(scenario, { budgetMs: 0.001 });
  assert.ok(runs <= 1, `${runs}`);
});

test("what needs no fault is shrunk to none", async () => {
  const failure = await explore(async (sim) => {
    const { client } = twoHosts(sim);
    await client.run(() => ask("server:7", "x".repeat(5_000)));
    throw new Error("always");
  }, { network: { lossRate: 0.3, latencyMs: [5, 50] } }).catch((error) =>
    error
  );
  assert.ok(failure instanceof SimulationFailed);
  assert.deepEqual(failure.run.fired, []);
  // Its latencies do not matter, so that they are plain.
  assert.ok(failure.run.virtualMs < 20, `${failure.run.virtualMs}`);
});

test("what fails otherwise is another failure and no shrinking", async () => {
  const failure = await explore((sim) => {
    const [a, b] = [sim.chance(1, "a"), sim.chance(1, "b")];
    if (a && b) throw new RangeError("both");
    if (a) throw new TypeError("a alone");
    return Promise.resolve();
  }).catch((error) => error);
  assert.match(failure.message, /^both\nfound with seed 1, .* of 2 faults 2 /);
});

test("shrink: false throws the failure as it was found", async () => {
  const failure = await explore((sim) => {
    for (let i = 0; i < 9; i++) sim.chance(1, `${i}`);
    throw new Error("always");
  }, { shrink: false }).catch((error) => error);
  assert.equal(failure.run.fired.length, 9);
});

test("explore refuses what is no option", async () => {
  const none = () => Promise.resolve();
  await assert.rejects(explore(none, { check: true }), /no option/);
  await assert.rejects(explore(none, { runs: 0 }), RangeError);
  await assert.rejects(explore(none, { budgetMs: -1 }), RangeError);
});

/** Fails if all of some items are kept. */
function needs(
  ...needed: readonly number[]
): (kept: readonly number[]) => Promise<readonly number[] | undefined> {
  return (kept) =>
    Promise.resolve(
      needed.every((each) => kept.includes(each)) ? kept : undefined,
    );
}

const LIST = Array.from({ length: 64 }, (_, i) => i);

for (const needed of [[], [0], [63], [5, 40], [1, 2, 3], [0, 21, 42, 63]]) {
  test(`ddmin finds ${JSON.stringify(needed)} among 64`, async () => {
    const { items, tries } = await ddmin(LIST, needs(...needed), 500);
    assert.deepEqual(items, needed);
    assert.ok(tries < 200, `${tries} tries`);
  });
}

test("ddmin ends after as many tries as it may", async () => {
  const { tries } = await ddmin(LIST, needs(0, 21, 42, 63), 5);
  assert.equal(tries, 5);
});

test("everySplit cuts at every place, at every two, and at all", async () => {
  const seen = async (cuts: 1 | 2): Promise<readonly string[]> => {
    const all: string[] = [];
    await everySplit("abcd", async (chunks) => {
      const parts: string[] = [];
      for await (const chunk of chunks) {
        parts.push(new TextDecoder().decode(chunk));
      }
      all.push(parts.join("|"));
    }, { cuts });
    return all;
  };
  const one = ["abcd", "a|bcd", "ab|cd", "abc|d", "a|b|c|d"];
  assert.deepEqual(await seen(1), one);
  const two = [...one.slice(0, 4), "a|b|cd", "a|bc|d", "ab|c|d", "a|b|c|d"];
  assert.deepEqual(await seen(2), two);
});

test("everySplit names the cut that fails", async () => {
  const cause = new Error("no HELO");
  await assert.rejects(
    everySplit("HELO", async (chunks) => {
      for await (const chunk of chunks) {
        if (chunk.length < 3) throw cause;
        return;
      }
    }),
    (error: Error) => {
      assert.equal(error.message, "cut at 1: no HELO");
      assert.equal(error.cause, cause);
      return true;
    },
  );
});

/** A run with a bit of everything. */
async function shown() {
  const { trace } = await simulate(async (sim) => {
    const { client, server } = twoHosts(sim);
    sim.note("off we <go>");
    await client.run(() => ask("server:7", 'a"\n'));
    using _ = sim.cut("client", "server");
    await client.run(() => ask("server:7", "b", 10)).catch(() => {});
    server.crash();
  }, { network: { latencyMs: 5 } });
  return trace;
}

test("a trace is shown as text, with a column for each host", async () => {
  const trace = await shown();
  assert.equal(
    trace.toText({ last: 100, width: 30 }),
    [
      "     ms   client                        server",
      "      0   off we <go>",
      "      0   │── SYN ─────────────────────▶│",
      "      5   │◀─ SYN-ACK ──────────────────│",
      "     10   │── ACK ─────────────────────▶│",
      '     10   │── DATA 0+3 "a\\"\\n" ────────▶│',
      '     15   │◀─ DATA 0+3 "a\\"\\n" ─────────│',
      "     20   │── FIN ─────────────────────▶│",
      "     20   CUT client > server",
      "     20   │── SYN ─────────────────────✗│",
      "     25   │◀─ FIN ──────────────────────│",
      "     30   │                             │ ● CRASH",
      "     30   HEAL client > server",
    ].join("\n"),
  );
  assert.equal(trace.toText({ last: 1 }).split("\n").length, 2);
});

test("a trace is shown for Mermaid, as a picture and as data", async () => {
  const trace = await shown();
  const mermaid = trace.toMermaid();
  assert.match(mermaid, /^sequenceDiagram\n {2}participant h0 as client/);
  assert.match(mermaid, /\n {2}h0->>h1: 0 ms SYN\n/);
  assert.match(mermaid, /\n {2}h0--xh1: 20 ms SYN\n/);
  assert.match(mermaid, /\n {2}Note over h0,h1: 0 ms off we {2}go /);
  const svg = trace.toSVG();
  assert.match(svg, /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" /);
  assert.match(svg, /off we &lt;go&gt;/);
  assert.equal(svg.match(/<path /g)?.length, 7);
  const [first] = JSON.parse(JSON.stringify(trace));
  assert.deepEqual(first, {
    at: 0,
    from: "",
    to: "",
    what: "off we <go>",
    payload: "",
    isLost: false,
  });
});

test("trace: headers keeps payloads out", async () => {
  const { trace } = await simulate(async (sim) => {
    const { client } = twoHosts(sim);
    await client.run(() => ask("server:7", "secret"));
  }, { trace: "headers" });
  assert.ok(!trace.toText().includes("secret"));
  assert.match(trace.toText(), /DATA 0\+6/);
});
