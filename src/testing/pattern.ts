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
  readonly #dice: Dice;
  readonly #block: Uint8Array = new Uint8Array(PERIOD_BYTES);
  /** How much of the block is made. */
  #made = 0;

  /** Equal seeds give equal streams. */
  constructor(seed: number) {
    this.#dice = new Dice(seed);
  }

  /** The `length` bytes that begin at `offset`. */
  slice(offset: number, length: number): Bytes {
    this.#make(offset + length);
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
    this.#make(offset + bytes.length);
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

  /** Makes the bytes before `end`: most laws need but a few. */
  #make(end: number): void {
    while (this.#made < Math.min(end, PERIOD_BYTES)) {
      this.#block[this.#made++] = this.#dice.next() * 256;
    }
  }
}
