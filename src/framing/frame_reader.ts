/**
 * Frames out of a byte stream.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type {
  Bytes,
  ByteStream,
  ReceiveOptions,
  WaitOptions,
} from "../contracts.ts";
import { END } from "../iterate.ts";
import { type SocketError, socketError } from "../errors.ts";
import type { Codec } from "./codec.ts";
import { pullDecoder } from "./decoding/push_adapter.ts";
import { DROPPED, NONE, type PullDecoder } from "./decoding/pull_decoder.ts";

/** What a look for frames gives; `END` once every frame was given. */
export type Found<T> = T | typeof NONE | typeof END;

/** As `recv` gives it: `null` at the end. */
export function orNull<Frame>(found: Frame | typeof END): Frame | null {
  return found === END ? null : found;
}

/** So many bytes are collected for one batch at most: 1 MiB. */
const LARGEST_BATCH = 1_048_576;

/**
 * More than any runtime reads at once: so each chunk comes whole, as it is,
 * and not in pieces that had to be copied.
 */
const WHOLE: ReceiveOptions = { maxBytes: LARGEST_BATCH };

/**
 * A frame may have come in time in many chunks, seen late: so many are taken
 * once the deadline has passed. A peer that goes on sending gets no more.
 */
const MOST_LATE_CHUNKS = 96;

/** The shortest time that still waits, in ms. */
const SHORTEST_MS = 0.001;

/** Feeds the chunks of a stream to a decoder. */
export class FrameReader<T> {
  readonly #stream: ByteStream;
  readonly #decoder: PullDecoder<T>;
  readonly #clock: Clock;
  /** The frames that the end of the stream completed; set at the end. */
  #last: T[] | undefined;
  #failure: { readonly error: unknown } | undefined;
  #isWaiting = false;

  /** Reads nothing by itself. */
  constructor(stream: ByteStream, codec: Codec<T, never>, clock: Clock) {
    this.#stream = stream;
    this.#decoder = pullDecoder(codec);
    this.#clock = clock;
  }

  /** Whether a receive waits for bytes. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** Begins with bytes that were received before. */
  begin(bytes: Uint8Array): void {
    this.#decoder.feed(bytes, 0);
  }

  /** Gives away the bytes that belong to no frame given. */
  rest(): Bytes {
    return this.#decoder.take();
  }

  /** The next frame that is in hand, here or in the stream. */
  take(): Found<T> {
    if (this.#failure) throw this.#failure.error;
    for (;;) {
      const last = this.#last;
      if (last !== undefined) return last.length > 0 ? last.shift()! : END;
      const frame = this.#next();
      if (frame !== NONE) return frame;
      const chunk = this.#stream.tryRecv(LARGEST_BATCH);
      if (chunk === undefined) return NONE;
      this.#accept(chunk);
    }
  }

  /** All frames that are in hand, one at least. */
  takeMany(): Found<T[]> {
    if (this.#failure) throw this.#failure.error;
    const batch = { frames: [] as T[] };
    try {
      this.#collect(batch);
    } catch (error) {
      // The frames ahead come first; the error is there for the next call.
      if (batch.frames.length === 0) throw error;
    }
    if (batch.frames.length > 0) return batch.frames;
    return this.#last === undefined ? NONE : END;
  }

  #collect(batch: { frames: T[] }): void {
    let size = 0;
    while (this.#last === undefined) {
      this.#drain(batch);
      if (size >= LARGEST_BATCH) return;
      const chunk = this.#stream.tryRecv(LARGEST_BATCH);
      if (chunk === undefined) return;
      size += chunk?.length ?? 0;
      this.#accept(chunk);
    }
    for (const frame of this.#last.splice(0)) batch.frames.push(frame);
  }

  #next(): T | typeof NONE {
    try {
      for (;;) {
        const frame = this.#decoder.next();
        if (frame !== DROPPED) return frame;
      }
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }

  #drain(batch: { frames: T[] }): void {
    try {
      if (batch.frames.length === 0) batch.frames = this.#decoder.begin();
      this.#decoder.drain(batch.frames);
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }

  #accept(chunk: Bytes | null): void {
    if (chunk !== null) {
      this.#decoder.feed(chunk, 0);
      return;
    }
    this.#last = [];
    try {
      this.#decoder.finish(this.#last);
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }

  /**
   * Waits for bytes until `look` finds something. Whatever cuts it short, no
   * byte is lost: the next look goes on from there.
   */
  async wait<Result>(
    look: () => Result | typeof NONE,
    options?: WaitOptions,
  ): Promise<Result> {
    const timeoutMs = options?.timeoutMs;
    const deadline = typeof timeoutMs === "number"
      ? this.#clock.now() + timeoutMs
      : undefined;
    let left = options === undefined ? WHOLE : { ...options, ...WHOLE };
    let lateChunks = 0;
    this.#isWaiting = true;
    try {
      for (;;) {
        this.#accept(await this.#stream.recv(left));
        const found = look();
        if (found !== NONE) return found;
        if (deadline !== undefined) {
          const rest = deadline - this.#clock.now();
          if (rest <= 0 && ++lateChunks > MOST_LATE_CHUNKS) throw expired();
          // Not 0, which would not look at the kernel any more.
          left = { ...left, timeoutMs: Math.max(SHORTEST_MS, rest) };
        }
      }
    } finally {
      this.#isWaiting = false;
    }
  }
}

function expired(): SocketError {
  return socketError("ETIMEDOUT", { op: "recv" });
}
