/**
 * How a stream stands: its two directions, what was said of their ends, and
 * whether the partner lives.
 *
 * @module
 */

import { GONE, type Memory, type Side } from "./memory.ts";
import {
  CORRUPT,
  ENDED,
  RESET,
  RingReader,
  RingWriter,
  STOPPED,
} from "./ring.ts";

/** What one end of a channel knows of both directions. */
export class Standing {
  /** What the partner writes. */
  readonly incoming: RingReader;
  /** What the partner reads. */
  readonly outgoing: RingWriter;
  /** `close` or `reset` was called. */
  isClosed = false;
  /** `SHUT_RD` was called. */
  isShut = false;
  /** `null` was given, which stays. */
  isEnded = false;
  /** The partner's thread has ended, or has closed its port. */
  isGone = false;
  readonly #words: Int32Array;

  /** The end of `side`. */
  constructor(memory: Memory, side: Side) {
    this.#words = memory.words;
    this.incoming = new RingReader(memory, side === 0 ? 1 : 0);
    this.outgoing = new RingWriter(memory, side);
  }

  /** Whether the partner's thread has ended, as far as anybody has told. */
  get isAlone(): boolean {
    return this.isGone || Atomics.load(this.#words, GONE) !== 0;
  }

  /** Whether it was cut, the partner died, or the memory is corrupt. */
  get isDead(): boolean {
    const incoming = this.incoming.state;
    const outgoing = this.outgoing.state;
    if (incoming === CORRUPT || outgoing === CORRUPT) return true;
    if (((incoming | outgoing) & RESET) !== 0) return true;
    if (this.incoming.count === CORRUPT) return true;
    if (this.outgoing.room === CORRUPT) return true;
    return this.isAlone && (outgoing & STOPPED) === 0;
  }

  /** Whether a receive would give something, or fail, at once. */
  get isReadable(): boolean {
    if (this.isShut || this.isEnded || this.isAlone) return true;
    return this.incoming.count !== 0 ||
      (this.incoming.state & (ENDED | RESET)) !== 0;
  }

  /** Whether so many bytes would be taken at once, or be refused. */
  isWritable(bytes: number): boolean {
    const { room } = this.outgoing;
    return room >= bytes || room === CORRUPT || this.refusal !== undefined;
  }

  /** Why no byte is taken any more. */
  get refusal(): string | undefined {
    const { state } = this.outgoing;
    if (state === 0) return this.isAlone ? "ECONNRESET" : undefined;
    if (state === CORRUPT) return "EPROTO";
    if ((state & RESET) !== 0) return "ECONNRESET";
    const isClosing = (state & STOPPED) !== 0;
    return isClosing || !this.isAlone ? "EPIPE" : "ECONNRESET";
  }

  /** Cuts both directions. */
  cut(): void {
    this.incoming.mark(RESET);
    this.outgoing.mark(RESET);
  }

  /** Nothing more is wanted, and nothing more is sent. */
  end(): void {
    // The end that the partner reads comes last: then its sends fail.
    this.incoming.mark(STOPPED);
    this.outgoing.mark(ENDED);
  }
}
