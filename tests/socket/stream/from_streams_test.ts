/** Sockets over web streams that do as they please. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { SocketError } from "../../../src/errors.ts";
import { fromStreams } from "../../../src/socket/mod.ts";
import type { StreamPair } from "../../../src/socket/adopt.ts";
import { test } from "../../harness.ts";

const never = (): Promise<void> => new Promise(() => {});

/** Streams that never settle what they are asked for. */
const STUBBORN: Readonly<Record<string, () => StreamPair>> = {
  "write": () => ({
    readable: new ReadableStream(),
    writable: new WritableStream({ write: never }),
  }),
  "close": () => ({
    readable: new ReadableStream(),
    writable: new WritableStream({ close: never }),
  }),
  "abort": () => ({
    readable: new ReadableStream(),
    writable: new WritableStream({ write: never, abort: never }),
  }),
  "cancel": () => ({
    readable: new ReadableStream({ cancel: never }),
    writable: new WritableStream(),
  }),
  "pull": () => ({
    readable: new ReadableStream({ pull: never, cancel: never }),
    writable: new WritableStream(),
  }),
};

function isError(code: string): (error: unknown) => boolean {
  return (error) => error instanceof SocketError && error.code === code;
}

/** Streams of which one gives these chunks and its end. */
function giving(...chunks: unknown[]): StreamPair {
  const readable = new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
  return { readable, writable: new WritableStream() };
}

for (const [what, make] of Object.entries(STUBBORN)) {
  test(`close of fromStreams settles when ${what}() never does`, async () => {
    const own = fromStreams(make());
    const receiving = assert.rejects(own.recv(), isError("EBADF"));
    const sending = what === "write" || what === "abort"
      ? assert.rejects(own.sendAll("hello"), isError("EBADF"))
      : own.sendAll("hello");
    await own.close({ lingerMs: 20 });
    await Promise.all([receiving, sending, own.closed]);
  });

  test(`reset of fromStreams settles when ${what}() never does`, async () => {
    const own = fromStreams(make());
    const sending = own.sendAll("hello").catch(() => {});
    own.reset();
    await Promise.all([sending, own.closed]);
  });
}

test("fromStreams is ECONNABORTED when a chunk is no bytes", async () => {
  for (const chunk of ["text", 7, null, undefined, {}]) {
    const own = fromStreams(giving(new Uint8Array([97]), chunk));
    assert.deepEqual(await own.recv(), new Uint8Array([97]));
    for (let round = 0; round < 2; round++) {
      await assert.rejects(own.recv(), (error) => {
        assert.ok(error instanceof SocketError);
        assert.equal(error.code, "ECONNABORTED");
        assert.ok(error.cause instanceof TypeError);
        return true;
      });
    }
    await own.close();
  }
});

test("fromStreams gives bytes that are the caller's alone, whatever came", async () => {
  const pool = new ArrayBuffer(32);
  const bytes = new Uint8Array(pool);
  for (let at = 0; at < bytes.length; at++) bytes[at] = at;
  const chunks = [
    Buffer.from(pool, 3, 2),
    Buffer.from(bytes),
    bytes.subarray(1, 4),
    bytes,
    new DataView(pool, 5, 2),
    new Uint16Array(pool, 2, 3),
    pool.slice(0, 4),
  ];
  const expected = chunks.map((each) =>
    each instanceof ArrayBuffer
      ? [...new Uint8Array(each)]
      : [...new Uint8Array(each.buffer, each.byteOffset, each.byteLength)]
  );
  const own = fromStreams(giving(...chunks));
  for (const each of expected) {
    const got = await own.recvExactly(each.length);
    assert.equal(Object.getPrototypeOf(got), Uint8Array.prototype);
    assert.equal(got.buffer.byteLength, got.length);
    assert.deepEqual([...got], each);
    got.fill(255);
  }
  assert.deepEqual([...bytes], [...bytes.keys()]);
  await own.close();
});

test("fromStreams hands its stream memory of its own when it sends a Buffer", async () => {
  const written: Uint8Array[] = [];
  const own = fromStreams({
    readable: new ReadableStream(),
    writable: new WritableStream({
      write: (chunk) => void written.push(chunk),
    }),
  });
  const data = Buffer.from("abc");
  await own.sendAll(data);
  data.fill(0);
  assert.equal(new TextDecoder().decode(written[0]), "abc");
  await own.close({ lingerMs: 0 });
});

test("fromStreams flushes and closes its stream before close settles", async () => {
  const steps: string[] = [];
  const own = fromStreams({
    readable: new ReadableStream(),
    writable: new WritableStream({
      write: (chunk) => void steps.push(new TextDecoder().decode(chunk)),
      close: () => void steps.push("close"),
      abort: () => void steps.push("abort"),
    }),
  });
  await own.sendAll("abc");
  await own.close({ lingerMs: 50 });
  assert.deepEqual(steps, ["abc", "close"]);
});

test("a socket of fromStreams tells its state in toString", async () => {
  const own = fromStreams(giving());
  assert.equal(`${own}`, "<Socket AF_INET SOCK_STREAM open>");
  await own.close();
  assert.equal(`${own}`, "<Socket AF_INET SOCK_STREAM closed>");
});

test("reset ends a pending receive with EBADF when it is over web streams", async () => {
  const { readable } = new TransformStream<Uint8Array, Uint8Array>();
  const { writable } = new TransformStream<Uint8Array, Uint8Array>();
  const socket = fromStreams({ readable, writable });
  const pending = assert.rejects(socket.recv(), { code: "EBADF", op: "recv" });
  socket.reset();
  await pending;
  await socket.closed;
});
