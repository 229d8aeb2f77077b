/**
 * The inner shape of all decoders here: they can be asked for one frame at a
 * time and tell where in the chunk it ended. So bytes behind a frame can be
 * handed back, and one codec can be a part of another.
 *
 * @module
 */

import type { Bytes } from "../../contracts.ts";
import type { Decoder } from "../codec.ts";

/** No frame yet: more bytes are needed. */
export const NONE: unique symbol = Symbol("none");

/** An over-long frame ended here; it is counted. */
export const DROPPED: unique symbol = Symbol("dropped");

/** What asking for a frame gives. */
export type Pulled<T> = T | typeof NONE | typeof DROPPED;

/** A decoder that can be asked for one frame at a time. */
export abstract class PullDecoder<T> implements Decoder<T> {
  #failure: unknown;
  #isOver = false;

  /** Bytes that are held and belong to no frame given yet. */
  abstract get buffered(): number;
  /** So many more bytes are needed at least. */
  abstract get need(): number | undefined;
  /** How many over-long frames were thrown away. */
  abstract get discarded(): number;
  /** Where in the chunk the last frame ended. */
  abstract get position(): number;

  /** Goes on with `chunk` from `from` on; the one before is used up. */
  abstract feed(chunk: Uint8Array, from: number): void;
  /** The next frame of the chunk; throws its error if it is bad. */
  abstract next(): Pulled<T>;
  /** Adds the frames that the end completes; throws on left-over bytes. */
  abstract finish(out: T[]): void;
  /** Gives away the bytes that belong to no frame given. */
  abstract take(): Bytes;

  /**
   * Has the decoder take no byte behind a frame that it gives, because another
   * decoder goes on there. Called before it has any; most never take one.
   */
  stopBehindFrames(): this {
    return this;
  }

  /** The frames that are faster had together, if there are such. */
  begin(): T[] {
    return [];
  }

  /** Adds all frames of the chunk; throws at a bad one. */
  drain(out: T[]): void {
    for (;;) {
      const frame = this.next();
      if (frame === NONE) return;
      if (frame !== DROPPED) out.push(frame);
    }
  }

  /** Takes a chunk and gives the frames that are complete. */
  push(chunk: Uint8Array): T[] {
    this.#check();
    if (this.#isOver) throw new TypeError("push() comes after end()");
    let out: T[] = [];
    this.feed(chunk, 0);
    try {
      out = this.begin();
      this.drain(out);
    } catch (error) {
      this.#failure = error;
      this.take();
    }
    return out;
  }

  /** The stream has ended: gives what its end completes. */
  end(): T[] {
    this.#check();
    const out: T[] = [];
    if (this.#isOver) return out;
    this.#isOver = true;
    try {
      this.finish(out);
    } catch (error) {
      this.#failure = error;
      throw error;
    }
    return out;
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}
