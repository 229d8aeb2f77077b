/**
 * What befalls hosts: crashes, stops, clocks that are wrong.
 */

import assert from "node:assert/strict";
import {
  connect,
  currentRuntime,
  listen,
  type StreamSocket,
} from "../../mod.ts";
import { type Fault, type Host, simulate } from "../../src/testing/mod.ts";
import { test } from "../harness.ts";
import { ask, echo, twoHosts } from "./scenarios.ts";

/** The code that a call fails with, and the virtual time at which it does. */
async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    return `no failure: ${await call}`;
  } catch (error) {
    return (error as { code?: string }).code ?? `${error}`;
  }
}

test("a crashed host says nothing, and its peer times out in 15 minutes", async () => {
  const { value } = await simulate(async (sim) => {
    const { server, client } = twoHosts(sim);
    return await client.run(async () => {
      const sock = await connect("server:7");
      await sock.sendAll("a");
      await sock.recv();
      server.crash();
      await sock.sendAll("b");
      const code = await codeOf(sock.recv());
      return [code, Math.round(sim.now / 60_000)];
    });
  });
  assert.deepEqual(value, ["ETIMEDOUT", 15]);
});

test("a restarted host answers RST to a connection of its earlier life", async () => {
  const { value } = await simulate(async (sim) => {
    const { server, client } = twoHosts(sim);
    return await client.run(async () => {
      const sock = await connect("server:7");
      await sock.sendAll("a");
      await sock.recv();
      server.crash();
      await server.restart();
      await sock.sendAll("b");
      return [await codeOf(sock.recv()), await ask("server:7", "again")];
    });
  });
  assert.deepEqual(value, ["ECONNRESET", "again"]);
});

test("a connect reaches the host that has started anew meanwhile", async () => {
  const { value } = await simulate(async (sim) => {
    const { server, client } = twoHosts(sim);
    server.crash();
    const asking = client.run(() => ask("server:7", "hello"));
    await sim.sleep(500);
    await server.restart();
    return [await asking, Math.round(sim.now)];
  });
  // The SYN is sent again after a second.
  assert.deepEqual(value, ["hello", 1_004]);
});

test("timers of a crashed host never fire and its promises stay pending", async () => {
  const { value } = await simulate(async (sim) => {
    const seen: string[] = [];
    const host = sim.host("a", async () => {
      seen.push("start");
      setTimeout(() => seen.push("timer"), 10);
      const listener = await listen("0.0.0.0:1");
      await listener.accept();
      seen.push("accepted");
    });
    await sim.sleep(5);
    host.crash();
    const pending = host.run(() => Promise.resolve()).then(() => "settled");
    await sim.sleep(100);
    assert.equal(await Promise.race([pending, sim.settle()]), undefined);
    return seen;
  });
  assert.deepEqual(value, ["start"]);
});

test("a host starts anew with empty memory, and keeps its disk", async () => {
  const { value } = await simulate(async (sim) => {
    const seen: string[] = [];
    const host: Host = sim.host("a", async () => {
      const count = (host.disk.get("starts")?.[0] ?? 0) + 1;
      await listen("0.0.0.0:1");
      host.disk.set("starts", Uint8Array.of(count));
      seen.push(`start ${count}`);
    });
    await sim.sleep(1);
    host.crash();
    await sim.sleep(1);
    // The port is free again.
    await host.restart();
    await sim.sleep(1);
    return seen;
  });
  assert.deepEqual(value, ["start 1", "start 2"]);
});

test("the socket of an earlier life does nothing any more", async () => {
  const { value, trace } = await simulate(async (sim) => {
    let old: StreamSocket | undefined;
    const { server, client } = twoHosts(sim);
    await client.run(async () => {
      old = await connect("server:7");
    });
    client.crash();
    await client.restart();
    const sent = old!.sendAll("x").then(() => "sent", () => "failed");
    return await Promise.race([
      sent,
      sim.sleep(1_000).then(() => server.name),
    ]);
  });
  assert.notEqual(value, "sent");
  assert.ok(![...trace].some(({ what }) => what.startsWith("DATA")));
});

test("a stopped host acknowledges until it is full, and goes on later", async () => {
  const { value } = await simulate(async (sim) => {
    const { server, client } = twoHosts(sim);
    return await client.run(async () => {
      const sock = await connect("server:7");
      server.stop();
      await sock.sendAll("hello");
      const early = await codeOf(sock.recv({ timeoutMs: 5_000 }));
      server.resume();
      const late = new TextDecoder().decode(await sock.recv() ?? undefined);
      return [early, late];
    });
  });
  assert.deepEqual(value, ["ETIMEDOUT", "hello"]);
});

test("timers of a stopped host wait", async () => {
  const { value } = await simulate(async (sim) => {
    let fired = 0;
    const host = sim.host("a", async () => {
      while (true) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        fired++;
      }
    });
    await sim.sleep(35);
    host.stop();
    await sim.sleep(1_000);
    const stopped = fired;
    host.resume();
    await sim.sleep(35);
    return [stopped, fired];
  });
  assert.deepEqual(value, [3, 7]);
});

test("skew and drift move a host's wall clock, and no timer", async () => {
  const { value } = await simulate(async (sim) => {
    const ahead = sim.host("ahead", undefined, { clockSkewMs: 5_000 });
    const fast = sim.host("fast", undefined, { clockDriftPpm: 1_000 });
    await sim.sleep(10_000);
    const read = () => Promise.resolve(Date.now());
    const now = Date.now();
    return [await ahead.run(read) - now, await fast.run(read) - now];
  });
  assert.deepEqual(value, [5_000, 10]);
});

test("currentRuntime is the host's own inside", async () => {
  const before = currentRuntime();
  const { value } = await simulate(async (sim) => {
    const [a, b] = [sim.host("a"), sim.host("b")];
    const own = await a.run(() => Promise.resolve(currentRuntime()));
    assert.equal(own, a.runtime);
    assert.notEqual(a.runtime, b.runtime);
    return own.name;
  });
  assert.equal(value, "simulation");
  assert.equal(currentRuntime(), before);
});

const PLANS: readonly (readonly [string, Fault, string, string])[] = [
  [
    "rules",
    { at: 10, forMs: 100, rules: { connect: "refuse" } },
    "ECONNREFUSED",
    "ok",
  ],
  [
    "partition",
    { at: 10, forMs: 100, partition: [["server"]] },
    "ETIMEDOUT",
    "ok",
  ],
  [
    "crash",
    { at: 10, crash: "server", restartAfterMs: 100 },
    "ETIMEDOUT",
    "ok",
  ],
  ["stop", { at: 10, forMs: 100, stop: "server" }, "ETIMEDOUT", "ok"],
];

for (const [kind, fault, during, after] of PLANS) {
  test(`a fault of a plan acts and is undone: ${kind}`, async () => {
    const { value, fired } = await simulate(async (sim) => {
      sim.host("server", () => echo("0.0.0.0:7"));
      const client = sim.host("client");
      const look = () => client.run(() => codeOf(ask("server:7", "ok", 30)));
      const codes = [await look()];
      await sim.sleep(20 - sim.now);
      codes.push(await look());
      await sim.sleep(5_000);
      codes.push(await look());
      return codes;
    }, { faults: [fault] });
    const ok = "no failure: ok";
    assert.deepEqual(value, [ok, during, after === "ok" ? ok : after]);
    assert.deepEqual(fired.map(({ key }) => key).slice(0, 1), ["plan 0"]);
  });
}

test("a fault of a plan acts and is undone: skew", async () => {
  const { value } = await simulate(async (sim) => {
    const host = sim.host("a");
    const read = () => host.run(() => Promise.resolve(Date.now()));
    const start = await read();
    await sim.sleep(20);
    const during = await read() - start;
    await sim.sleep(100);
    return [during, await read() - start];
  }, { faults: [{ at: 10, forMs: 50, skew: "a", byMs: -3_000 }] });
  assert.deepEqual(value, [-2_980, 120]);
});

test("only keeps the faults with these keys", async () => {
  const faults: readonly Fault[] = [{ at: 1, crash: "a" }, {
    at: 2,
    crash: "b",
  }];
  const { fired } = await simulate(async (sim) => {
    sim.host("a");
    sim.host("b");
    await sim.sleep(5);
  }, { faults, only: new Set(["plan 1"]) });
  assert.deepEqual(fired, [{ key: "plan 1", at: 2 }]);
});
