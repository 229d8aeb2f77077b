/**
 * Decoders of frames whose length can be told from their beginning.
 *
 * @module
 */

import type { Bytes } from "../../contracts.ts";
import { slice } from "../../bytes.ts";
import { DROPPED, NONE, type Pulled } from "./pull_decoder.ts";
import { WindowDecoder } from "./window_decoder.ts";

/** A decoder that learns a frame's length before it has the frame. */
export abstract class MeasuredDecoder extends WindowDecoder<Bytes> {
  /** The length of the frame that is held, once it is known. */
  #total = 0;
  /** Bytes of an over-long frame that are still to be dropped. */
  #skip = 0;

  /**
   * The length in bytes of the whole frame that begins at `start`; `-n` if
   * `n` bytes of it are needed to tell more. Throws if it is bad; calls
   * `tooLong()` if it is too long.
   */
  protected abstract measure(
    bytes: Uint8Array,
    start: number,
    end: number,
  ): number;

  /** How many bytes in front and at the end are no part of the message. */
  protected abstract trim(): [front: number, back: number];

  /** Whether nothing is under way: the chunk's next byte begins a frame. */
  protected get isFresh(): boolean {
    return this.held.length === 0 && this.#skip === 0;
  }

  /** Looks at the last byte of a frame; throws if it is bad. */
  protected checkLast(_last: number): void {}

  /** The fewest bytes of a frame that begins with `size` bytes of `bytes`. */
  protected least(bytes: Uint8Array, size: number): number {
    return -this.measure(bytes, 0, size);
  }

  /** So many more bytes are needed at least. */
  override get need(): number | undefined {
    if (this.#skip > 0) return this.#skip;
    const length = this.held.length;
    if (this.#total > 0) return this.#total - length;
    return this.least(this.held.bytes, length) - length;
  }

  /** The next frame of the chunk. */
  override next(): Pulled<Bytes> {
    if (this.#skip > 0) return this.#drop();
    return this.held.length > 0 ? this.#nextHeld() : this.#nextWhole();
  }

  /** The next frame, of which earlier chunks brought nothing. */
  #nextWhole(): Pulled<Bytes> {
    const { chunk, at } = this;
    const end = chunk.length;
    if (at === end) return NONE;
    const before = this.dropped;
    const total = this.measure(chunk, at, end);
    if (this.dropped !== before) return this.#startDrop(total);
    if (total >= 0 && total <= end - at) {
      this.at = at + total;
      return this.#cut(chunk, at, at + total);
    }
    if (total > 0) this.#total = total;
    this.stash(total > 0 ? total : Infinity);
    return NONE;
  }

  /** The next frame, of which earlier chunks brought a part. */
  #nextHeld(): Pulled<Bytes> {
    const { held } = this;
    while (this.#total === 0) {
      const before = this.dropped;
      const total = this.measure(held.bytes, 0, held.length);
      if (this.dropped !== before) return this.#startDrop(total);
      if (total > 0) this.#total = total;
      else if (!this.#move(-total, Infinity)) return NONE;
    }
    const total = this.#total;
    if (!this.#move(total, total)) return NONE;
    this.#total = 0;
    const frame = this.#cut(held.bytes, 0, total);
    held.clear();
    return frame;
  }

  /** Moves bytes of the chunk until `size` are held, if there are so many. */
  #move(size: number, capacity: number): boolean {
    const { chunk, at, held } = this;
    const end = Math.min(chunk.length, at + size - held.length);
    if (end > at) held.append(chunk, at, end, capacity);
    this.at = end;
    return held.length === size;
  }

  #cut(bytes: Uint8Array, start: number, end: number): Bytes {
    this.checkLast(bytes[end - 1]!);
    const [front, back] = this.trim();
    return slice(bytes, start + front, end - back);
  }

  #startDrop(total: number): Pulled<Bytes> {
    this.#skip = total - this.held.length;
    this.held.clear();
    return this.#drop();
  }

  #drop(): Pulled<Bytes> {
    const end = Math.min(this.chunk.length, this.at + this.#skip);
    this.#skip -= end - this.at;
    this.at = end;
    if (this.#skip > 0) return NONE;
    this.checkLast(this.chunk[end - 1]!);
    return DROPPED;
  }

  /** Gives away the bytes that belong to no frame given. */
  override take(): Bytes {
    this.#total = this.#skip = 0;
    return super.take();
  }
}
