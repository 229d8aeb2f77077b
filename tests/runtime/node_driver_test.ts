/** The `node:net` driver at the seam, against sockets that are not ours. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { connect as netConnect, createServer, type Socket } from "node:net";
import { PassThrough } from "node:stream";
import type { Address, Bytes } from "../../src/contracts.ts";
import { adoptNodeSocket, nodeRuntime } from "../../src/runtime/node.ts";
import type {
  Fault,
  RawConnectOptions,
  RawStream,
} from "../../src/runtime/runtime.ts";
import { test, type TestOptions } from "../harness.ts";
import {
  type PeerSocket,
  type PeerTarget,
  type RawPeer,
  withRawPeer,
} from "../support/raw_peer.ts";
import { ListenerRecorder, StreamRecorder } from "../support/recorder.ts";
import { withTempDir } from "../temp.ts";
import { type SpawnOptions, spawnRuntime, thisRuntime } from "../runtimes.ts";

const runtime = nodeRuntime();
const here = thisRuntime();
const LOOPBACK: Address = { family: "ipv4", hostname: "127.0.0.1", port: 0 };
const MIB = 1 << 20;

/** One connection under test, with the raw peer at its other end. */
interface Pair {
  readonly stream: RawStream;
  readonly recorder: StreamRecorder;
  readonly peer: PeerSocket;
}

type Body = (pair: Pair) => Promise<void>;

/** Connects to the raw peer. */
async function connected(peer: RawPeer, body: Body): Promise<void> {
  const listener = await peer.listen();
  const [stream, socket] = await Promise.all([
    runtime.connect({ address: inet(listener.address) }),
    listener.accept(),
  ]);
  const recorder = StreamRecorder.on(stream);
  try {
    await body({ stream, recorder, peer: socket });
  } finally {
    await closed({ stream, recorder });
  }
}

/** Is connected to by the raw peer. */
async function accepted(peer: RawPeer, body: Body): Promise<void> {
  const listener = await runtime.listen({ address: LOOPBACK, backlog: 8 });
  const listening = new ListenerRecorder(listener);
  const [socket, { stream, recorder }] = await Promise.all([
    peer.connect(listener.localAddress as PeerTarget),
    listening.next(),
  ]);
  try {
    await body({ stream, recorder, peer: socket });
  } finally {
    await closed({ stream, recorder });
    listener.close();
    await listening.until("closed");
  }
}

async function closed({ stream, recorder }: Omit<Pair, "peer">): Promise<void> {
  stream.close();
  await recorder.until("closed");
}

function inet(address: { hostname: string; port: number }): Address {
  const family = address.hostname.includes(":") ? "ipv6" : "ipv4";
  return { family, hostname: address.hostname, port: address.port };
}

/** Declares one test for a connecting and one for an accepted stream. */
function testBoth(name: string, body: Body, options?: TestOptions): void {
  for (const [who, make] of MAKERS) {
    const run = () => withRawPeer((peer) => make(peer, body));
    test(`${who} stream ${name}`, run, options);
  }
}

const MAKERS = [["a connected", connected], ["an accepted", accepted]] as const;

/** Turns of the event loop, in which an unwanted event would show. */
async function turns(count = 20): Promise<void> {
  for (let i = 0; i < count; i++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function sendAll(stream: RawStream, data: Uint8Array): Promise<void> {
  assert.equal(await stream.write(data), data.length);
}

function sha256(chunks: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest("hex");
}

/** Bytes that repeat too late for a misplaced chunk to look right. */
function pattern(length: number, seed: number): Bytes {
  const bytes = new Uint8Array(length);
  let x = seed * 2654435761 + 1;
  for (let i = 0; i < length; i++) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    bytes[i] = x >>> 24;
  }
  return bytes;
}

function bytesOf(text: string): Bytes {
  return new Uint8Array(Buffer.from(text));
}

function faultOf(code: string): (error: unknown) => boolean {
  return (error) => {
    assert.equal((error as Fault).code, code);
    return true;
  };
}

/**
 * A send to a peer that is gone. The kernel tells a reset once, as ECONNRESET,
 * to whichever call comes first, and says EPIPE ever after.
 */
function isGone(error: unknown): boolean {
  assert.match((error as Fault).code, /^(ECONNRESET|EPIPE)$/);
  return true;
}

testBoth("gives back what it is sent", async ({ stream, recorder, peer }) => {
  const echo = peer.echo();
  stream.resume();
  await sendAll(stream, bytesOf("ping"));
  await recorder.untilBytes(4);
  await stream.shutdown();
  await recorder.until("end");
  assert.equal(await echo, 4);
  assert.equal(recorder.text, "ping");
});

testBoth("carries 8 MiB cut at random places", async (pair) => {
  const { stream, recorder, peer } = pair;
  const all = pattern(8 * MIB, 1);
  const echo = peer.echo();
  stream.resume();
  for (let at = 0, size = 1; at < all.length; at += size) {
    size = Math.min(all.length - at, 1 + (Math.imul(at + 7, 7919) & 0x3ffff));
    await sendAll(stream, all.subarray(at, at + size));
  }
  await stream.shutdown();
  await recorder.until("end");
  assert.equal(await echo, all.length);
  assert.equal(recorder.bytes, all.length);
  assert.equal(sha256(recorder.chunks), sha256([all]));
});

testBoth("receives a reply after its own FIN", async (pair) => {
  const { stream, recorder, peer } = pair;
  stream.resume();
  await sendAll(stream, bytesOf("question"));
  await stream.shutdown();
  assert.equal((await peer.readAll()).end, "EOF");
  await peer.send("answer");
  await peer.close();
  await recorder.until("end");
  assert.equal(recorder.text, "answer");
  await recorder.until("closed");
  assert.deepEqual(recorder.events, ["data", "end", "closed"]);
});

testBoth("sends on after the peer's FIN", async (pair) => {
  const { stream, recorder, peer } = pair;
  stream.resume();
  await peer.send("bye");
  await peer.shutdown();
  await recorder.until("end");
  const late = pattern(MIB, 2);
  const read = peer.readAll();
  await sendAll(stream, late);
  await stream.shutdown();
  assert.deepEqual(await read, {
    bytes: MIB,
    sha256: sha256([late]),
    end: "EOF",
  });
});

testBoth("gives unread bytes before the peer's reset", async (pair) => {
  const { stream, recorder, peer } = pair;
  recorder.limit = 5;
  stream.resume();
  await peer.send("first");
  await recorder.untilBytes(5);
  await peer.send("second");
  await peer.reset();
  await turns();
  recorder.limit = Infinity;
  stream.resume();
  await recorder.until("closed");
  const told = recorder.events.join();
  assert.ok(
    told === "data,ECONNRESET,closed",
    `${told} after ${JSON.stringify(recorder.text)}`,
  );
  assert.equal(recorder.text, "firstsecond");
});

testBoth("fails with ECONNRESET when idle and reset", async (pair) => {
  const { stream, recorder, peer } = pair;
  stream.resume();
  await peer.reset();
  await recorder.until("closed");
  assert.deepEqual(recorder.events, ["ECONNRESET", "closed"]);
  assert.throws(() => stream.write(bytesOf("x")), faultOf("ECONNRESET"));
  await assert.rejects(stream.shutdown(), faultOf("ECONNRESET"));
});

testBoth("tells nothing before the first resume", async (pair) => {
  const { stream, recorder, peer } = pair;
  await peer.send("early");
  await peer.shutdown();
  await turns();
  assert.deepEqual(recorder.events, []);
  stream.resume();
  await recorder.until("end");
  assert.equal(recorder.text, "early");
});

testBoth("stops exactly where its sink says stop", async (pair) => {
  const { stream, recorder, peer } = pair;
  recorder.limit = 1;
  stream.resume();
  await peer.send("one");
  await recorder.untilBytes(3);
  await peer.send("two");
  await turns();
  assert.equal(recorder.text, "one");
  recorder.limit = 4;
  stream.resume();
  await recorder.untilBytes(6);
  await peer.send("three");
  await turns();
  assert.equal(recorder.text, "onetwo");
  stream.resume();
  await recorder.untilBytes(11);
  assert.equal(recorder.text, "onetwothree");
});

testBoth("stops on pause and starts on resume", async (pair) => {
  const { stream, recorder, peer } = pair;
  stream.resume();
  await peer.send("one");
  await recorder.untilBytes(3);
  stream.pause();
  stream.pause();
  await peer.send("two");
  await turns();
  assert.equal(recorder.text, "one");
  stream.resume();
  stream.resume();
  await recorder.untilBytes(6);
  assert.equal(recorder.text, "onetwo");
});

testBoth("pushes back on a peer that nobody reads", async (pair) => {
  const { stream, recorder, peer } = pair;
  const block = pattern(65_536, 3);
  recorder.limit = 1;
  stream.resume();
  const sending = peer.send(block, 512);
  await recorder.untilBytes(1);
  await turns();
  assert.ok(recorder.bytes <= (runtime.supports.maxReadAhead as number));
  recorder.limit = Infinity;
  stream.resume();
  await sending;
  await recorder.untilBytes(512 * 65_536);
  const all = Array<Uint8Array>(512).fill(block);
  assert.equal(sha256(recorder.chunks), sha256(all));
});

testBoth("holds a write that the kernel has no room for", async (pair) => {
  const { stream, peer } = pair;
  assert.equal(stream.write(new Uint8Array(0)), 0);
  await sendAll(stream, bytesOf("small"));
  const big = pattern(16 * MIB, 4);
  let isSettled = false;
  const held = stream.write(big);
  assert.ok(held instanceof Promise);
  held.then(() => isSettled = true, () => isSettled = true);
  await turns();
  assert.equal(isSettled, false);
  assert.equal((await peer.recvExactly(5)).length, 5);
  const read = peer.readAll();
  assert.equal(await held, big.length);
  await stream.shutdown();
  const { bytes, sha256: seen } = await read;
  assert.equal(bytes, big.length);
  assert.equal(seen, sha256([big]));
});

testBoth("settles a held write when closed", async ({ stream, recorder }) => {
  const held = stream.write(new Uint8Array(16 * MIB));
  assert.ok(held instanceof Promise);
  stream.close();
  stream.close();
  await assert.rejects(held, faultOf("EBADF"));
  await recorder.until("closed");
  assert.deepEqual(recorder.events, ["closed"]);
  assert.throws(() => stream.write(bytesOf("x")), faultOf("EBADF"));
  await assert.rejects(stream.shutdown(), faultOf("EBADF"));
});

testBoth("settles a held write when the peer resets", async (pair) => {
  const { stream, recorder, peer } = pair;
  stream.resume();
  const held = stream.write(new Uint8Array(16 * MIB));
  await Promise.all([
    assert.rejects(Promise.resolve(held), isGone),
    peer.reset(),
  ]);
  await recorder.until("closed");
  assert.match(recorder.events.join(), /^(ECONNRESET|EPIPE),closed$/);
});

testBoth("fails to send once the peer is gone", async (pair) => {
  const { stream, recorder, peer } = pair;
  await peer.close();
  const send = async () => {
    for (;;) {
      await stream.write(bytesOf("x"));
      await turns(1);
    }
  };
  await assert.rejects(send(), isGone);
  stream.resume();
  await recorder.until("closed");
});

testBoth("gives the peer's last words after a failed send", async (pair) => {
  const { stream, recorder, peer } = pair;
  await peer.send("no more, please");
  await peer.close();
  const send = async () => {
    for (;;) {
      await stream.write(bytesOf("x"));
      await turns(1);
    }
  };
  let code = "";
  await assert.rejects(send(), (error) => {
    code = (error as Fault).code;
    return isGone(error);
  });
  await assert.rejects(send(), faultOf(code));
  await assert.rejects(stream.shutdown(), faultOf(code));
  stream.resume();
  await recorder.until("closed");
  assert.equal(recorder.text, "no more, please");
  assert.deepEqual(recorder.events, ["data", code, "closed"]);
}, {
  skip: here === "bun" && "node:net of Bun 1.4.5 drops what it has not read",
});

testBoth("sends FIN once, however often it is asked", async (pair) => {
  const { stream, peer } = pair;
  await Promise.all([stream.shutdown(), stream.shutdown()]);
  await stream.shutdown();
  assert.equal((await peer.readAll()).end, "EOF");
});

testBoth("is EPIPE after its own FIN", async ({ stream, recorder, peer }) => {
  await stream.shutdown();
  assert.throws(() => stream.write(bytesOf("x")), faultOf("EPIPE"));
  await peer.send("still here");
  stream.resume();
  await recorder.untilBytes(10);
});

testBoth("resets when idle", async ({ stream, recorder, peer }) => {
  stream.reset();
  assert.equal((await peer.readAll()).end, "ECONNRESET");
  await recorder.until("closed");
  assert.deepEqual(recorder.events, ["closed"]);
  stream.reset();
  stream.close();
});

testBoth("resets after its own FIN", async ({ stream, recorder, peer }) => {
  await stream.shutdown();
  assert.equal((await peer.readAll()).end, "EOF");
  stream.reset();
  await recorder.until("closed");
  // The kernel's word for a reset that comes after FIN.
  assert.equal(await peer.takeError(), "EPIPE");
});

testBoth("resets with bytes unwritten", async ({ stream, recorder, peer }) => {
  const held = stream.write(new Uint8Array(16 * MIB));
  stream.reset();
  await assert.rejects(Promise.resolve(held), faultOf("EBADF"));
  await recorder.until("closed");
  assert.equal((await peer.readAll()).end, "ECONNRESET");
});

testBoth("names both ends", ({ stream, peer }) => {
  assert.deepEqual(stream.localAddress(), inet(peer.remoteAddress));
  assert.deepEqual(stream.remoteAddress, inet(peer.localAddress));
  return Promise.resolve();
});

testBoth("still names its own end when closed", async (pair) => {
  await closed(pair);
  assert.deepEqual(
    pair.stream.localAddress(),
    inet(pair.peer.remoteAddress),
  );
});

testBoth("sets options, on and off", ({ stream }) => {
  for (const name of ["noDelay", "keepAlive"] as const) {
    stream.setOption(name, 0);
    stream.setOption(name, 1);
  }
  stream.ref(false);
  stream.ref(true);
  return Promise.resolve();
});

for (const how of ["data", "pipe", "iterator"] as const) {
  for (const early of ["", "taken "]) {
    const when = early === "" ? "unread" : "after reading";
    testBoth(`detached ${when} works with ${how}`, async (pair) => {
      const { stream, recorder, peer } = pair;
      if (early !== "") {
        stream.resume();
        await peer.send(early);
        await recorder.untilBytes(early.length);
      }
      const socket = stream.detach() as Socket;
      assert.equal(recorder.events.at(-1), "closed");
      const block = pattern(65_536, 5);
      const sending = peer.send(block, 64).then(() => peer.shutdown());
      const chunks = await consume(socket, how);
      await sending;
      assert.equal(sha256(chunks), sha256(Array(64).fill(block)));
      assert.equal(recorder.text, early);
      const read = peer.readAll();
      socket.end("bye");
      assert.equal((await read).bytes, 3);
    });
  }
}

async function consume(
  socket: Socket,
  how: "data" | "pipe" | "iterator",
): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  if (how === "data") {
    await new Promise<void>((resolve) => {
      socket.on("data", (chunk) => chunks.push(chunk));
      socket.on("end", resolve);
    });
    return chunks;
  }
  const source = how === "pipe"
    ? socket.pipe(new PassThrough())
    : socket.iterator({ destroyOnReturn: false });
  for await (const chunk of source) chunks.push(chunk);
  return chunks;
}

test("connections that read into one buffer keep their bytes apart", () =>
  withRawPeer(async (peer) => {
    const COUNT = 12;
    const SIZE = 2 * MIB;
    const listener = await peer.listen();
    const run = async (seed: number, one: Pair) => {
      const mine = pattern(SIZE, seed);
      const echo = one.peer.echo();
      one.stream.resume();
      for (let at = 0; at < SIZE; at += 50_000) {
        await sendAll(one.stream, mine.subarray(at, at + 50_000));
      }
      await one.stream.shutdown();
      await one.recorder.until("end");
      assert.equal(await echo, SIZE);
      assert.equal(sha256(one.recorder.chunks), sha256([mine]));
      await closed(one);
    };
    const pairs: Pair[] = [];
    for (let i = 0; i < COUNT; i++) {
      const stream = await runtime.connect({ address: inet(listener.address) });
      const recorder = StreamRecorder.on(stream);
      pairs.push({ stream, recorder, peer: await listener.accept() });
    }
    await Promise.all(pairs.map((pair, i) => run(i + 1, pair)));
  }));

test("a stream that both sides end closes by itself", () =>
  withRawPeer((peer) =>
    connected(peer, async ({ stream, recorder, peer: socket }) => {
      stream.resume();
      await stream.shutdown();
      await socket.close();
      await recorder.until("closed");
      assert.deepEqual(recorder.events, ["end", "closed"]);
    })
  ));

/** What cannot be connected to, and the code. */
const REFUSALS: readonly (readonly [string, RawConnectOptions, string])[] = [
  [
    "a port nobody listens on",
    { address: { ...LOOPBACK, port: 1 } },
    "ECONNREFUSED",
  ],
  ["from a foreign address", {
    address: { ...LOOPBACK, port: 1 },
    localAddress: { family: "ipv4", hostname: "192.0.2.1", port: 0 },
  }, "EADDRNOTAVAIL"],
  ["a name without addresses", {
    address: { hostname: "nobody.invalid", port: 1 },
  }, "EAI_NONAME"],
  ["a name whose every address refuses", {
    address: { hostname: "localhost", port: 1 },
  }, "ECONNREFUSED"],
];

for (const [what, options, code] of REFUSALS) {
  test(`connecting to ${what} is ${code}`, async () => {
    await assert.rejects(runtime.connect(options), faultOf(code));
  });
}

test("listening on a foreign address is EADDRNOTAVAIL", async () => {
  const address: Address = { family: "ipv4", hostname: "192.0.2.1", port: 0 };
  const attempt = runtime.listen({ address, backlog: 1 });
  await assert.rejects(attempt, faultOf("EADDRNOTAVAIL"));
});

test("a path in a folder that is not there is ENOENT", () =>
  withTempDir(async (dir) => {
    const address: Address = { family: "unix", path: `${dir}/absent/s` };
    await assert.rejects(runtime.connect({ address }), faultOf("ENOENT"));
    const attempt = runtime.listen({ address, backlog: 1 });
    await assert.rejects(attempt, faultOf("ENOENT"));
  }));

test("listening on a port in use is EADDRINUSE", () =>
  withRawPeer(async (peer) => {
    const { address } = await peer.listen();
    const options = { address: inet(address), backlog: 1 };
    await assert.rejects(runtime.listen(options), faultOf("EADDRINUSE"));
  }));

test(
  "an aborted connect gives the reason and takes its SYN back",
  () =>
    withRawPeer(async (peer) => {
      const listener = await peer.listen(undefined, 0);
      const { port } = listener.address;
      // With backlog 0 one connection fits; later ones stay in SYN_SENT.
      const filler = await peer.connect(listener.address);
      const reason = new Error("changed my mind");
      const controller = new AbortController();
      const { signal } = controller;
      const attempt = runtime.connect({
        address: inet(listener.address),
        signal,
      });
      let sent = 0;
      while (sent === 0) sent = await peer.countSynSent(port);
      assert.equal(sent, 1);
      controller.abort(reason);
      await assert.rejects(attempt, (error) => error === reason);
      while (await peer.countSynSent(port) !== 0) await turns(1);
      const { remoteAddress } = await listener.accept();
      assert.deepEqual(remoteAddress, filler.localAddress);
    }),
  { skip: process.platform !== "linux" && "reads /proc/net/tcp" },
);

test("an already aborted connect rejects before it begins", async () => {
  const reason = new Error("too late");
  const signal = AbortSignal.abort(reason);
  await assert.rejects(
    runtime.connect({ address: { ...LOOPBACK, port: 1 }, signal }),
    (error) => error === reason,
  );
});

test("a connect binds to the local address it is given", () =>
  withRawPeer(async (peer) => {
    const listener = await peer.listen();
    const localAddress: Address = { ...LOOPBACK, hostname: "127.0.0.7" };
    const stream = await runtime.connect({
      address: inet(listener.address),
      localAddress,
    });
    const { remoteAddress } = await listener.accept();
    assert.equal(remoteAddress.hostname, "127.0.0.7");
    assert.deepEqual(stream.localAddress(), inet(remoteAddress));
    await closed({ stream, recorder: StreamRecorder.on(stream) });
  }));

test("a connect by name falls over to the address that answers", () =>
  withRawPeer(async (peer) => {
    const { address } = await peer.listen();
    const stream = await runtime.connect({
      address: { hostname: "localhost", port: address.port },
    });
    assert.deepEqual(stream.remoteAddress, inet(address));
    await closed({ stream, recorder: StreamRecorder.on(stream) });
  }));

test("a listener's connections outlive it, and its port is free at once", () =>
  withRawPeer(async (peer) => {
    const first = await runtime.listen({ address: LOOPBACK, backlog: 8 });
    const address = first.localAddress;
    const listening = new ListenerRecorder(first);
    const socket = await peer.connect(address as PeerTarget);
    const { stream, recorder } = await listening.next();
    first.close();
    first.close();
    await listening.until("closed");
    const second = await runtime.listen({ address, backlog: 8 });
    assert.deepEqual(second.localAddress, address);
    const again = new ListenerRecorder(second);
    second.close();
    await again.until("closed");
    const echo = socket.echo();
    stream.resume();
    await sendAll(stream, bytesOf("alive"));
    await recorder.untilBytes(5);
    await stream.shutdown();
    await recorder.until("end");
    assert.equal(await echo, 5);
    await recorder.until("closed");
  }));

test("a peer that resets before it is accepted is handed over", async () => {
  const listener = await runtime.listen({ address: LOOPBACK, backlog: 8 });
  const listening = new ListenerRecorder(listener);
  const { port } = listener.localAddress as { port: number };
  const program = "import socket,struct,sys\n" +
    "s=socket.create_connection(('127.0.0.1',int(sys.argv[1])))\n" +
    "s.setsockopt(socket.SOL_SOCKET,socket.SO_LINGER,struct.pack('ii',1,0))\n" +
    "s.close()";
  // Synchronous, so that nothing can be accepted in between.
  const done = spawnSync("python3", ["-c", program, String(port)]);
  assert.equal(done.status, 0, String(done.stderr));
  const { stream, recorder } = await listening.next();
  assert.equal(stream.remoteAddress, undefined);
  stream.resume();
  await recorder.until("closed");
  assert.deepEqual(recorder.events, ["ECONNRESET", "closed"]);
  listener.close();
  await listening.until("closed");
});

test("a dual-stack listener names IPv4 peers as mapped addresses", () =>
  withRawPeer(async (peer) => {
    const address: Address = { family: "ipv6", hostname: "::", port: 0 };
    const listener = await runtime.listen({ address, backlog: 8 });
    const listening = new ListenerRecorder(listener);
    const { port, ...bound } = listener.localAddress as { port: number };
    assert.deepEqual(bound, { family: "ipv6", hostname: "::" });
    const socket = await peer.connect({ hostname: "127.0.0.1", port });
    const { stream, recorder } = await listening.next();
    assert.deepEqual(stream.remoteAddress, {
      family: "ipv6",
      hostname: "::ffff:127.0.0.1",
      port: socket.localAddress.port,
    });
    await closed({ stream, recorder });
    listener.close();
    await listening.until("closed");
  }));

test("ipv6Only keeps IPv4 out, or is refused", () =>
  withRawPeer(async (peer) => {
    const address: Address = { family: "ipv6", hostname: "::", port: 0 };
    const options = { address, backlog: 8, ipv6Only: true };
    if (here === "deno") {
      await assert.rejects(runtime.listen(options), faultOf("ENOPROTOOPT"));
      return;
    }
    const listener = await runtime.listen(options);
    const listening = new ListenerRecorder(listener);
    const { port } = listener.localAddress as { port: number };
    const attempt = peer.connect({ hostname: "127.0.0.1", port });
    await assert.rejects(attempt, { code: "ECONNREFUSED" });
    listener.close();
    await listening.until("closed");
  }));

test("reusePort lets two listeners share a port, or is refused", async () => {
  const options = { address: LOOPBACK, backlog: 8, reusePort: true };
  if (here === "node20") {
    await assert.rejects(runtime.listen(options), faultOf("ENOPROTOOPT"));
    return;
  }
  const first = await runtime.listen(options);
  const second = await runtime.listen({
    ...options,
    address: first.localAddress,
  });
  for (const listener of [first, second]) {
    const listening = new ListenerRecorder(listener);
    listener.close();
    await listening.until("closed");
  }
});

test("a Unix path carries bytes, blocks a second listener and is removed", () =>
  withTempDir((dir) =>
    withRawPeer(async (peer) => {
      const address: Address = { family: "unix", path: `${dir}/s` };
      const listener = await runtime.listen({ address, backlog: 8 });
      assert.deepEqual(listener.localAddress, address);
      const listening = new ListenerRecorder(listener);
      await assert.rejects(
        runtime.listen({ address, backlog: 8 }),
        faultOf("EADDRINUSE"),
      );
      const socket = await peer.connect(address);
      const { stream, recorder } = await listening.next();
      assert.deepEqual(stream.remoteAddress, { family: "unix", path: "" });
      assert.deepEqual(stream.localAddress(), address);
      assert.throws(() => stream.reset(), faultOf("EOPNOTSUPP"));
      assert.throws(
        () => stream.setOption("noDelay", 1),
        faultOf("ENOPROTOOPT"),
      );
      const echo = socket.echo();
      stream.resume();
      await sendAll(stream, bytesOf("by path"));
      await recorder.untilBytes(7);
      await stream.shutdown();
      await recorder.until("end");
      assert.equal(await echo, 7);
      await recorder.until("closed");
      listener.close();
      await listening.until("closed");
      assert.equal(existsSync(address.path), false);
    })
  ));

test("a stale Unix path is ECONNREFUSED and EADDRINUSE", () =>
  withTempDir((dir) =>
    withRawPeer(async (peer) => {
      const address: Address = { family: "unix", path: `${dir}/stale` };
      await (await peer.listen(address)).close();
      const connecting = runtime.connect({ address });
      await assert.rejects(connecting, faultOf("ECONNREFUSED"));
      const listening = runtime.listen({ address, backlog: 1 });
      await assert.rejects(listening, faultOf("EADDRINUSE"));
    })
  ));

test(
  "an abstract name reaches the peer unpadded, or is refused",
  () =>
    withRawPeer(async (peer) => {
      const path = `\0anysock-${process.pid}`;
      const address: Address = { family: "unix", path };
      const listener = await peer.listen({ path });
      if (here === "node20") {
        const attempt = runtime.connect({ address });
        await assert.rejects(attempt, faultOf("EOPNOTSUPP"));
        return;
      }
      const [stream] = await Promise.all([
        runtime.connect({ address }),
        listener.accept(),
      ]);
      assert.deepEqual(stream.remoteAddress, address);
      await closed({ stream, recorder: StreamRecorder.on(stream) });
    }),
  { skip: process.platform !== "linux" && "abstract names are Linux's" },
);

test("an adopted socket gives what it had buffered, then the reset", () =>
  withRawPeer(async (peer) => {
    const listener = await peer.listen();
    const socket = netConnect({ ...listener.address, host: "127.0.0.1" });
    await new Promise<void>((resolve) => socket.once("connect", resolve));
    const other = await listener.accept();
    const readable = new Promise<void>((resolve) =>
      socket.once("readable", resolve)
    );
    await other.send("buffered");
    await readable;
    const stream = adoptNodeSocket(socket);
    const recorder = StreamRecorder.on(stream);
    await turns();
    assert.equal(recorder.bytes, 0);
    await other.reset();
    stream.resume();
    await recorder.until("closed");
    assert.equal(recorder.text, "buffered");
    assert.deepEqual(recorder.events, ["data", "ECONNRESET", "closed"]);
  }));

test("an adopted socket stays open on the peer's FIN", () =>
  withRawPeer(async (peer) => {
    const listener = await peer.listen();
    const socket = netConnect({ ...listener.address, host: "127.0.0.1" });
    await new Promise<void>((resolve) => socket.once("connect", resolve));
    const other = await listener.accept();
    const stream = adoptNodeSocket(socket);
    const recorder = StreamRecorder.on(stream);
    stream.resume();
    await other.send("half");
    await other.shutdown();
    await recorder.until("end");
    const read = other.readAll();
    await sendAll(stream, bytesOf("other half"));
    await stream.shutdown();
    assert.equal((await read).bytes, 10);
    await recorder.until("closed");
    assert.deepEqual(recorder.events, ["data", "end", "closed"]);
  }));

test("a socket that is not connected cannot be adopted", () => {
  const server = createServer();
  const socket = netConnect({ host: "127.0.0.1", port: 1 });
  socket.on("error", () => {});
  assert.throws(() => adoptNodeSocket(socket), faultOf("ENOTCONN"));
  socket.destroy();
  assert.throws(() => adoptNodeSocket(socket), faultOf("ENOTCONN"));
  server.close();
});

test("lookup gives numeric addresses, or EAI_NONAME", async () => {
  for (const { family, hostname } of await runtime.lookup("localhost", 0)) {
    assert.equal(family, hostname.includes(":") ? "ipv6" : "ipv4");
  }
  assert.deepEqual(await runtime.lookup("127.0.0.9", 4), [
    { family: "ipv4", hostname: "127.0.0.9" },
  ]);
  for (const name of ["nobody.invalid", "x".repeat(300)]) {
    await assert.rejects(runtime.lookup(name, 0), faultOf("EAI_NONAME"));
  }
});

/** Runs a fixture on this runtime; gives what it said, and its exit code. */
async function runFixture(
  name: string,
  options?: SpawnOptions,
): Promise<[string, unknown]> {
  const script = `tests/fixtures/runtime/${name}.ts`;
  const child = spawnRuntime(here, script, [], options);
  let said = "";
  child.stdout!.on("data", (chunk) => said += chunk);
  child.stderr!.on("data", (chunk) => said += chunk);
  const code = await new Promise((resolve) => child.on("close", resolve));
  return [said.trim(), code];
}

test("what is unreferenced keeps no process alive", async () => {
  const outcome = await runFixture("node_unref");
  assert.deepEqual(outcome, ["all are open", 0]);
});

test("a missing permission is EPERM and ends no process", async () => {
  const outcome = await runFixture("node_denied", {
    denoFlags: ["--no-prompt", "--no-check"],
    env: { NODE_OPTIONS: "--permission --allow-fs-read=*" },
  });
  assert.deepEqual(outcome, [Array(6).fill("EPERM").join(), 0]);
}, {
  skip: (here === "bun" || here === "node20") &&
    `${here} has no permissions for the network`,
});
