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

/** What both ends of a ring do. */
class RingEnd {
  readonly #words: Int32Array;
  readonly #stateAt: number;

  constructor({ words }: Memory, ring: Side) {
    this.#words = words;
    this.#stateAt = STATE[ring];
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
}

/** The end that reads. */
export class RingReader extends RingEnd {
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #headAt: number;
  readonly #tailAt: number;
  #tail: number;

  /** Reads what side `ring` writes. */
  constructor(memory: Memory, ring: Side) {
    super(memory, ring);
    this.#words = memory.words;
    this.#bytes = memory.bytes[ring];
    this.#headAt = HEAD[ring];
    this.#tailAt = TAIL[ring];
    this.#tail = Atomics.load(memory.words, this.#tailAt);
  }

  /** Bytes in hand, or `CORRUPT`. */
  get count(): number {
    const head = Atomics.load(this.#words, this.#headAt);
    const count = (head - this.#tail) >>> 0;
    return count > this.#bytes.length ? CORRUPT : count;
  }

  /** A copy of the first `count` bytes, which must be in hand. */
  copy(count: number): Bytes {
    const bytes = this.#bytes;
    const at = this.#tail & (bytes.length - 1);
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
    this.#tail = (this.#tail + count) | 0;
    Atomics.store(this.#words, this.#tailAt, this.#tail);
  }
}

/** The end that writes. */
export class RingWriter extends RingEnd {
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #headAt: number;
  readonly #tailAt: number;
  #head: number;

  /** Writes as side `ring`. */
  constructor(memory: Memory, ring: Side) {
    super(memory, ring);
    this.#words = memory.words;
    this.#bytes = memory.bytes[ring];
    this.#headAt = HEAD[ring];
    this.#tailAt = TAIL[ring];
    this.#head = Atomics.load(memory.words, this.#headAt);
  }

  /** How many more bytes it takes, or `CORRUPT`. */
  get room(): number {
    const tail = Atomics.load(this.#words, this.#tailAt);
    const held = (this.#head - tail) >>> 0;
    const { length } = this.#bytes;
    return held > length ? CORRUPT : length - held;
  }

  /** Writes bytes for which there must be room. */
  write(data: Uint8Array): void {
    const bytes = this.#bytes;
    const count = data.length;
    const at = this.#head & (bytes.length - 1);
    const first = bytes.length - at;
    if (count <= first) bytes.set(data, at);
    else {
      bytes.set(data.subarray(0, first), at);
      bytes.set(data.subarray(first), 0);
    }
    // The count comes behind the bytes: who sees it sees them.
    this.#head = (this.#head + count) | 0;
    Atomics.store(this.#words, this.#headAt, this.#head);
  }
}
