/** A proxy between real sockets of this kernel: what its rules do, one by one. */

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { SHUT_WR } from "../../../src/constants.ts";
import {
  connect,
  listen,
  type Listener,
  type StreamSocket,
} from "../../../src/socket/mod.ts";
import {
  type FaultyProxy,
  faultyProxy,
  type FaultyProxyOptions,
  type LinkRules,
  simulate,
} from "../../../src/testing/mod.ts";
import { freshPath } from "../../conformance/columns.ts";
import { test } from "../../harness.ts";

interface Link {
  readonly proxy: FaultyProxy;
  readonly listener: Listener;
  /** A client behind the proxy, and the server's end of it. */
  pair(): Promise<[client: StreamSocket, server: StreamSocket]>;
  /** A client alone. */
  client(): Promise<StreamSocket>;
}

/** Gives `use` a link with rules, and takes all of it down again. */
async function over(
  options: FaultyProxyOptions,
  use: (link: Link) => Promise<void>,
): Promise<void> {
  const made: StreamSocket[] = [];
  const listener = await listen("127.0.0.1:0", { abortive: true });
  const proxy = await faultyProxy(listener.getSockName(), options);
  const client = async () => {
    const socket = await connect(proxy.address, { abortive: true });
    made.push(socket);
    return socket;
  };
  const pair: Link["pair"] = async () => {
    const socket = await client();
    const [server] = await listener.accept();
    made.push(server);
    return [socket, server];
  };
  try {
    await use({ proxy, listener, client, pair });
  } finally {
    await proxy.close();
    await Promise.all([listener, ...made].map((each) => each.close()));
  }
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then((value) => `no error but ${value}`, (error) => error.code);

const text = (bytes: Uint8Array | null): string =>
  new TextDecoder().decode(bytes ?? new Uint8Array(0));

async function untilEnd(socket: StreamSocket): Promise<string> {
  let all = "";
  for await (const chunk of socket) all += text(chunk);
  return all;
}

test("a proxy without rules passes bytes, an end and the answer to it", async () => {
  await over({}, async ({ proxy, pair }) => {
    const [client, server] = await pair();
    const bytes = new Uint8Array(1_000_000).map((_, i) => i % 251);
    const sent = client.sendAll(bytes).then(() => client.shutdown(SHUT_WR));
    assert.deepEqual(await server.recvExactly(bytes.length), bytes);
    await sent;
    assert.equal(await server.recv(), null);
    assert.equal(proxy.connections, 1);
    await server.sendAll("answer");
    await server.close();
    assert.equal(await untilEnd(client), "answer");
  });
});

test("a proxy without rules passes a reset as a reset, either way", async () => {
  await over({}, async ({ pair }) => {
    const [client, server] = await pair();
    await client.sendAll("x");
    await server.recvExactly(1);
    client.reset();
    assert.equal(await codeOf(server.recv()), "ECONNRESET");
    const [other, itsServer] = await pair();
    itsServer.reset();
    assert.equal(await codeOf(other.recv()), "ECONNRESET");
  });
});

test("a proxy passes a peer's death behind its own end", async () => {
  await over({}, async ({ pair }) => {
    const [client, server] = await pair();
    await client.shutdown(SHUT_WR);
    assert.equal(await server.recv(), null);
    client.reset();
    const sending = (async () => {
      while (true) await server.sendAll(new Uint8Array(65_536));
    })();
    assert.match(await codeOf(sending), /^(ECONNRESET|EPIPE)$/);
  });
});

test("a proxy resets a client whose target refuses", async () => {
  const listener = await listen("127.0.0.1:0");
  const target = listener.getSockName();
  await listener.close();
  await using proxy = await faultyProxy(target);
  await using client = await connect(proxy.address);
  assert.equal(await codeOf(client.recv()), "ECONNRESET");
  assert.match(proxy.trace.toText(), /c1 cannot connect: ECONNREFUSED/);
});

const CUTS: readonly (readonly [
  name: string,
  up: LinkRules,
  got: string,
  then: string,
])[] = [
  ["resetAtByte", { resetAtByte: 3 }, "hel", "ECONNRESET"],
  ["resetAtByte 0", { resetAtByte: 0 }, "", "ECONNRESET"],
  ["resetAtByte past it", { resetAtByte: 5 }, "hello", "end"],
  ["endAtByte", { endAtByte: 3 }, "hel", "end"],
  ["chunkBytes", { chunkBytes: [1, 2] }, "hello", "end"],
];

for (const [name, up, got, then] of CUTS) {
  test(`a proxy with ${name} passes "${got}" of "hello", then ${then}`, async () => {
    await over({ up }, async ({ pair }) => {
      const [client, server] = await pair();
      await client.sendAll("hello");
      // A RST must not overtake what the kernel has still to hand over.
      let all = "";
      while (all.length < got.length) all += text(await server.recv());
      assert.equal(all, got);
      await client.shutdown(SHUT_WR).catch(() => {});
      const last = server.recv().then((bytes) => bytes ?? "end");
      assert.equal(await last.catch((error) => error.code), then);
      if (then !== "ECONNRESET") return;
      const own = client.recv().then((bytes) => bytes ?? "end");
      assert.equal(await own.catch((error) => error.code), then);
    });
  });
}

test("a proxy with silentAfterByte passes what is before it, and no end", async () => {
  await over({ up: { silentAfterByte: 3 } }, async ({ proxy, pair }) => {
    const [client, server] = await pair();
    await client.sendAll("hello");
    await client.shutdown(SHUT_WR);
    assert.equal(text(await server.recvExactly(3)), "hel");
    assert.equal(await codeOf(server.recv({ timeoutMs: 20 })), "ETIMEDOUT");
    await server.sendAll("heard");
    assert.equal(text(await client.recvExactly(5)), "heard");
    const lost = [...proxy.trace].filter(({ isLost }) => isLost);
    assert.deepEqual(lost.map(({ payload }) => payload), ['"lo"']);
  });
});

test("a proxy with chunkBytes hands on pieces of those sizes", async () => {
  await over({ up: { chunkBytes: [2, 3] } }, async ({ proxy, pair }) => {
    const [client, server] = await pair();
    await client.sendAll("abcdefghij");
    assert.equal(text(await server.recvExactly(10)), "abcdefghij");
    const sizes = [...proxy.trace]
      .map(({ what }) => /^DATA \d+\+(\d+)$/.exec(what)?.[1])
      .filter((size) => size !== undefined).map(Number);
    assert.equal(sizes.reduce((sum, size) => sum + size), 10);
    assert.ok(sizes.slice(0, -1).every((size) => size === 2 || size === 3));
  });
});

test("a proxy with stopAcks stops a writer, until its rules are taken back", async () => {
  await over({ up: { stopAcks: true } }, async ({ proxy, pair }) => {
    const [client, server] = await pair();
    assert.equal(proxy.connections, 1);
    const bytes = new Uint8Array(16 * 1024 * 1024);
    let isSent = false;
    const sending = client.sendAll(bytes).then(() => isSent = true);
    assert.equal(await codeOf(server.recv({ timeoutMs: 30 })), "ETIMEDOUT");
    assert.equal(isSent, false);
    proxy.set({});
    await server.recvExactly(bytes.length);
    await sending;
  });
});

test("a proxy that is cut holds bytes and clients back, and loses none", async () => {
  await over({}, async ({ proxy, listener, pair }) => {
    const [client, server] = await pair();
    const heal = proxy.cut();
    const again = proxy.cut();
    await client.sendAll("late");
    await using second = await connect(proxy.address);
    assert.equal(await codeOf(server.recv({ timeoutMs: 20 })), "ETIMEDOUT");
    assert.equal(listener.tryAccept(), undefined);
    heal();
    heal();
    assert.equal(await codeOf(server.recv({ timeoutMs: 20 })), "ETIMEDOUT");
    again();
    assert.equal(text(await server.recvExactly(4)), "late");
    const [accepted] = await listener.accept();
    await second.sendAll("x");
    assert.equal(text(await accepted.recvExactly(1)), "x");
    await accepted.close();
  });
});

test("a proxy's reset and failNext reset who is there and who comes next", async () => {
  await over({}, async ({ proxy, client, pair }) => {
    const [first, server] = await pair();
    proxy.reset();
    assert.equal(await codeOf(first.recv()), "ECONNRESET");
    assert.equal(await codeOf(server.recv()), "ECONNRESET");
    proxy.failNext();
    assert.equal(await codeOf(client().then((it) => it.recv())), "ECONNRESET");
    const [third, itsServer] = await pair();
    await third.sendAll("x");
    assert.equal(text(await itsServer.recvExactly(1)), "x");
  });
});

test("a proxy with connect turns clients away: a reset, or silence", async () => {
  await over({ up: { connect: "reset" } }, async ({ proxy, client, pair }) => {
    assert.equal(await codeOf(client().then((it) => it.recv())), "ECONNRESET");
    proxy.set({ connect: "silent" });
    const silent = await client();
    await silent.sendAll("anybody?");
    assert.equal(await codeOf(silent.recv({ timeoutMs: 20 })), "ETIMEDOUT");
    proxy.set({});
    await pair();
  });
});

test("a proxy carries from a Unix path to TCP and back", async () => {
  const path = freshPath();
  await over({ listen: { path } }, async ({ proxy, pair }) => {
    assert.deepEqual(proxy.address, { family: "unix", path });
    const [client, server] = await pair();
    await client.sendAll("by path");
    assert.equal(text(await server.recvExactly(7)), "by path");
    await server.close();
    assert.equal(await client.recv(), null);
  });
  rmSync(path, { force: true });
});

test("a proxy's latency is each chunk's own, so that chunks overlap in order", async () => {
  const { value, hash } = await simulate(sentThrough({ latencyMs: 100 }));
  assert.deepEqual(value.texts, ["a", "b", "c"]);
  // Each of them 100 ms late, and not 100, 200, 300.
  const [first = 0, second = 0, third = 0] = value.at;
  assert.ok(first >= 110 && first < 115, `${first}`);
  assert.ok(second - first > 8 && second - first < 13, `${second - first}`);
  assert.ok(third - second > 8 && third - second < 13, `${third - second}`);
  const again = await simulate(sentThrough({ latencyMs: 100 }));
  assert.equal(again.hash, hash);
});

test("a proxy's latency range never changes the order of bytes", async () => {
  const { value } = await simulate(sentThrough({ latencyMs: [0, 200] }));
  assert.equal(value.texts.join(""), "abc");
});

test("a proxy's speed is that of a link", async () => {
  const size = 10_000;
  const { value } = await simulate(
    sentThrough({ bytesPerSecond: 10_000 }, new Uint8Array(size)),
  );
  const last = value.at.at(-1) ?? 0;
  assert.ok(last > 995 && last < 1_030, `${last} ms for a second's bytes`);
  assert.ok(value.at.length > 5, "not all of them at the end");
});

/** What a server behind a proxy gets, and when, in virtual time. */
function sentThrough(up: LinkRules, bytes?: Uint8Array) {
  return async (
    sim: Parameters<Parameters<typeof simulate>[0]>[0],
  ): Promise<{ texts: string[]; at: number[] }> => {
    const seen = { texts: [] as string[], at: [] as number[] };
    const server = sim.host("server", async () => {
      const listener = await listen("0.0.0.0:7");
      const [socket] = await listener.accept();
      for await (const chunk of socket) {
        seen.texts.push(text(chunk));
        seen.at.push(sim.now - begun);
      }
    });
    let begun = 0;
    sim.host("proxy", () => faultyProxy("server:7", { listen: ":8", up }));
    await sim.host("client").run(async () => {
      await sim.sleep(1);
      const client = await connect("proxy:8");
      await sim.sleep(10);
      begun = sim.now;
      if (bytes !== undefined) await client.sendAll(bytes);
      else {
        for (const each of ["a", "b", "c"]) {
          await sim.sleep(10);
          await client.sendAll(each);
        }
      }
      await sim.sleep(3_000);
    });
    assert.ok(server);
    return seen;
  };
}

test("a proxy with a window holds that much and stops the writer", async () => {
  const rules = { windowBytes: 4_096, latencyMs: 1_000 };
  const { value } = await simulate(
    sentThrough(rules, new Uint8Array(8_192)),
  );
  // The second window goes once the first is there.
  assert.ok(value.at.at(-1)! > 1_990, `${value.at}`);
});

const REFUSED: readonly (readonly [up: LinkRules, why: RegExp])[] = [
  [{ lossRate: 0.5 }, /streams cannot keep lossRate/],
  [{ mtuBytes: 1_500 }, /cannot keep mtuBytes/],
  [{ names: "EAI_AGAIN" }, /cannot keep names/],
  [{ connect: "refuse" }, /let the client in by then/],
  [{ latencyMs: -1 }, /latencyMs cannot be -1/],
  [{ latency: 1 } as LinkRules, /no option "latency"/],
];

test("a proxy refuses by name what it cannot keep", async () => {
  await using proxy = await faultyProxy("127.0.0.1:1");
  for (const [rules, why] of REFUSED) {
    await assert.rejects(faultyProxy("127.0.0.1:1", { up: rules }), why);
    assert.throws(() => proxy.set(rules), why);
  }
  const down = { connect: "reset" } as const;
  await assert.rejects(faultyProxy("127.0.0.1:1", { down }), /the way up/);
  const udp = { proto: "udp", up: { resetAtByte: 1 } } as const;
  await assert.rejects(faultyProxy("127.0.0.1:1", udp), /datagrams cannot/);
  assert.throws(() => proxy.failNext(-1), RangeError);
});

test("onEvent is told each event of the trace, in its order", async () => {
  const told: unknown[] = [];
  await over({ onEvent: (event) => told.push(event) }, async (link) => {
    const [client, server] = await link.pair();
    await client.sendAll("hi");
    await server.recvExactly(2);
    await Promise.resolve(); // each is told in a microtask
    assert.deepEqual(told, [...link.proxy.trace]);
    assert.equal(told.length, 2);
  });
  const wrong = { onEvent: "loud" as never };
  await assert.rejects(faultyProxy("127.0.0.1:1", wrong), TypeError);
});
