/**
 * How a name with several addresses is connected to (RFC 8305), on a clock
 * that the test moves.
 */

import assert from "node:assert/strict";
import {
  connect,
  listen,
  type Listener,
  SocketError,
  type StreamSocket,
} from "../../mod.ts";
import { turn } from "../../src/testing/expect.ts";
import { FakeClock, memoryNetwork } from "../../src/testing/mod.ts";
import { test } from "../harness.ts";

const HOSTS = {
  "two.test": ["10.0.0.1", "10.0.0.2"],
  "mixed.test": ["fd00::1", "fd00::2", "10.0.0.1", "10.0.0.2"],
};

/** Lets everything happen that needs no time. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 20; turns++) await turn();
}

/** A listener that lets nobody in: its queue is full for good. */
async function deaf(
  address: string,
  runtime: ReturnType<typeof memoryNetwork>,
): Promise<[Listener, StreamSocket]> {
  const listener = await listen(address, { runtime, backlog: 1 });
  return [listener, await connect(address, { runtime })];
}

test("a name is reached at its second address when the first is silent for 250 ms", async () => {
  const clock = new FakeClock();
  const runtime = memoryNetwork({ hosts: HOSTS, clock });
  const [silent, filler] = await deaf("10.0.0.1:7", runtime);
  const living = await listen("10.0.0.2:7", { runtime });
  const pending = connect("two.test:7", { runtime });
  await settle();
  clock.advance(249);
  await settle();
  assert.equal(living.tryAccept(), undefined);
  clock.advance(1);
  const client = await pending;
  assert.deepEqual(client.getPeerName(), {
    family: "ipv4",
    hostname: "10.0.0.2",
    port: 7,
  });
  const [server] = await living.accept();
  // The loser has given up: once there is room, nobody comes.
  const [first] = await silent.accept();
  await settle();
  assert.equal(silent.tryAccept(), undefined);
  assert.equal(clock.pending, 0);
  const all = [client, server, first, filler, silent, living];
  await Promise.all(all.map((each) => each.close({ lingerMs: 0 })));
});

test("the next address is tried at once when one refuses", async () => {
  const clock = new FakeClock();
  const runtime = memoryNetwork({ hosts: HOSTS, clock });
  const living = await listen("10.0.0.2:7", { runtime });
  const client = await connect("two.test:7", { runtime });
  assert.equal(clock.now(), 0);
  const [server] = await living.accept();
  const all = [client, server, living];
  await Promise.all(all.map((each) => each.close({ lingerMs: 0 })));
});

test("a slow first address wins when it answers before the second", async () => {
  const clock = new FakeClock();
  const runtime = memoryNetwork({ hosts: HOSTS, clock });
  const [slow, filler] = await deaf("10.0.0.1:7", runtime);
  const [silent, other] = await deaf("10.0.0.2:7", runtime);
  const pending = connect("two.test:7", { runtime });
  await settle();
  clock.advance(250);
  await settle();
  const [first] = await slow.accept();
  const client = await pending;
  assert.equal(client.getPeerName().family, "ipv4");
  assert.match(String(client), /10\.0\.0\.1:7/);
  const [second] = await slow.accept();
  const all = [client, first, second, filler, other, slow, silent];
  await Promise.all(all.map((each) => each.close({ lingerMs: 0 })));
});

test("families take turns when a name has addresses of both", async () => {
  const clock = new FakeClock();
  const network = memoryNetwork({ hosts: HOSTS, clock });
  const tried: string[] = [];
  const runtime = new Proxy(network, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== "function") return value;
      if (key !== "connect") return value.bind(target);
      return (options: Parameters<typeof network.connect>[0]) => {
        if ("hostname" in options.address) tried.push(options.address.hostname);
        return network.connect(options);
      };
    },
  });
  await assert.rejects(connect("mixed.test:7", { runtime }));
  assert.deepEqual(tried, ["fd00::1", "10.0.0.1", "fd00::2", "10.0.0.2"]);
});

test("a name fails with every failure when no address answers", async () => {
  const runtime = memoryNetwork({ hosts: HOSTS });
  await assert.rejects(connect("two.test:7", { runtime }), (error) => {
    assert.ok(error instanceof SocketError);
    assert.equal(error.code, "ECONNREFUSED");
    assert.ok(error.cause instanceof AggregateError, `${error.cause}`);
    assert.equal(error.cause.errors.length, 2);
    return true;
  });
});

test("timeoutMs bounds the whole race", async () => {
  const clock = new FakeClock();
  const runtime = memoryNetwork({ hosts: HOSTS, clock });
  const [one, filler] = await deaf("10.0.0.1:7", runtime);
  const [two, other] = await deaf("10.0.0.2:7", runtime);
  const pending = assert.rejects(
    connect("two.test:7", { runtime, timeoutMs: 1_000 }),
    { code: "ETIMEDOUT", op: "connect" },
  );
  await settle();
  for (let i = 0; i < 4; i++) {
    clock.advance(250);
    await settle();
  }
  await pending;
  assert.equal(clock.pending, 0);
  const all = [filler, other, one, two];
  await Promise.all(all.map((each) => each.close({ lingerMs: 0 })));
});
