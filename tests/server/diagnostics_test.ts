/**
 * What a server publishes: each event once, in order, and nothing where nobody
 * listens.
 */

import assert from "node:assert/strict";
import diagnostics from "node:diagnostics_channel";
import { Fault, type Runtime, type StreamSocket } from "../../mod.ts";
import { serve } from "../../src/server/mod.ts";
import { FakeClock, memoryNetwork } from "../../src/testing/mod.ts";
import { test } from "../harness.ts";
import { ask, clientOf, echo, endOf, until, visit } from "./support.ts";

const EVENTS = [
  ...["listening", "connection", "close", "error", "reject"],
  ...["descriptors", "stop"],
];

/** What was told of a message, with what can be compared. */
type Told = readonly [event: string, detail: unknown];

async function recorded(work: () => Promise<void>): Promise<Told[]> {
  const told: Told[] = [];
  const forgets = EVENTS.map((event) => {
    const name = `anysock:server:${event}`;
    const listener = (message: unknown) => {
      const { reason, error } = message as { reason?: string; error?: Error };
      told.push([event, reason ?? error?.message ?? null]);
    };
    diagnostics.subscribe(name, listener);
    return () => diagnostics.unsubscribe(name, listener);
  });
  try {
    await work();
  } finally {
    for (const forget of forgets) forget();
  }
  return told;
}

test("a server publishes each event once and in order", async () => {
  const clock = new FakeClock();
  const runtime = memoryNetwork({ clock });
  const told = await recorded(async () => {
    const server = await serve("127.0.0.1:0", async (connection) => {
      const bytes = await connection.recv();
      if (bytes?.length === 3) throw new Error("bad");
      if (bytes?.length === 2) await connection.recv();
    }, {
      ...{ runtime, maxConnections: 1, whenFull: "reset" as const },
      ...{ idleTimeoutMs: 1000, onError: () => {} },
    });
    for (const text of ["x", "bad", "id"]) {
      const client = await clientOf(server, runtime);
      await client.sendAll(text);
      await until(() => server.stats.active === 1 || text !== "id");
      if (text === "id") {
        await until(() => server.stats.bytesReceived === 6);
        assert.equal(await visit(server, runtime), "ECONNRESET");
        clock.advance(3000);
      }
      await endOf(client);
      await client.close();
      await until(() => server.stats.active === 0);
    }
    const last = await clientOf(server, runtime);
    await until(() => server.stats.active === 1);
    await server.stop({ graceMs: 0 });
    await last.close();
  });
  assert.deepEqual(told, [
    ["listening", null],
    ["connection", null],
    ["close", "done"],
    ["connection", null],
    ["error", "bad"],
    ["close", "error"],
    ["connection", null],
    ["reject", "full"],
    ["error", told[8]?.[1]],
    ["close", "idle"],
    ["connection", null],
    ["stop", null],
    ["close", "stop"],
  ]);
});

test("the close of a connection tells what it was", async () => {
  const runtime = memoryNetwork();
  const messages: Record<string, unknown>[] = [];
  const listener = (message: unknown) =>
    void messages.push(message as Record<string, unknown>);
  diagnostics.subscribe("anysock:server:close", listener);
  const server = await serve("127.0.0.1:0", echo, { runtime });
  const client = await clientOf(server, runtime);
  await ask(client, "hello");
  const [context] = server.connections;
  await client.close();
  await server.stop();
  diagnostics.unsubscribe("anysock:server:close", listener);
  const [{ durationMs, ...rest } = {}] = messages;
  assert.ok(Number(durationMs) >= 0);
  assert.deepEqual(rest, {
    ...{ server, context, bytesReceived: 5, bytesSent: 5, reason: "done" },
  });
});

test("a lack of descriptors is published at once and then once a second", async () => {
  const clock = new FakeClock();
  const network = memoryNetwork({ clock });
  let shortages = 0;
  const runtime = failing(
    network,
    () => ++shortages <= 9 ? "EMFILE" : undefined,
  );
  const told = await recorded(async () => {
    const server = await serve("127.0.0.1:0", echo, { runtime });
    // 100, 200, 400, 800 ms, and then every second.
    while (shortages < 9) {
      await until(() => clock.pending > 0);
      clock.advance(50);
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    await until(() => clock.pending > 0);
    assert.ok(clock.now() > 5_000 && clock.now() < 7_000, `${clock.now()}`);
    clock.advance(1000);
    const client = await clientOf(server, runtime);
    assert.equal(await ask(client, "x"), "x");
    const { acceptErrors, outOfDescriptors } = server.stats;
    assert.deepEqual([acceptErrors, outOfDescriptors], [9, 9]);
    await client.close();
    await server.stop();
  });
  const count = told.filter(([event]) => event === "descriptors").length;
  assert.ok(count >= 5 && count <= 7, `${count}`);
});

test("a failure of one connection is counted and passed over", async () => {
  const failures = ["ECONNABORTED", "EHOSTUNREACH", "ENETDOWN"] as const;
  const left = failures.values();
  const runtime = failing(memoryNetwork(), () => left.next().value);
  const reports: unknown[] = [];
  const server = await serve("127.0.0.1:0", echo, {
    ...{ runtime, onError: (error: unknown) => reports.push(error) },
  });
  const client = await clientOf(server, runtime);
  assert.equal(await ask(client, "x"), "x");
  await client.close();
  await server.stop();
  assert.deepEqual([server.stats.acceptErrors, reports], [3, []]);
});

test("any other failure to accept ends the server and is reported", async () => {
  let failures = 0;
  const runtime = failing(
    memoryNetwork(),
    () => ++failures === 1 ? "EPERM" : undefined,
  );
  const reports: unknown[] = [];
  const server = await serve("127.0.0.1:0", echo, {
    runtime,
    onError: (error, context) => reports.push([error, context]),
  });
  assert.deepEqual(await server.closed, { finished: 0, reset: 0 });
  const [[error, context] = []] = reports as [Error, unknown][];
  assert.equal((error as Error & { code: string }).code, "EPERM");
  assert.equal(context, undefined);
  assert.equal(reports.length, 1);
});

/** A network whose listeners fail to accept as they are told. */
function failing(
  network: Runtime,
  next: () => string | undefined,
): Runtime {
  return new Proxy(network, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      if (name !== "listen") return value.bind(target);
      return async (...args: Parameters<Runtime["listen"]>) => {
        const listener = await target.listen(...args);
        const { attach, resume } = listener;
        let sink: Parameters<typeof attach>[0] | undefined;
        listener.attach = (given) => attach.call(listener, sink = given);
        listener.resume = () => {
          const code = next();
          if (code === undefined) return resume.call(listener);
          queueMicrotask(() => sink?.failed(new Fault(code)));
        };
        return listener;
      };
    },
  });
}

test("a subscriber that throws harms nobody", async () => {
  // What a platform does with it is its own affair: here it is told nobody.
  const listener = () => {
    throw new Error("a subscriber's");
  };
  const channel = diagnostics.channel("anysock:server:connection");
  const { publish } = channel;
  channel.publish = listener;
  channel.subscribe(listener);
  const { error } = console;
  const written: unknown[] = [];
  console.error = (first: unknown) => written.push(first);
  try {
    const runtime = memoryNetwork();
    await using server = await serve("127.0.0.1:0", echo, { runtime });
    const client: StreamSocket = await clientOf(server, runtime);
    assert.equal(await ask(client, "x"), "x");
    await client.close();
  } finally {
    console.error = error;
    channel.publish = publish;
    channel.unsubscribe(listener);
  }
  assert.equal(written.length, 1);
});
