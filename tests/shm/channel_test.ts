/**
 * Making channels, attaching to them, and the ring alone.
 */

import assert from "node:assert/strict";
import { Doorbell } from "../../src/shm/doorbell.ts";
import { createMemory, memoryOf } from "../../src/shm/memory.ts";
import { CORRUPT, RingReader, RingWriter } from "../../src/shm/ring.ts";
import { shmAttach, shmChannel, shmPartnerDied } from "../../src/shm/mod.ts";
import { test } from "../harness.ts";

const port = null as never;

const MISTAKES: readonly (readonly [
  what: string,
  error: typeof TypeError | typeof RangeError,
  call: () => unknown,
])[] = [
  ["half a capacity", RangeError, () => shmChannel({ capacity: 4_095 })],
  ["a small capacity", RangeError, () => shmChannel({ capacity: 2_048 })],
  ["a huge capacity", RangeError, () => shmChannel({ capacity: 2 ** 27 })],
  ["no capacity", TypeError, () => shmChannel({ capacity: "4096" as never })],
  ["an unknown option", TypeError, () => shmChannel({ size: 1 } as never)],
  ["no worker", TypeError, () => shmChannel({ worker: {} as never })],
  ["no doorbell", TypeError, () => shmChannel({ doorbell: "gong" as never })],
  ["no handle", TypeError, () => shmAttach(undefined as never)],
  [
    "no memory",
    TypeError,
    () => shmAttach({ buffer: new ArrayBuffer(8320) as never, port }),
  ],
  [
    "memory of a wrong size",
    RangeError,
    () => shmAttach({ buffer: new SharedArrayBuffer(1_000), port }),
  ],
  [
    "no port",
    TypeError,
    () => shmAttach({ buffer: createMemory(4_096), port }),
  ],
  ["no buffer to tell of", TypeError, () => shmPartnerDied(5 as never)],
];

test("a channel refuses what cannot be, and nothing is left", () => {
  for (const [what, error, call] of MISTAKES) {
    assert.throws(call, error, what);
  }
});

test("a handle that was refused can still be attached to", async () => {
  const { local, remote } = shmChannel({ capacity: 4_096 });
  assert.throws(() => shmAttach({ buffer: remote.buffer, port }), TypeError);
  const partner = shmAttach(remote);
  await partner.sendAll("hello");
  assert.equal((await local.recv())?.length, 5);
  await partner.close();
  await local.close();
});

test("many reads in one turn wake a writer once", async (t) => {
  const { local, remote } = shmChannel({ capacity: 4_096 });
  const partner = shmAttach(remote);
  const { ringForRoom } = Doorbell.prototype;
  let rung = 0;
  Doorbell.prototype.ringForRoom = function (...args) {
    rung++;
    return ringForRoom.apply(this, args);
  };
  try {
    await t.step("at its end, while less than half is free", async () => {
      await local.sendAll(new Uint8Array(4_096));
      const sending = local.sendAll(new Uint8Array(1_000));
      for (let i = 0; i < 20; i++) partner.tryRecv(100);
      assert.equal(rung, 0);
      await sending;
      assert.equal(rung, 1);
    });
    await t.step("at once, when half is", async () => {
      const sending = local.sendAll(new Uint8Array(3_000));
      for (let i = 0; i < 25; i++) partner.tryRecv(100);
      assert.equal(rung, 2);
      await sending;
    });
  } finally {
    Doorbell.prototype.ringForRoom = ringForRoom;
    await local.close();
    await partner.close();
  }
});

test("a channel takes twice its capacity and 128 bytes", () => {
  assert.equal(createMemory(4_096).byteLength, 2 * 4_096 + 128);
});

test("a thread that may not block is told so", async () => {
  const { local, remote } = shmChannel();
  const partner = shmAttach(remote);
  const { wait } = Atomics;
  Atomics.wait = () => {
    throw new TypeError("Atomics.wait cannot be called in this context");
  };
  try {
    assert.throws(() => local.recvSync(), {
      code: "EOPNOTSUPP",
      op: "recvSync",
      message: /this thread may not block/,
    });
  } finally {
    Atomics.wait = wait;
  }
  await partner.sendAll("x");
  assert.equal(local.recvSync()?.length, 1);
  await partner.close();
  await local.close();
});

/** Every size at every place: 64 × 66 rings with a counter about to wrap. */
const CAPACITY = 64;

test("a ring takes every size at every place", () => {
  const start = -CAPACITY - 7;
  const memory = memoryOf(createMemory(CAPACITY, start));
  const [writer, reader] = [
    new RingWriter(memory, 0),
    new RingReader(memory, 0),
  ];
  let next = 0;
  let seen = 0;
  for (let place = 0; place < CAPACITY; place++) {
    for (let size = 0; size <= CAPACITY; size++) {
      assert.equal(writer.room, CAPACITY);
      const bytes = Uint8Array.from({ length: size }, () => next++);
      writer.write(bytes);
      assert.equal(writer.room, CAPACITY - size);
      assert.equal(reader.count, size);
      const copy = reader.copy(size);
      assert.equal(copy.buffer instanceof ArrayBuffer, true);
      assert.deepEqual(copy, Uint8Array.from(bytes, () => seen++));
      reader.drop(size);
      assert.equal(reader.count, 0);
      // Back to this place: what was moved on, and the rest of the turn.
      turn(writer, reader, (CAPACITY - size) % CAPACITY);
    }
    turn(writer, reader, 1);
  }
});

test("a call of a channel says within which time nothing happened", async () => {
  const { local, remote } = shmChannel({ capacity: 4_096 });
  const partner = shmAttach(remote);
  const late = (words: RegExp) => ({ code: "ETIMEDOUT", message: words });
  await assert.rejects(
    local.recv({ timeoutMs: 1 }),
    late(/nothing came within 1 ms/),
  );
  await assert.rejects(
    local.sendAll(new Uint8Array(5_000), { timeoutMs: 1 }),
    late(/not all was taken within 1 ms/),
  );
  assert.throws(() => local.recvSync(1, 1), late(/nothing came within 1 ms/));
  await Promise.all([local.close(), partner.close()]);
});

function turn(writer: RingWriter, reader: RingReader, count: number): void {
  writer.write(new Uint8Array(count));
  reader.drop(count);
}

test("a ring is corrupt whose counters are further apart than it is long", () => {
  const buffer = createMemory(CAPACITY);
  const memory = memoryOf(buffer);
  const words = new Int32Array(buffer, 0, 32);
  const [writer, reader] = [
    new RingWriter(memory, 0),
    new RingReader(memory, 0),
  ];
  for (const head of [CAPACITY + 1, -1, 0x7fffffff, -0x80000000]) {
    words[0] = head;
    assert.equal(reader.count, CORRUPT);
  }
  for (const tail of [1, CAPACITY, 0x7fffffff, -CAPACITY - 1]) {
    words[17] = tail;
    assert.equal(writer.room, CORRUPT);
  }
  words[2] = 8;
  assert.equal(reader.state, CORRUPT);
  assert.equal(writer.state, CORRUPT);
});
