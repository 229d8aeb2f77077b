/**
 * Bytes that tell where they belong.
 *
 * @module
 */

import type { Bytes } from "../contracts.ts";
import { Dice } from "./dice.ts";
import { LawBroken } from "./expect.ts";

/** A prime, so that no swap of blocks of a round size goes unseen. */
const PERIOD_BYTES = 1_048_573;

/** How far apart the streams of two seeds begin: no round number either. */
const APART_BYTES = 104_729;

/** Chance costs: all patterns are one, and begin in different places. */
const block: Uint8Array = new Uint8Array(PERIOD_BYTES);
const dice: Dice = new Dice(1);
/** How much of the block is made. */
let made = 0;

/** Makes the bytes before `end`: most laws need but a few. */
function make(end: number): void {
  while (made < Math.min(end, PERIOD_BYTES)) block[made++] = dice.next() * 256;
}

/**
 * Compares bytes from `from` on with the block from `at` on, and gives how many
 * there were up to the end of either.
 */
function sameRun(
  bytes: Uint8Array,
  from: number,
  at: number,
  offset: number,
): number {
  const count = Math.min(bytes.length - from, PERIOD_BYTES - at);
  for (let i = 0; i < count; i++) {
    if (bytes[from + i] === block[at + i]) continue;
    throw new LawBroken(
      `byte ${offset + from + i} is ${bytes[from + i]}, not ${block[at + i]}`,
    );
  }
  return count;
}

/** An endless stream of bytes that repeats after a prime number of them. */
export class Pattern {
  /** Where in the block it begins. */
  readonly #start: number;

  /** Equal seeds give equal streams. */
  constructor(seed: number) {
    this.#start = seed * APART_BYTES % PERIOD_BYTES;
  }

  /** The `length` bytes that begin at `offset`. */
  slice(offset: number, length: number): Bytes {
    const bytes = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const at = this.#place(offset + done, length - done);
      const part = block.subarray(at, at + length - done);
      bytes.set(part, done);
      done += part.length;
    }
    return bytes;
  }

  /** @throws {LawBroken} unless `bytes` are those that begin at `offset`. */
  check(bytes: Uint8Array, offset: number): void {
    for (let done = 0; done < bytes.length;) {
      const at = this.#place(offset + done, bytes.length - done);
      done += sameRun(bytes, done, at, offset);
    }
  }

  /** Where in the block `offset` is; so many bytes behind it are made. */
  #place(offset: number, length: number): number {
    const at = (this.#start + offset) % PERIOD_BYTES;
    make(at + length);
    return at;
  }
}

/** Where the first byte is that is not `value`; -1 if there is none. */
export function firstOther(bytes: Uint8Array, value: number): number {
  // A callback for each of some millions of bytes takes its time.
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== value) return i;
  return -1;
}
