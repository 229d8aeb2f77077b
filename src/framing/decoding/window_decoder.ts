/**
 * The inner shape of all decoders here: they can be asked for one frame at a
 * time and tell where in the chunk it ended. So bytes behind a frame can be
 * handed back, and one codec can be a part of another.
 *
 * @module
 */

import { concat } from "../../byte_queue.ts";
import { NO_BYTES, slice } from "../../bytes.ts";
import type { Bytes } from "../../contracts.ts";
import { FrameTooLongError, IncompleteFrameError } from "../../errors.ts";
import type { Decoder, Limits } from "../codec.ts";
import { Held } from "./partial_frame.ts";

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

/**
 * A decoder that looks at its chunk in place and holds a copy only of a frame
 * that is not complete.
 */
export abstract class WindowDecoder<T> extends PullDecoder<T> {
  /** The chunk in work. */
  protected chunk: Uint8Array = NO_BYTES;
  /** Where the next frame begins in it, or goes on. */
  protected at = 0;
  /** The beginning of a frame that earlier chunks brought. */
  protected readonly held: Held = new Held();
  /** The bounds of the frames. */
  protected readonly limits: Limits;
  /** How many over-long frames were thrown away. */
  protected dropped = 0;

  /** Made by codecs. */
  constructor(limits: Limits) {
    super();
    this.limits = limits;
  }

  /** Bytes that are held and belong to no frame given yet. */
  override get buffered(): number {
    return this.held.length + this.chunk.length - this.at;
  }

  /** How many over-long frames were thrown away. */
  override get discarded(): number {
    return this.dropped;
  }

  /** Where in the chunk the last frame ended. */
  override get position(): number {
    return this.at;
  }

  /** Goes on with `chunk` from `from` on. */
  override feed(chunk: Uint8Array, from: number): void {
    this.chunk = chunk;
    this.at = from;
  }

  /** Gives away the bytes that belong to no frame given. */
  override take(): Bytes {
    const rest = slice(this.chunk, this.at, this.chunk.length);
    const held = this.held.take();
    this.feed(NO_BYTES, 0);
    return held.length === 0 ? rest : concat([held, rest]);
  }

  /** Throws on left-over bytes. */
  override finish(_out: T[]): void {
    if (this.buffered > 0) throw new IncompleteFrameError(this.take());
  }

  /** Keeps the rest of the chunk for later, at most `size` bytes in all. */
  protected stash(size: number): void {
    this.held.append(this.chunk, this.at, this.chunk.length, size);
    // The chunk is let go: held bytes must not keep it in memory.
    this.feed(NO_BYTES, 0);
  }

  /** A frame is longer than allowed: throws, or counts it. */
  protected tooLong(seen: number): void {
    if (!this.limits.discards) {
      throw new FrameTooLongError(this.limits.maxLength, seen);
    }
    this.dropped++;
  }
}
