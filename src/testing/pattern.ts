/**
 * Bytes that tell where they belong.
 *
 * @module
 */

import type { Bytes } from "../contracts.ts";
import { Dice } from "../runtime/memory/dice.ts";
import { LawBroken } from "./expect.ts";

/** A prime, so that no swap of blocks of a round size goes unseen. */
const PERIOD_BYTES = 1_048_573;

/** An endless stream of bytes that repeats after a prime number of them. */
export class Pattern {
  readonly #block: Uint8Array;

  /** Equal seeds give equal streams. */
  constructor(seed: number) {
    const dice = new Dice(seed);
    this.#block = new Uint8Array(PERIOD_BYTES).map(() => dice.next() * 256);
  }

  /** The `length` bytes that begin at `offset`. */
  slice(offset: number, length: number): Bytes {
    const bytes = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const at = (offset + done) % PERIOD_BYTES;
      const part = this.#block.subarray(at, at + length - done);
      bytes.set(part, done);
      done += part.length;
    }
    return bytes;
  }

  /** @throws {LawBroken} unless `bytes` are those that begin at `offset`. */
  check(bytes: Uint8Array, offset: number): void {
    let at = offset % PERIOD_BYTES;
    for (let i = 0; i < bytes.length; i++) {
      if (bytes[i] !== this.#block[at]) {
        throw new LawBroken(
          `byte ${offset + i} is ${bytes[i]}, not ${this.#block[at]}`,
        );
      }
      at = at + 1 === PERIOD_BYTES ? 0 : at + 1;
    }
  }
}
