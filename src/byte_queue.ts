/**
 * Received bytes in the order they came, kept as the chunks they came in.
 *
 * @module
 */

import type { Bytes } from "./contracts.ts";

const EMPTY: Bytes = new Uint8Array(0);

/** Chunks shorter than this are small: their objects outweigh their bytes. */
const SMALL_BYTES = 512;

/** So many small chunks in a row become one, lest a drip of bytes costs MiBs. */
const SMALL_RUN = 32;

/** All the chunks in one array. */
export function concat(chunks: readonly Uint8Array[]): Bytes {
  let size = 0;
  for (const chunk of chunks) size += chunk.length;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/**
 * A queue of chunks. Taking a whole chunk gives it away as it is; taking a
 * part copies, so that what leaves is the only view of its `ArrayBuffer`.
 */
export class ByteQueue {
  #chunks: Bytes[] = [];
  /** Index of the first chunk that is still here. */
  #first = 0;
  /** Bytes of the first chunk that are gone already. */
  #offset = 0;
  #length = 0;
  /** How many chunks at the back are small. */
  #smallRun = 0;

  /** Bytes in hand. */
  get length(): number {
    return this.#length;
  }

  /** Adds a chunk, which belongs to the queue from now on. */
  push(chunk: Bytes): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    this.#smallRun = chunk.length < SMALL_BYTES ? this.#smallRun + 1 : 0;
    if (this.#smallRun === SMALL_RUN) this.#mergeSmallRun();
  }

  /** The first chunk or the part of it that fits; empty if there is none. */
  shift(maxBytes: number): Bytes {
    const chunk = this.#chunks[this.#first];
    if (chunk === undefined || maxBytes === 0) return EMPTY;
    const size = chunk.length - this.#offset;
    if (this.#offset === 0 && size <= maxBytes) {
      this.#drop(size);
      return chunk;
    }
    const end = this.#offset + Math.min(size, maxBytes);
    const part = chunk.slice(this.#offset, end);
    this.#drop(part.length);
    return part;
  }

  /** Exactly `size` bytes, which must be here, in one array. */
  take(size: number): Bytes {
    const chunk = this.#chunks[this.#first];
    if (chunk !== undefined && chunk.length - this.#offset >= size) {
      return this.shift(size);
    }
    const whole = new Uint8Array(size);
    this.copyInto(whole);
    this.drop(size);
    return whole;
  }

  /** Copies from the front into `target`, consuming nothing; gives the count. */
  copyInto(target: Uint8Array): number {
    let done = 0;
    let offset = this.#offset;
    for (let i = this.#first; i < this.#chunks.length; i++) {
      if (done === target.length) break;
      const chunk = this.#chunks[i] ?? EMPTY;
      const end = Math.min(chunk.length, offset + target.length - done);
      // A view makes a short array move its bytes: 0.2–0.5 µs on Bun and Node.
      const isWhole = offset === 0 && end === chunk.length;
      target.set(isWhole ? chunk : chunk.subarray(offset, end), done);
      done += end - offset;
      offset = 0;
    }
    return done;
  }

  /** Forgets the first `size` bytes, or all if there are fewer. */
  drop(size: number): void {
    let left = Math.min(size, this.#length);
    while (left > 0) {
      const chunk = this.#chunks[this.#first] ?? EMPTY;
      const part = Math.min(left, chunk.length - this.#offset);
      this.#drop(part);
      left -= part;
    }
  }

  /** Forgets everything. */
  clear(): void {
    this.#chunks = [];
    this.#first = this.#offset = this.#length = 0;
  }

  /**
   * Where `needle` begins, at `from` or later, or −1. A search that goes on
   * after more bytes came starts at `length − needle.length + 1` of before.
   */
  indexOf(needle: Uint8Array, from: number): number {
    const head = needle[0] ?? 0;
    let start = 0;
    let offset = this.#offset;
    for (let i = this.#first; i < this.#chunks.length; i++) {
      const chunk = this.#chunks[i] ?? EMPTY;
      const end = start + chunk.length - offset;
      let at = Math.max(from - start, 0) + offset;
      while (at < chunk.length) {
        at = chunk.indexOf(head, at);
        if (at < 0) break;
        if (this.#matches(needle, i, at)) return start + at - offset;
        at++;
      }
      start = end;
      offset = 0;
    }
    return -1;
  }

  /**
   * How many bytes the first `count` characters of UTF-8 take; fewer
   * characters if `isAll` and there are no more; else `undefined`.
   */
  characters(count: number, isAll: boolean): number | undefined {
    let seen = 0;
    let at = 0;
    let left = 0;
    let offset = this.#offset;
    for (let i = this.#first; i < this.#chunks.length; i++) {
      for (const byte of (this.#chunks[i] ?? EMPTY).subarray(offset)) {
        const isContinuation = (byte & 0xc0) === 0x80;
        if (left > 0 && isContinuation) left--;
        else if (seen === count) return at;
        else {
          seen++;
          left = continuationBytes(byte);
        }
        at++;
      }
      offset = 0;
    }
    if (left === 0 && seen === count) return at;
    return isAll && at > 0 ? at : undefined;
  }

  /** Whether `needle` stands at byte `at` of chunk `index`, going on behind. */
  #matches(needle: Uint8Array, index: number, at: number): boolean {
    let chunk = this.#chunks[index] ?? EMPTY;
    for (const byte of needle) {
      while (at === chunk.length) {
        index++;
        const next = this.#chunks[index];
        if (next === undefined) return false;
        chunk = next;
        at = 0;
      }
      if (chunk[at] !== byte) return false;
      at++;
    }
    return true;
  }

  /** Makes one chunk of the small ones at the back that are whole. */
  #mergeSmallRun(): void {
    this.#smallRun = 0;
    const untouched = this.#first + (this.#offset > 0 ? 1 : 0);
    const from = Math.max(this.#chunks.length - SMALL_RUN, untouched);
    const run = this.#chunks.splice(from);
    this.#chunks.push(concat(run));
  }

  /** Consumes bytes of the first chunk alone. */
  #drop(size: number): void {
    const chunk = this.#chunks[this.#first] ?? EMPTY;
    this.#length -= size;
    this.#offset += size;
    if (this.#offset < chunk.length) return;
    this.#offset = 0;
    this.#chunks[this.#first] = EMPTY;
    this.#first++;
    this.#compact();
  }

  /** Moves the chunks down once half of the array is used up. */
  #compact(): void {
    const isEmpty = this.#first === this.#chunks.length;
    const isHalfUsed = this.#first * 2 >= this.#chunks.length;
    if (!isHalfUsed || (!isEmpty && this.#first < 64)) return;
    this.#chunks.splice(0, this.#first);
    this.#first = 0;
  }
}

/** How many bytes follow the first byte of a character of UTF-8. */
function continuationBytes(first: number): number {
  if (first < 0xc0) return 0;
  if (first < 0xe0) return 1;
  return first < 0xf0 ? 2 : 3;
}
