/**
 * Servers of datagrams.
 */

import assert from "node:assert/strict";
import {
  type Address,
  AF_INET,
  type DatagramSocket,
  type Runtime,
  SOCK_DGRAM,
  socket,
} from "../../mod.ts";
import {
  type DatagramHandler,
  type DatagramServer,
  serveDatagrams,
} from "../../src/server/mod.ts";
import { memoryNetwork } from "../../src/testing/mod.ts";
import { test } from "../harness.ts";
import { deferred, onEach, until } from "./support.ts";

const echo: DatagramHandler = (data, address, socket) =>
  socket.sendTo(data, address).then(() => {});

function client(runtime: Runtime): DatagramSocket {
  return socket(AF_INET, SOCK_DGRAM, 0, { runtime });
}

function addsUp({ stats }: DatagramServer): void {
  const { received, active, finished, failed, dropped } = stats;
  assert.equal(received, active + finished + failed + dropped);
}

onEach("a server of datagrams calls its handler for each", async (runtime) => {
  await using server = await serveDatagrams("127.0.0.1:0", echo, { runtime });
  await using one = client(runtime);
  for (const text of ["one", "two", "three"]) {
    await one.sendTo(text, server.address);
    const [data, from] = await one.recvFrom();
    assert.equal(new TextDecoder().decode(data), text);
    assert.deepEqual(from, server.address);
  }
  await until(() => server.stats.finished === 3);
  addsUp(server);
});

onEach("a datagram's handler that fails harms nobody", async (runtime) => {
  const reports: [unknown, Address | undefined][] = [];
  await using server = await serveDatagrams("127.0.0.1:0", (data, ...rest) => {
    if (data.length === 1) throw new Error("thrown");
    if (data.length === 2) return Promise.reject(new Error("rejected"));
    return echo(data, ...rest);
  }, {
    runtime,
    onError: (error, address) => {
      reports.push([error, address]);
      throw new Error("and this is written down");
    },
  });
  await using one = client(runtime);
  const { error } = console;
  const written: unknown[] = [];
  console.error = (first: unknown) => written.push(first);
  try {
    for (const text of ["1", "22", "333"]) {
      await one.sendTo(text, server.address);
    }
    await one.recvFrom();
    await until(() => server.stats.failed === 2 && written.length === 2);
  } finally {
    console.error = error;
  }
  const messages = reports.map(([each]) => (each as Error).message);
  assert.deepEqual(messages.sort(), ["rejected", "thrown"]);
  assert.ok(reports.every(([, address]) => address !== undefined));
  addsUp(server);
});

onEach(
  "datagrams above maxPending are dropped and counted",
  async (runtime) => {
    const go = deferred();
    await using server = await serveDatagrams("127.0.0.1:0", () => go.promise, {
      runtime,
      maxPending: 2,
    });
    await using one = client(runtime);
    for (let i = 0; i < 5; i++) await one.sendTo("x", server.address);
    await until(() => server.stats.received === 5);
    const { active, dropped } = server.stats;
    assert.deepEqual([active, dropped], [2, 3]);
    go.resolve();
    await until(() => server.stats.finished === 2);
    await one.sendTo("x", server.address);
    await until(() => server.stats.finished === 3);
    addsUp(server);
  },
);

onEach(
  "a stop waits for handlers of datagrams, within its grace",
  async (runtime) => {
    for (const graceMs of [10_000, 20]) {
      const go = deferred();
      const server = await serveDatagrams("127.0.0.1:0", async (...args) => {
        await go.promise;
        await echo(...args);
      }, { runtime, graceMs, onError: () => {} });
      await using one = client(runtime);
      await one.sendTo("x", server.address);
      await until(() => server.stats.active === 1);
      const stopped = server.stop();
      assert.equal(server.state, "stopping");
      if (graceMs === 20) {
        assert.deepEqual(await stopped, { finished: 0, reset: 1 });
        go.resolve();
        await until(() => server.stats.active === 0);
        addsUp(server);
        continue;
      }
      go.resolve();
      assert.equal((await one.recvFrom())[0].length, 1);
      assert.deepEqual(await stopped, { finished: 1, reset: 0 });
      assert.deepEqual(await server.stop(), { finished: 1, reset: 0 });
      assert.equal(server.state, "closed");
    }
  },
);

onEach("an abort stops a server of datagrams", async (runtime) => {
  const controller = new AbortController();
  const { signal } = controller;
  const server = await serveDatagrams("127.0.0.1:0", echo, { runtime, signal });
  controller.abort();
  assert.deepEqual(await server.closed, { finished: 0, reset: 0 });
});

test("a server of datagrams says what it cannot do before it binds", async () => {
  const runtime = memoryNetwork();
  const wrong = (options: object) =>
    serveDatagrams("127.0.0.1:9", echo, { runtime, ...options });
  for (
    const options of [
      ...[{ maxPending: "1" }, { onError: 1 }, { maxpending: 1 }, {
        signal: 1,
      }],
    ]
  ) await assert.rejects(wrong(options), TypeError);
  for (
    const options of [{ maxPending: 0 }, { maxPending: 0.5 }, { graceMs: -1 }]
  ) {
    await assert.rejects(wrong(options), RangeError);
  }
  await assert.rejects(serveDatagrams("127.0.0.1:9", 5 as never), TypeError);
  const reason = new Error("no");
  await assert.rejects(wrong({ signal: AbortSignal.abort(reason) }), reason);
  await using server = await wrong({});
  await assert.rejects(wrong({}), { code: "EADDRINUSE" });
  assert.equal(server.state, "listening");
});
