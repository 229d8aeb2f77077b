/**
 * Bytes through the `node:net` driver, against sockets that are not ours: both
 * ways, stopped, held and detached.
 */
import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { PassThrough } from "node:stream";
import { test } from "../harness.ts";
import { withRawPeer } from "../support/raw_peer.ts";
import { StreamRecorder } from "../support/recorder.ts";
import {
  bytesOf,
  closed,
  faultOf,
  inet,
  isGone,
  MIB,
  type Pair,
  pattern,
  runtime,
  sendAll,
  sha256,
  testBoth,
  turns,
} from "./node_driver_support.ts";

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
