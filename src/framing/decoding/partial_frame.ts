/**
 * The bytes of a frame that is not complete.
 *
 * @module
 */

import { NO_BYTES, slice } from "../../bytes.ts";
import type { Bytes } from "../../contracts.ts";

/** What is taken first, in bytes. */
const FIRST_SIZE = 64;

/** Frames up to this many bytes are given their memory at once. */
const SMALL_SIZE = 4_096;

/** Bytes that come piece by piece. Memory is taken as they come. */
export class PartialFrame {
  #bytes: Bytes = NO_BYTES;
  #length = 0;

  /** How many there are. */
  get length(): number {
    return this.#length;
  }

  /** The memory they are in: the first `length` bytes of it. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /**
   * Copies a part of `source` behind them. `size` is what there will be in
   * the end, so that the last growth is exact; `Infinity` if unknown.
   */
  append(source: Uint8Array, start: number, end: number, size: number): void {
    const length = this.#length + end - start;
    if (length > this.#bytes.length) this.#grow(length, size);
    if (end - start === 1) this.#bytes[this.#length] = source[start]!;
    else this.#bytes.set(source.subarray(start, end), this.#length);
    this.#length = length;
  }

  #grow(length: number, size: number): void {
    // Twice as much as is here, not what was announced: a peer that announces
    // much and sends little costs little.
    const wanted = size <= SMALL_SIZE
      ? size
      : Math.min(Math.max(FIRST_SIZE, 2 * length), size);
    const bytes = new Uint8Array(Math.max(wanted, length));
    if (this.#length > 0) bytes.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = bytes;
  }

  /** Gives them away. */
  take(): Bytes {
    const bytes = slice(this.#bytes, 0, this.#length);
    this.clear();
    return bytes;
  }

  /** Forgets them. */
  clear(): void {
    this.#bytes = NO_BYTES;
    this.#length = 0;
  }
}
