/**
 * What a run is: its time, its end, how it fails and repeats itself.
 */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { connect, listen } from "../../mod.ts";
import {
  liveHandles,
  NotDeterministic,
  simulate,
  SimulationFailed,
  SimulationStuck,
} from "../../src/testing/mod.ts";
import { test } from "../harness.ts";
import { thisRuntime } from "../runtimes.ts";
import { ask, twoHosts } from "./scenarios.ts";

/** The failure of a run, whose cause is of a class. */
async function failure(run: Promise<unknown>): Promise<SimulationFailed> {
  try {
    await run;
  } catch (error) {
    assert.ok(error instanceof SimulationFailed, `${error}`);
    return error;
  }
  assert.fail("it did not fail");
}

test("a day passes in a moment when nothing else is to happen", async () => {
  const run = await simulate(async (sim) => {
    const start = performance.now();
    await sim.sleep(86_400_000);
    return performance.now() - start;
  });
  assert.equal(run.value, 86_400_000);
  assert.equal(run.virtualMs, 86_400_000);
  assert.ok(run.events < 10, `${run.events}`);
  assert.equal(run.isExact, true);
});

test("hosts find each other by name and talk when one listens", async () => {
  const before = liveHandles();
  const { value, virtualMs } = await simulate(async (sim) => {
    const { client } = twoHosts(sim);
    return await client.run(() => ask("server:7", "hello"));
  });
  assert.equal(value, "hello");
  // The handshake, the question and its answer: four ways of 1 ms.
  assert.ok(virtualMs >= 4 && virtualMs < 5, `${virtualMs}`);
  assert.deepEqual(liveHandles(), before);
});

test("events at one instant run in the order of asking", async () => {
  const { value } = await simulate(async (sim) => {
    const order: number[] = [];
    for (let i = 0; i < 5; i++) setTimeout(() => order.push(i), 10);
    await sim.sleep(10);
    return order;
  });
  assert.deepEqual(value, [0, 1, 2, 3, 4]);
});

test("a microtask of one event runs before the next event", async () => {
  const { value } = await simulate(async (sim) => {
    const order: string[] = [];
    for (const name of ["a", "b"]) {
      setTimeout(async () => {
        for (let i = 0; i < 100; i++) await null;
        order.push(name);
      }, 5);
    }
    setTimeout(() => order.push("c"), 5);
    await sim.sleep(5);
    return order.join("");
  });
  assert.equal(value, "abc");
});

test("settle waits for what is due, and lets no time pass", async () => {
  const { value } = await simulate(async (sim) => {
    let isDone = false;
    setTimeout(() => isDone = true, 1);
    await sim.settle();
    const early = isDone;
    await sim.sleep(1);
    await sim.settle();
    return [early, isDone, sim.now];
  });
  assert.deepEqual(value, [false, true, 1]);
});

test("a scenario's rejection is the cause, and the message repeats it", async () => {
  const error = await failure(simulate(async (sim) => {
    const { client } = twoHosts(sim);
    await client.run(() => ask("server:7", "a\n"));
    throw new TypeError("nine is no number of mine");
  }, { seed: 9 }));
  assert.ok(error.cause instanceof TypeError);
  assert.match(error.message, /nine is no number of mine\nseed 9 /);
  assert.match(error.message, /ANYSOCK_SEED=9/);
  assert.match(error.message, /DATA 0\+2 "a\\n"/);
  assert.equal(error.run.seed, 9);
});

test("the rejection of a host's main fails the run", async () => {
  const error = await failure(simulate((sim) => {
    sim.host("a", () => Promise.reject(new Error("main is broken")));
    return new Promise(() => {});
  }));
  assert.match(error.message, /^main is broken/);
});

test("a rejection inside that nobody handles fails the run", async () => {
  const error = await failure(simulate(async (sim) => {
    void Promise.reject(new Error("nobody cares"));
    await sim.sleep(10);
  }));
  assert.match(error.message, /^nobody cares/);
}, {
  skip: thisRuntime() === "bun" && "bun test tells nobody but itself of those",
});

test("a check is asked after every event, and ends the run", async () => {
  const error = await failure(simulate(async (sim) => {
    let count = 0;
    sim.check("less than three", () => count < 3);
    while (true) {
      await sim.sleep(1);
      count++;
    }
  }));
  assert.match(error.message, /^It does not hold: less than three/);
  assert.equal(error.run.virtualMs, 3);
});

test("a run is stuck when nothing can happen, and says who waits for what", async () => {
  const error = await failure(simulate(async (sim) => {
    sim.host("db", async () => {
      const listener = await listen("0.0.0.0:5432");
      await listener.accept();
      await listener.accept();
    });
    await sim.host("web").run(async () => {
      await (await connect("db:5432")).recv();
    });
  }, { graceMs: 1 }));
  assert.ok(error.cause instanceof SimulationStuck, `${error.cause}`);
  assert.match(error.message, /db: accept at 0\.0\.0\.0:5432/);
  assert.match(error.message, /web: recv from 10\.0\.0\.1:5432/);
});

const BOUNDS: readonly (readonly [string, object, RegExp])[] = [
  ["maxVirtualMs", { maxVirtualMs: 50 }, /no end within 50 virtual ms/],
  ["maxEvents", { maxEvents: 50 }, /no end within 50 events/],
];

for (const [name, options, text] of BOUNDS) {
  test(`${name} ends a run that goes on for ever`, async () => {
    const error = await failure(simulate(async (sim) => {
      while (true) await sim.sleep(1);
    }, options));
    assert.ok(error.cause instanceof SimulationStuck);
    assert.match(error.message, text);
  });
}

test("a loop that waits by looking at the clock is stuck", async () => {
  const error = await failure(simulate(() => {
    const end = performance.now() + 1;
    while (performance.now() < end);
    return Promise.resolve();
  }));
  assert.match(error.message, /looks at the clock for ever/);
});

test("the same seed gives the same history and another one another", async () => {
  const run = (seed: number) =>
    simulate(async (sim) => {
      const { client } = twoHosts(sim);
      for (let i = 0; i < 5; i++) {
        await client.run(() => ask("server:7", "hello"));
      }
    }, { seed, network: { latencyMs: [1, 30], lossRate: 0.1 } });
  const [one, again, other] = [await run(3), await run(3), await run(4)];
  assert.equal(one.hash, again.hash);
  assert.deepEqual(one.fired, again.fired);
  assert.notEqual(one.hash, other.hash);
});

test("two runs at once do not see each other", async () => {
  const run = (name: string) =>
    simulate(async (sim) => {
      const { client } = twoHosts(sim);
      const answers = [];
      for (let i = 0; i < 10; i++) {
        answers.push(await client.run(() => ask("server:7", name)));
      }
      return answers.join("");
    });
  const [one, other] = await Promise.all([run("a"), run("b")]);
  assert.equal(one.value, "a".repeat(10));
  assert.equal(other.value, "b".repeat(10));
  assert.equal(one.virtualMs, other.virtualMs);
});

test("external keeps the clock still while real work is done", async () => {
  const { value } = await simulate(async (sim) => {
    setTimeout(() => {}, 1_000);
    const text = await sim.external(readFile("deno.json", "utf8"));
    return [sim.now, text.length > 0];
  }, { check: true });
  assert.deepEqual(value, [0, true]);
});

/** Saved before any simulation, so that none can replace it. */
const realTimeout = setTimeout;

test("a wake-up from outside makes a run inexact", async () => {
  const run = await simulate(async (sim) => {
    await new Promise((resolve) => realTimeout(resolve, 2));
    await sim.sleep(1);
  }, { graceMs: 10_000 });
  assert.equal(run.isExact, false);
  assert.equal(run.virtualMs, 1);
});

test("check finds what differs from run to run", async () => {
  let runs = 0;
  await assert.rejects(
    simulate(async (sim) => {
      const { client } = twoHosts(sim);
      await client.run(() => ask("server:7", `run ${++runs}`));
    }, { check: true }),
    (error) => {
      assert.ok(error instanceof NotDeterministic, `${error}`);
      assert.match(error.message, /run 1.*run 2/);
      return true;
    },
  );
});

test("check finds a real timer that comes between virtual ones", async () => {
  let runs = 0;
  await assert.rejects(
    simulate(async (sim) => {
      const ticking = setInterval(() => {}, 1);
      const ms = 4 ** ++runs;
      await new Promise((resolve) => realTimeout(resolve, ms));
      clearInterval(ticking);
      sim.note("woken");
    }, { check: true }),
    NotDeterministic,
  );
});

test("what is left of a run does nothing after its end", async () => {
  let late = 0;
  await simulate(async (sim) => {
    sim.host("a", async () => {
      await listen("0.0.0.0:1");
      setInterval(() => late++, 1);
    });
    await sim.sleep(5.5);
  });
  assert.equal(late, 5);
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(late, 5);
});

const MISUSES: readonly (readonly [string, object, RegExp])[] = [
  ["an unknown option", { speed: 1 }, /no option/],
  ["a seed of 1.5", { seed: 1.5 }, /seed/],
  ["a start that is no time", { startsAt: "soon" }, /startsAt/],
  ["a limit of 0", { maxEvents: 0 }, /maxEvents/],
  ["a rule that is none", { network: { lost: 1 } }, /no option/],
  ["a rate above 1", { network: { lossRate: 2 } }, /lossRate/],
  ["a range upside down", { network: { latencyMs: [2, 1] } }, /latencyMs/],
  ["a fault that is none", { faults: [{ at: 1, burn: "a" }] }, /crash/],
  ["a fault before the start", { faults: [{ at: -1, crash: "a" }] }, /-1/],
];

for (const [what, options, text] of MISUSES) {
  test(`simulate refuses ${what}`, async () => {
    await assert.rejects(
      simulate(() => Promise.resolve(), options as never),
      text,
    );
  });
}

test("code of the scenario that is on no host has no network", async () => {
  const error = await failure(simulate(async (sim) => {
    sim.host("server");
    await connect("server:7");
  }));
  assert.match(error.message, /no host of the simulation/);
});

for (const count of [1, 64, 65, 128]) {
  test(`the hash is that of all lines, were there ${count}`, async () => {
    const { hash, trace } = await simulate((sim) => {
      for (let i = 0; i < count; i++) sim.note(`line ${i}`);
      return Promise.resolve();
    });
    const lines = [...trace].map(({ what }) => `0 > ${what} \n`);
    const expected = createHash("sha256").update(lines.join("")).digest("hex");
    assert.equal(lines.length, count);
    assert.equal(hash, expected);
  });
}

test("the failure of a run names ten faults, and counts the others", async () => {
  const failing = (count: number) =>
    simulate((sim) => {
      for (let i = 0; i < count; i++) sim.chance(1, `key ${i}`);
      return Promise.reject(new Error("no"));
    }).then(() => "", (error: SimulationFailed) => error.message);
  const ten = await failing(10);
  assert.match(ten, /10 faults came true: key 0; .*; key 9$/m);
  const twelve = await failing(12);
  assert.match(twelve, /12 faults came true: key 0; .*; key 9 and 2 more$/m);
});
