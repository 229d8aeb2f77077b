/**
 * Decoders that look at the bytes where they are.
 *
 * @module
 */

import { concat } from "../../byte_queue.ts";
import { NO_BYTES, slice } from "../../bytes.ts";
import type { Bytes } from "../../contracts.ts";
import { FrameTooLongError, IncompleteFrameError } from "../../errors.ts";
import type { Limits } from "../codec.ts";
import { PartialFrame } from "./partial_frame.ts";
import { PullDecoder } from "./pull_decoder.ts";

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
  protected readonly held: PartialFrame = new PartialFrame();
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
