/**
 * One direction of a channel: a ring of bytes, its two ends, and how it ends.
 *
 * Each end keeps its own counter and reads the other's alone, so that whatever
 * stands in the memory, nothing is read or written beside the ring.
 *
 * @module
 */

import type { Bytes } from "../contracts.ts";
import { HEAD, type Memory, type Side, STATE, TAIL } from "./memory.ts";

/** The writer has ended: no byte follows. */
export const ENDED = 1;
/** The reader has closed: no byte is wanted. */
export const STOPPED = 2;
/** One of them has cut the stream. */
export const RESET = 4;

const EVERY_STATE = ENDED | STOPPED | RESET;

/** What a ring says of itself whose memory was written to by a stranger. */
export const CORRUPT = -1;

/** What both ends of a ring do, each with a counter of its own. */
class RingEnd {
  protected readonly bytes: Uint8Array;
  /** Where this end is: what it has read, or written, in all. */
  protected at: number;
  readonly #words: Int32Array;
  readonly #stateAt: number;
  readonly #ownAt: number;
  readonly #othersAt: number;

  constructor(
    { words, bytes }: Memory,
    ring: Side,
    own: readonly number[],
    others: readonly number[],
  ) {
    this.#words = words;
    this.#stateAt = STATE[ring];
    this.#ownAt = own[ring]!;
    this.#othersAt = others[ring]!;
    this.bytes = bytes[ring];
    this.at = Atomics.load(words, this.#ownAt);
  }

  /** How many bytes fit. */
  get capacity(): number {
    return this.bytes.length;
  }

  /** `ENDED`, `STOPPED` and `RESET`, or'ed together; or `CORRUPT`. */
  get state(): number {
    const state = Atomics.load(this.#words, this.#stateAt);
    return (state & ~EVERY_STATE) === 0 ? state : CORRUPT;
  }

  /** Says how it ends, behind everything that was written. */
  mark(states: number): void {
    Atomics.or(this.#words, this.#stateAt, states);
  }

  /** Where the other end is. */
  protected get othersPlace(): number {
    return Atomics.load(this.#words, this.#othersAt);
  }

  /** Goes on by `count` bytes, and tells the other end. */
  protected advance(count: number): void {
    this.at = (this.at + count) | 0;
    Atomics.store(this.#words, this.#ownAt, this.at);
  }
}

/** The end that reads. */
export class RingReader extends RingEnd {
  /** Reads what side `ring` writes. */
  constructor(memory: Memory, ring: Side) {
    super(memory, ring, TAIL, HEAD);
  }

  /** Bytes in hand, or `CORRUPT`. */
  get count(): number {
    const count = (this.othersPlace - this.at) >>> 0;
    return count > this.bytes.length ? CORRUPT : count;
  }

  /** How many more bytes the writer has room for, where nothing is corrupt. */
  get room(): number {
    return this.capacity - ((this.othersPlace - this.at) >>> 0);
  }

  /** A copy of the first `count` bytes, which must be in hand. */
  copy(count: number): Bytes {
    const { bytes } = this;
    const at = this.at & (bytes.length - 1);
    // A slice is memory of its own, and none that is shared.
    if (at + count <= bytes.length) {
      return bytes.slice(at, at + count) as unknown as Bytes;
    }
    const copy = new Uint8Array(count);
    const first = bytes.length - at;
    copy.set(bytes.subarray(at));
    copy.set(bytes.subarray(0, count - first), first);
    return copy;
  }

  /** Forgets the first `count` bytes: there is room for so many more. */
  drop(count: number): void {
    this.advance(count);
  }
}

/** The end that writes. */
export class RingWriter extends RingEnd {
  /** Writes as side `ring`. */
  constructor(memory: Memory, ring: Side) {
    super(memory, ring, HEAD, TAIL);
  }

  /** How many more bytes it takes, or `CORRUPT`. */
  get room(): number {
    const held = (this.at - this.othersPlace) >>> 0;
    const { length } = this.bytes;
    return held > length ? CORRUPT : length - held;
  }

  /** Writes bytes for which there must be room. */
  write(data: Uint8Array): void {
    const { bytes } = this;
    const count = data.length;
    const at = this.at & (bytes.length - 1);
    const first = bytes.length - at;
    if (count <= first) bytes.set(data, at);
    else {
      bytes.set(data.subarray(0, first), at);
      bytes.set(data.subarray(first), 0);
    }
    // The count comes behind the bytes: who sees it sees them.
    this.advance(count);
  }
}
