/** Memory that is lent to the runtime, and what becomes of bytes in it. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { SocketError } from "../../../src/errors.ts";
import { socketPair, type StreamSocket } from "../../../src/socket/mod.ts";
import { test } from "../../harness.ts";

const text = new TextEncoder();

async function withPair(
  use: (own: StreamSocket, peer: StreamSocket) => Promise<void>,
): Promise<void> {
  const [own, peer] = await socketPair();
  try {
    await use(own, peer);
  } finally {
    await Promise.all([own.close(), peer.close()]);
    await Promise.all([own.closed, peer.closed]);
  }
}

test("recvInto fills memory in pieces when it is smaller than what comes", () =>
  withPair(async (own, peer) => {
    const memory = new Uint8Array(4);
    const first = own.recvInto(memory);
    await peer.sendAll("abcdefg");
    let got = "";
    let count = await first;
    while (got.length < 7) {
      assert.ok(count !== null && count > 0 && count <= 4);
      got += new TextDecoder().decode(memory.subarray(0, count));
      if (got.length < 7) count = await own.recvInto(memory);
    }
    assert.equal(got, "abcdefg");
    assert.equal(own.bytesReceived, 7);
  }));

test("recvInto touches only what it was given when that is part of a buffer", () =>
  withPair(async (own, peer) => {
    const whole = new Uint8Array(16).fill(7);
    const pending = own.recvInto(whole.subarray(4, 8));
    await peer.sendAll("wxyz");
    const count = await pending;
    assert.ok(count !== null && count > 0);
    assert.deepEqual(whole.subarray(0, 4), new Uint8Array(4).fill(7));
    assert.deepEqual(whole.subarray(8), new Uint8Array(8).fill(7));
    assert.deepEqual(
      whole.slice(4, 4 + count),
      text.encode("wxyz").slice(0, count),
    );
  }));

test("recv after recvInto gets fresh memory when both wait in turn", () =>
  withPair(async (own, peer) => {
    const memory = new Uint8Array(64);
    const into = own.recvInto(memory);
    await peer.sendAll("first");
    assert.equal(await into, 5);
    const plain = own.recvExactly(6);
    await peer.sendAll("second");
    const bytes = await plain;
    assert.deepEqual(bytes, text.encode("second"));
    assert.notEqual(bytes.buffer, memory.buffer);
    assert.deepEqual(memory.slice(0, 5), text.encode("first"));
  }));

test("a file loses no byte when the socket is closed during a recvInto", () =>
  withPair(async (own, peer) => {
    const file = own.makeFile("r");
    const pending = own.recvInto(new Uint8Array(64));
    const ended = assert.rejects(
      pending,
      (error) => error instanceof SocketError && error.code === "EBADF",
    );
    await own.close();
    await ended;
    const line = file.readExactly(5);
    await peer.sendAll("going on");
    assert.deepEqual(await line, text.encode("going"));
    assert.deepEqual(await file.readExactly(3), text.encode(" on"));
    await Promise.all([file.close(), peer.close()]);
  }));

test("recv and recvInto lose and mix no byte when much comes and they take turns", () =>
  withPair(async (own, peer) => {
    const sent = new Uint8Array(8 * 1_048_576);
    for (let i = 0; i < sent.length; i++) sent[i] = (i * 31 + (i >> 12)) & 255;
    const sending = peer.sendAll(sent);
    const memory = new Uint8Array(100_000);
    const kept: [at: number, bytes: Uint8Array][] = [];
    let at = 0;
    for (let turn = 0; at < sent.length; turn++) {
      // Runs of each, so that reads settle down to the one kind.
      if (turn % 20 < 10) {
        const count = await own.recvInto(memory);
        kept.push([at, memory.slice(0, count ?? 0)]);
      } else kept.push([at, await own.recv() ?? new Uint8Array(0)]);
      at += kept.at(-1)![1].length;
    }
    await sending;
    // Only now: what was given must not have changed since.
    for (const [from, bytes] of kept) {
      const expected = sent.subarray(from, from + bytes.length);
      assert.equal(Buffer.compare(bytes, expected), 0, `from ${from}`);
    }
  }));

test("recvInto rejects and loses nothing when its memory was transferred", () =>
  withPair(async (own, peer) => {
    const memory = new Uint8Array(8);
    // A call with a deadline lends nothing to the runtime.
    const pending = own.recvInto(memory, { timeoutMs: 60_000 });
    structuredClone(memory, { transfer: [memory.buffer] });
    await Promise.all([
      assert.rejects(pending, /^TypeError: .*transferred/),
      peer.sendAll("kept"),
    ]);
    const rest = await own.recvExactly(4);
    assert.equal(new TextDecoder().decode(rest), "kept");
  }));
