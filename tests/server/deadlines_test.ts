/**
 * The deadlines of a server's connections, on a clock that stands still.
 */

import assert from "node:assert/strict";
import type { Runtime, SocketError, StreamSocket } from "../../mod.ts";
import { serve, type ServeOptions, type Server } from "../../src/server/mod.ts";
import { FakeClock, memoryNetwork } from "../../src/testing/mod.ts";
import { test } from "../harness.ts";
import {
  addsUp,
  ask,
  clientOf,
  deferred,
  echo,
  onEach,
  until,
} from "./support.ts";

interface Bench {
  readonly clock: FakeClock;
  readonly runtime: Runtime;
  readonly server: Server;
  readonly client: StreamSocket;
}

async function bench(
  options: ServeOptions,
  handler: (connection: StreamSocket) => Promise<void> = echo,
): Promise<Bench> {
  const clock = new FakeClock();
  const runtime = memoryNetwork({ clock });
  const server = await serve("127.0.0.1:0", handler, { runtime, ...options });
  const client = await clientOf(server, runtime);
  await until(() => server.connections.size === 1);
  return { clock, runtime, server, client };
}

async function end({ clock, server, client }: Bench): Promise<void> {
  await Promise.all([
    client.close({ lingerMs: 0 }),
    server.stop({ graceMs: 0 }),
  ]);
  addsUp(server.stats);
  assert.equal(clock.pending, 0, "a timer is left");
}

const timedOut = (server: Server) => server.stats.timedOut;

// Of each: the limit, how often it is looked at, and when the last byte comes.
const IDLE:
  readonly (readonly [limitMs: number, stepMs: number, at: number])[] = [
    [1000, 250, 0],
    [1000, 250, 1],
    [1000, 250, 249],
    [1000, 250, 250],
    [1000, 250, 700],
    [60_000, 1000, 31_500],
    // A second does not divide it: the look comes a little more often.
    [10_500, 10_500 / 11, 1],
    [10_500, 10_500 / 11, 5_000],
    [2, 0.5, 1],
  ];

for (const [limitMs, stepMs, at] of IDLE) {
  test(`idle for ${limitMs} ms after a byte at ${at} is noticed in time`, async () => {
    const each = await bench({ idleTimeoutMs: limitMs });
    const { clock, server, client } = each;
    clock.advance(at);
    if (at > 0) assert.equal(await ask(client, "x"), "x");
    clock.advance(limitMs - 0.001);
    assert.equal(timedOut(server).idle, 0, "never early");
    assert.equal(client.isClosed, false);
    clock.advance(stepMs + 0.001);
    await until(() => timedOut(server).idle === 1);
    await assert.rejects(client.recv(), { code: "ECONNRESET" });
    await end(each);
  });
}

test("a connection that moves a byte in time is never idle", async () => {
  for (const direction of ["in", "out"]) {
    let pulse = deferred();
    const each = await bench({ idleTimeoutMs: 1500 }, async (connection) => {
      if (direction === "in") { for await (const _ of connection); }
      else while (true) await pulse.promise.then(() => connection.sendAll("x"));
    });
    const { clock, server, client } = each;
    for (let second = 0; second < 100; second++) {
      clock.advance(1000);
      const { bytesReceived, bytesSent } = server.stats;
      if (direction === "in") await client.sendAll("x");
      else {
        const last = pulse;
        pulse = deferred();
        last.resolve();
        await client.recv();
      }
      await until(() => {
        const now = server.stats;
        return now.bytesReceived + now.bytesSent > bytesReceived + bytesSent;
      });
    }
    assert.equal(server.stats.active, 1);
    clock.advance(2000);
    await until(() => timedOut(server).idle === 1);
    await end(each);
  }
});

test("a pending call is told that the time is up", async () => {
  const told = deferred<SocketError>();
  const reports: unknown[] = [];
  const each = await bench({
    idleTimeoutMs: 1000,
    onError: (error) => reports.push(error),
  }, async (connection) => {
    try {
      await connection.recv();
    } catch (error) {
      told.resolve(error as SocketError);
      throw error;
    }
  });
  each.clock.advance(1250);
  const error = await told.promise;
  assert.deepEqual([error.name, error.code], ["TimeoutError", "ETIMEDOUT"]);
  assert.match(error.message, /idle/);
  await until(() => reports.length > 0);
  await end(each);
  assert.deepEqual(reports, [error]);
  assert.equal(each.server.stats.failed, 0);
});

test("a connection lasts as long as it may and no longer", async () => {
  const each = await bench({ maxConnectionMs: 10_000, idleTimeoutMs: 4000 });
  const { clock, server, client } = each;
  for (let second = 0; second < 9; second++) {
    clock.advance(1000);
    assert.equal(await ask(client, "x"), "x");
  }
  clock.advance(999);
  assert.equal(timedOut(server).age, 0);
  clock.advance(1001);
  await until(() => timedOut(server).age === 1);
  await end(each);
});

test("no timer runs without deadlines, nor without connections", async () => {
  const without = await bench({});
  assert.equal(without.clock.pending, 0);
  await end(without);
  const each = await bench({ idleTimeoutMs: 1000 });
  assert.equal(each.clock.pending, 1);
  await each.client.close();
  await until(() => each.server.stats.active === 0);
  each.clock.advance(250);
  assert.equal(each.clock.pending, 0);
  // It runs again for the next.
  const next = await clientOf(each.server, each.runtime);
  await until(() => each.server.stats.active === 1);
  assert.equal(each.clock.pending, 1);
  await next.close({ lingerMs: 0 });
  await end(each);
});

test("a handler that never settles does not outlive its deadline", async () => {
  const each = await bench(
    { maxConnectionMs: 1000 },
    () => new Promise(() => {}),
  );
  each.clock.advance(2000);
  await until(() => timedOut(each.server).age === 1);
  await assert.rejects(each.client.recv(), { code: "ECONNRESET" });
  await end(each);
});

test("a PROXY header that does not come in time is no handler's", async () => {
  const each = await bench({
    handshakeTimeoutMs: 1000,
    idleTimeoutMs: null,
    proxyProtocol: { from: ["127.0.0.1"] },
  }, () => Promise.reject(new Error("a handler was called")));
  const { clock, server, client } = each;
  await client.sendAll("PROXY TCP4 1.2.3.4");
  clock.advance(999);
  assert.equal(timedOut(server).handshake, 0);
  clock.advance(251);
  await until(() => timedOut(server).handshake === 1);
  await assert.rejects(client.recv(), { code: "ECONNRESET" });
  const { accepted, rejected } = server.stats;
  assert.deepEqual([accepted, rejected.proxy], [1, 0]);
  await end(each);
});

onEach(
  "an idle connection is reset on the clock of the system",
  async (runtime) => {
    const server = await serve("127.0.0.1:0", echo, {
      runtime,
      idleTimeoutMs: 60,
    });
    const client = await clientOf(server, runtime);
    assert.equal(await ask(client, "x"), "x");
    await until(() => server.stats.timedOut.idle === 1);
    await client.close({ lingerMs: 0 });
    await server.stop();
    addsUp(server.stats);
  },
);
