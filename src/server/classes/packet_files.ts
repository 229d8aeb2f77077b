/**
 * A datagram as files: one that reads it, and one that gathers an answer.
 *
 * @module
 */

import { concat } from "../../byte_queue.ts";
import { toBytes } from "../../bytes.ts";
import type { Bytes, BytesLike } from "../../contracts.ts";

const NEWLINE = 10;

/** Reads a datagram. All is in hand, so that nothing has to be awaited. */
export class PacketReader {
  readonly #packet: Bytes;
  #at = 0;

  /** Reads from the beginning. */
  constructor(packet: Bytes) {
    this.#packet = packet;
  }

  /** At most `size` bytes, default all that are left; `null` at the end. */
  read(size: number = Infinity): Bytes | null {
    return this.#take(Math.min(this.#at + size, this.#packet.length));
  }

  /** A line with its newline, if it has one; `null` at the end. */
  readLine(): Bytes | null {
    const end = this.#packet.indexOf(NEWLINE, this.#at);
    return this.#take(end < 0 ? this.#packet.length : end + 1);
  }

  #take(end: number): Bytes | null {
    if (this.#at === this.#packet.length) return null;
    const bytes = this.#packet.slice(this.#at, end);
    this.#at = end;
    return bytes;
  }
}

/** Gathers what becomes one datagram. */
export class PacketWriter {
  #chunks: Bytes[] = [];

  /** Adds bytes, which are copied. */
  write(data: BytesLike): void {
    this.#chunks.push(toBytes(data).slice());
  }

  /** What was written, which is then forgotten. */
  take(): Bytes {
    return concat(this.#chunks.splice(0));
  }
}
