/**
 * The end of a server.
 */

import assert from "node:assert/strict";
import {
  connect,
  listen as listenOn,
  type Runtime,
  type StreamSocket,
} from "../../mod.ts";
import type { RawStream } from "../../src/runtime/seam/stream.ts";
import {
  type ConnectionContext,
  serve,
  type Server,
  type StopReport,
} from "../../src/server/mod.ts";
import { FakeClock, memoryNetwork } from "../../src/testing/mod.ts";
import { test } from "../harness.ts";
import {
  addsUp,
  ask,
  clientOf,
  closeAll,
  deferred,
  echo,
  endOf,
  isReset,
  onEach,
  until,
} from "./support.ts";

/** Answers requests of one byte until the server stops. */
async function polite(
  connection: StreamSocket,
  { signal }: ConnectionContext,
): Promise<void> {
  while (true) {
    const bytes = await connection.recv({ signal });
    if (bytes === null) return;
    await connection.sendAll(bytes);
  }
}

onEach("a stop tells handlers, who end well", async (runtime) => {
  const reports: unknown[] = [];
  const server = await serve("127.0.0.1:0", polite, {
    runtime,
    onError: (error) => reports.push(error),
  });
  const clients = await Promise.all(
    Array.from({ length: 5 }, () => clientOf(server, runtime)),
  );
  for (const client of clients) assert.equal(await ask(client, "x"), "x");
  const stopped = server.stop();
  assert.equal(server.state, "stopping");
  const ends = await Promise.all(clients.map(async (client) => {
    const end = await endOf(client);
    await client.close();
    return end;
  }));
  assert.deepEqual(ends, Array(5).fill("end"));
  assert.deepEqual(await stopped, { finished: 5, reset: 0 });
  assert.equal(server.state, "closed");
  assert.deepEqual(reports, []);
  assert.equal(server.stats.finished, 5);
  addsUp(server.stats);
  await assert.rejects(connect(server.address, { runtime }), {
    code: "ECONNREFUSED",
  });
});

onEach("a stop lets a handler finish its answer", async (runtime) => {
  const go = deferred();
  const server = await serve("127.0.0.1:0", async (connection, { signal }) => {
    await connection.recv();
    await go.promise;
    assert.equal(signal.aborted, true);
    await connection.sendAll("the answer");
  }, { runtime });
  const client = await clientOf(server, runtime);
  await client.sendAll("?");
  await until(() => server.stats.bytesReceived === 1);
  const stopped = server.stop();
  await until(() => server.state === "stopping");
  go.resolve();
  assert.equal((await client.recvExactly(10)).length, 10);
  assert.equal(await endOf(client), "end");
  await client.close();
  assert.deepEqual(await stopped, { finished: 1, reset: 0 });
});

onEach("a stop takes whoever has come already", async (runtime) => {
  const server = await serve("127.0.0.1:0", async (connection) => {
    await connection.sendAll("x");
  }, { runtime });
  const clients = await Promise.all(
    Array.from({ length: 10 }, () => clientOf(server, runtime)),
  );
  const stopped = server.stop();
  const answers = await Promise.all(
    clients.map((client) => client.recvExactly(1).then(({ length }) => length)),
  );
  assert.deepEqual(answers, Array(10).fill(1));
  await closeAll(clients);
  const { finished, reset } = await stopped;
  assert.equal(reset, 0);
  assert.ok(finished <= 10);
  assert.equal(server.stats.finished, 10);
});

test("a stop takes whom the runtime had accepted when it closed", async () => {
  const runtime = memoryNetwork();
  const { listen } = runtime;
  let isHolding = false;
  const held = deferred();
  // As Deno: an accept that is under way may come to something after the close.
  runtime.listen = async (options) => {
    const raw = await Reflect.apply(listen, runtime, [options]);
    const late: RawStream[] = [];
    return {
      localAddress: raw.localAddress,
      attach: (sink) =>
        raw.attach({
          connection(stream) {
            if (!isHolding) return sink.connection(stream);
            late.push(stream);
            held.resolve();
          },
          failed: (fault) => sink.failed(fault),
          closed() {
            for (const stream of late) sink.connection(stream);
            sink.closed();
          },
        }),
      resume: () => raw.resume(),
      close: () => raw.close(),
      ref: (flag) => raw.ref(flag),
    };
  };
  const server = await serve("127.0.0.1:0", echo, { runtime });
  isHolding = true;
  const client = await clientOf(server, runtime);
  await held.promise;
  const stopped = server.stop();
  assert.equal(await ask(client, "late"), "late");
  await client.close();
  assert.deepEqual(await stopped, { finished: 1, reset: 0 });
  addsUp(server.stats);
  // Nobody serves behind a listener that is closed by itself.
  isHolding = false;
  const listener = await listenOn("127.0.0.1:0", { runtime });
  isHolding = true;
  const other = await connect(listener.getSockName(), { runtime });
  await listener.close();
  assert.equal(await endOf(other), "ECONNRESET");
  await other.close();
});

type Stubborn = (client: StreamSocket, go: Promise<void>) => Promise<void>;

/** What clients do who do not let go, and what their handler does. */
const STUBBORN: Readonly<Record<string, Stubborn>> = {
  "never reads": async (client) => {
    // A stop that resets at once may be quicker.
    await client.sendAll("read").catch(() => {});
  },
  "never writes": () => Promise.resolve(),
  "trickles": async (client, go) => {
    let isOver = false;
    void go.then(() => isOver = true);
    while (!isOver) {
      await client.sendAll(".").catch(() => isOver = true);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  },
};

for (const [name, act] of Object.entries(STUBBORN)) {
  for (const graceMs of [0, 80]) {
    onEach(
      `a stop ends a client that ${name} after ${graceMs} ms`,
      async (runtime) => {
        const server = await serve("127.0.0.1:0", async (connection) => {
          const bytes = await connection.recv();
          if (bytes?.length === 4) {
            await connection.sendAll(new Uint8Array(32_000_000));
          }
          for await (const _ of connection);
        }, { runtime });
        const client = await clientOf(server, runtime);
        const go = deferred();
        const acted = act(client, go.promise);
        await until(() => server.stats.active === 1);
        const start = performance.now();
        const report = await server.stop({ graceMs });
        assert.ok(performance.now() - start < graceMs + 500);
        assert.deepEqual(report, { finished: 0, reset: 1 });
        go.resolve();
        await acted;
        isReset(await endOf(client), runtime);
        await client.close({ lingerMs: 0 });
        assert.equal(server.stats.failed, 1);
        addsUp(server.stats);
      },
    );
  }
}

onEach(
  "a handler's pending call is told of the end of the grace",
  async (runtime) => {
    const told = deferred<unknown>();
    const reports: unknown[] = [];
    const server = await serve("127.0.0.1:0", async (connection) => {
      try {
        await connection.recv();
      } catch (error) {
        told.resolve(error);
        throw error;
      }
    }, { runtime, onError: (error) => reports.push(error) });
    const client = await clientOf(server, runtime);
    await until(() => server.stats.active === 1);
    await server.stop({ graceMs: 0 });
    await assert.rejects(Promise.reject(await told.promise), {
      code: "ECANCELED",
      message: /the server stops/,
    });
    await client.close({ lingerMs: 0 });
    assert.deepEqual(reports, []);
  },
);

onEach("a handler may stop its server and wait for it", async (runtime) => {
  const report = deferred<StopReport>();
  const server = await serve("127.0.0.1:0", async (connection, context) => {
    await connection.recv();
    report.resolve(await context.server.stop({ graceMs: 50 }));
  }, { runtime });
  const client = await clientOf(server, runtime);
  await client.sendAll("x");
  assert.deepEqual(await report.promise, { finished: 0, reset: 1 });
  assert.equal(server.state, "closed");
  await client.close({ lingerMs: 0 });
});

test("of several stops the shortest grace wins, and all are told", async () => {
  const clock = new FakeClock();
  const runtime = memoryNetwork({ clock });
  const server = await serve("127.0.0.1:0", echo, { runtime });
  const client = await clientOf(server, runtime);
  await until(() => server.stats.active === 1);
  const long = server.stop({ graceMs: 60_000 });
  await until(() => clock.pending > 0);
  clock.advance(1000);
  const short = server.stop({ graceMs: 5000 });
  const longer = server.stop({ graceMs: 90_000 });
  clock.advance(4999);
  assert.equal(await state(short), "pending");
  clock.advance(1);
  const reports = await Promise.all([long, short, longer, server.closed]);
  assert.deepEqual(reports, Array(4).fill({ finished: 0, reset: 1 }));
  assert.deepEqual(await server.stop(), reports[0]);
  assert.equal(clock.pending, 0);
  await client.close({ lingerMs: 0 });
});

async function state(promise: Promise<unknown>): Promise<string> {
  const settled = promise.then(() => "settled");
  const later = new Promise<string>((resolve) =>
    setTimeout(() => resolve("pending"), 20)
  );
  return await Promise.race([settled, later]);
}

test("a stop of another grace than a number is the caller's mistake", async () => {
  const runtime = memoryNetwork();
  await using server = await serve("127.0.0.1:0", echo, { runtime });
  await assert.rejects(server.stop({ graceMs: -1 }), RangeError);
  await assert.rejects(server.stop({ graceMs: "1" as never }), TypeError);
  await assert.rejects(server.stop({ grace: 1 } as never), TypeError);
  assert.equal(server.state, "listening");
});

onEach("the abort of its signal stops a server", async (runtime) => {
  const controller = new AbortController();
  const { signal } = controller;
  const server = await serve("127.0.0.1:0", polite, { runtime, signal });
  const client = await clientOf(server, runtime);
  assert.equal(await ask(client, "x"), "x");
  controller.abort();
  assert.equal(await endOf(client), "end");
  await client.close();
  assert.deepEqual(await server.closed, { finished: 1, reset: 0 });
});

onEach(
  "a close that takes its time is cut at the end of the grace",
  async (runtime) => {
    const server = await serve("127.0.0.1:0", async (connection) => {
      // Most of it is unwritten when the handler has settled.
      await connection.send(new Uint8Array(8_000_000)).catch(() => {});
    }, { runtime });
    const client = await clientOf(server, runtime);
    await until(() => server.stats.bytesSent > 0);
    const start = performance.now();
    await server.stop({ graceMs: 30 });
    assert.ok(performance.now() - start < 1000);
    addsUp(server.stats);
    await client.close({ lingerMs: 0 });
  },
);

onEach("a server can be used and disposed of", async (runtime) => {
  let outer: Server;
  {
    await using server = await serve("127.0.0.1:0", echo, { runtime });
    outer = server;
    await visitOnce(server, runtime);
  }
  assert.equal(outer.state, "closed");
});

async function visitOnce(server: Server, runtime: Runtime): Promise<void> {
  await using client = await clientOf(server, runtime);
  assert.equal(await ask(client, "x"), "x");
}
