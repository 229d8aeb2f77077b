/**
 * How much is in hand while somebody does not read, and that nothing is lost.
 */

import assert from "node:assert/strict";
import { once } from "node:events";
import process from "node:process";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { capabilities, connect, listen, type StreamSocket } from "../../mod.ts";
import { type NodeSocket, toNodeSocket } from "../../src/node/mod.ts";
import { test } from "../harness.ts";

const MARK = 16_384;
const CHUNK = 65_536;

async function pair(): Promise<[NodeSocket, StreamSocket]> {
  await using server = await listen("127.0.0.1:0");
  const sock = await connect(server.getSockName());
  const [peer] = await server.accept();
  return [toNodeSocket(sock, { highWaterMark: MARK }), peer];
}

async function over(socket: NodeSocket, peer: StreamSocket): Promise<void> {
  socket.destroy();
  await once(socket, "close");
  await peer.close({ lingerMs: 0 });
}

/** So many turns of the event loop: enough for whatever can go on. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Writes until the stream says stop, and the kernel takes no more. */
async function fill(socket: NodeSocket): Promise<number> {
  const chunk = new Uint8Array(CHUNK);
  let written = 0;
  // What the kernel takes ends somewhere: some megabytes.
  for (let i = 0; i < 4_000; i++) {
    if (!socket.writableNeedDrain) {
      socket.write(chunk);
      written += chunk.length;
    } else {
      const before = socket.writableLength;
      await turns(20);
      if (socket.writableNeedDrain && socket.writableLength === before) break;
    }
  }
  return written;
}

test("a writer into a paused peer stops at the mark and one chunk", async () => {
  const [socket, peer] = await pair();
  const written = await fill(socket);
  assert.equal(socket.writableNeedDrain, true);
  assert.ok(socket.writableLength <= MARK + CHUNK, `${socket.writableLength}`);
  assert.equal(socket.bytesWritten, written);
  const drained = once(socket, "drain");
  let read = 0;
  while (read < written) read += (await peer.recv())?.length ?? 0;
  await drained;
  assert.equal(socket.writableLength, 0);
  await over(socket, peer);
});

test("a socket that nobody reads takes the mark and one chunk", async () => {
  const [socket, peer] = await pair();
  let sent = 0;
  const sending = (async () => {
    const chunk = new Uint8Array(CHUNK);
    for (; sent < 64 << 20; sent += chunk.length) await peer.sendAll(chunk);
  })();
  sending.catch(() => {});
  for (let last = -1; last !== sent;) {
    last = sent;
    await turns(200);
  }
  assert.ok(sent < 64 << 20, "the peer is held up");
  const most = MARK + Number(capabilities().maxReadAhead);
  assert.ok(socket.readableLength <= most, `${socket.readableLength}`);
  assert.ok(socket.bytesRead <= most, `${socket.bytesRead}`);
  await over(socket, peer);
  await assert.rejects(sending);
});

/** 1 GB with ANYSOCK_LARGE, else 32 MB: what stays flat, does so at once. */
const LARGE = process.env.ANYSOCK_LARGE ? 1 << 30 : 32 << 20;

test("a long pipe stays flat in memory", async () => {
  const [socket, peer] = await pair();
  const chunk = new Uint8Array(CHUNK);
  const source = Readable.from(
    (function* () {
      for (let left = LARGE; left > 0; left -= CHUNK) yield chunk;
    })(),
    { objectMode: false },
  );
  let most = 0;
  let got = 0;
  const reading = (async () => {
    for await (const bytes of peer) {
      got += bytes.length;
      most = Math.max(most, socket.writableLength);
    }
  })();
  const before = process.memoryUsage().rss;
  await pipeline(source, socket, { end: false });
  socket.end();
  await reading;
  const grown = process.memoryUsage().rss - before;
  assert.equal(got, LARGE);
  assert.ok(most <= MARK + 2 * CHUNK, `${most} bytes waited`);
  assert.ok(grown < 200 << 20, `grown by ${grown >> 20} MB`);
  await over(socket, peer);
}, { timeoutMs: 120_000 });
