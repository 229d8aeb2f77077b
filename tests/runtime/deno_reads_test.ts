/** How large the buffers are that Deno reads into, by a connection of ours. */

import assert from "node:assert/strict";
import type { DenoConn } from "../../src/runtime/deno/native.ts";
import { DenoStream } from "../../src/runtime/deno/stream.ts";
import { test } from "../harness.ts";

interface Read {
  /** How long the buffer was. */
  readonly size: number;
  /** How many bytes came. */
  readonly count: number;
}

/** So many reads, each of which brings what `bring` says, if it has the room. */
async function reads(
  times: number,
  bring: () => number,
  took: (count: number) => void = () => {},
): Promise<Read[]> {
  const done: Read[] = [];
  const conn = {
    remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 1 },
    read({ length: size }: Uint8Array): Promise<number | null> {
      if (done.length === times) return Promise.resolve(null);
      const count = Math.min(bring(), size);
      took(count);
      done.push({ size, count });
      return Promise.resolve(count);
    },
    close() {},
  };
  const stream = new DenoStream(conn as unknown as DenoConn);
  await new Promise<void>((resolve) => {
    stream.attach({
      data() {
        stream.resume();
        return true;
      },
      end: resolve,
      failed() {},
      writable() {},
      closed() {},
    });
    stream.resume();
  });
  stream.close();
  return done;
}

function sizesOf(reads: readonly Read[]): number[] {
  return reads.map(({ size }) => size);
}

test("reads of Deno grow while they are filled, up to 64 KiB", async () => {
  assert.deepEqual(sizesOf(await reads(7, () => Infinity)), [
    4_096,
    8_192,
    16_384,
    32_768,
    65_536,
    65_536,
    65_536,
  ]);
});

test("reads of Deno take a message whole that is a little longer than one", async () => {
  for (const [bytes, size] of [[5_000, 8_192], [18_000, 32_768]] as const) {
    let left: number = bytes;
    const done = await reads(40, () => left, (count) => {
      left = left === count ? bytes : left - count;
    });
    const last = done.slice(-10);
    assert.deepEqual(last, Array(10).fill({ size, count: bytes }));
  }
});

test("reads of Deno shrink after two small ones, and after no single one", async () => {
  const counts = [Infinity, Infinity, 100, 9_000, 100, 100, 100, 100, 100];
  assert.deepEqual(sizesOf(await reads(9, () => counts.shift() ?? 0)), [
    4_096,
    8_192,
    ...[16_384, 16_384, 16_384, 16_384],
    ...[8_192, 8_192],
    4_096,
  ]);
});
