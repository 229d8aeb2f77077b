/** The sending half over a raw stream that keeps what it is given. */

import assert from "node:assert/strict";
import { systemClock } from "../../../src/clock.ts";
import { socketError } from "../../../src/errors.ts";
import type { RawStream } from "../../../src/runtime/seam/stream.ts";
import { Sender, type SenderOwner } from "../../../src/socket/stream/sender.ts";
import { test } from "../../harness.ts";

let isClosed = false;
const owner: Omit<SenderOwner, "raw"> = {
  clock: systemClock,
  isReferenced: true,
  get isClosed() {
    return isClosed;
  },
  get isOver() {
    return isClosed;
  },
  fault: undefined,
  changed() {},
  error: (code, op) => socketError(code, { op }),
  faultError: ({ code }, op) => socketError(code, { op }),
  connectionFailed() {},
};

function ownerOf(raw: RawStream): SenderOwner {
  return Object.create(owner, { raw: { value: raw } }) as SenderOwner;
}

test("a sender writes nothing twice when it is closed while a send waits behind accepted bytes", async () => {
  const writes: string[] = [];
  let settle: (count: number) => void = () => {};
  const raw = {
    writesAtOnce: false,
    write(data: Uint8Array) {
      writes.push(new TextDecoder().decode(data));
      return new Promise<number>((resolve) => settle = resolve);
    },
  } as unknown as RawStream;
  const sender = new Sender(ownerOf(raw));
  assert.equal(sender.trySend("trySend", new Uint8Array([97])), 1);
  const pending = sender.sendAll("sendAll", [new Uint8Array([98])], {
    timeoutMs: null,
    signal: undefined,
  });
  isClosed = true;
  sender.close();
  await assert.rejects(pending, { code: "EBADF" });
  // The runtime still has the first write.
  sender.writable();
  assert.deepEqual(writes, ["a"]);
  settle(1);
  await sender.whenIdle();
  assert.deepEqual(writes, ["a"]);
  assert.equal(sender.unwritten, 0);
});

test("memory of an accepted piece is used again when the runtime has let go, not before", async () => {
  const held: { data: Uint8Array; settle: (count: number) => void }[] = [];
  const raw = {
    writesAtOnce: false,
    write: (data: Uint8Array) =>
      new Promise<number>((settle) => held.push({ data, settle })),
  } as unknown as RawStream;
  const trySend = (byte: number): Sender => {
    const sender = new Sender(ownerOf(raw));
    assert.equal(sender.trySend("trySend", new Uint8Array([byte])), 1);
    return sender;
  };
  isClosed = false;
  const first = trySend(1);
  // A connection that died leaves its memory to the runtime.
  trySend(2).failed();
  trySend(3);
  assert.deepEqual(held.map(({ data }) => [...data]), [[1], [2], [3]]);
  held[0]!.settle(1);
  await first.whenIdle();
  trySend(4);
  assert.equal(held[3]!.data.buffer, held[0]!.data.buffer);
  assert.deepEqual(held.slice(1).map(({ data }) => [...data]), [[2], [3], [4]]);
});
