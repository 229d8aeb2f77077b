/**
 * Frames out of a byte stream.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type { Bytes, ByteStream, ReceiveOptions } from "../contracts.ts";
import { FOREVER, MOST_LATE_LOOKS, type Wait } from "../deadline.ts";
import { socketError, TimeoutError } from "../errors.ts";
import { END } from "../iterate.ts";
import { PendingCall } from "../pending_call.ts";
import type { Codec } from "./codec.ts";
import { DROPPED, NONE, type PullDecoder } from "./decoding/pull_decoder.ts";
import { pullDecoder } from "./decoding/push_adapter.ts";

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

/** The shortest time that still waits, in ms. */
const SHORTEST_MS = 0.001;

/** A call that must not wait. */
const AT_ONCE: Wait = { timeoutMs: 0, signal: undefined };

/** A receive is tried again by its reader, which knows when. */
const lookLater = (): undefined => undefined;

/** Feeds the chunks of a stream to a decoder. */
export class FrameReader<T> {
  /** The receive that waits for bytes, or the release. */
  readonly call: PendingCall;
  readonly #stream: ByteStream;
  readonly #decoder: PullDecoder<T>;
  readonly #clock: Clock;
  /** The frames that the end of the stream completed; set at the end. */
  #last: T[] | undefined;
  #failure: { readonly error: unknown } | undefined;
  /** Whether a `recv` of the stream is under way: one at a time. */
  #isReading = false;
  /** Whether it was called off. It may bring a chunk all the same. */
  #isCalledOff = false;
  /** Calls off reads for calls that may be cut short. */
  #controller: AbortController | undefined;
  #onIdle: (() => void) | undefined;
  /** What the receive looks for that waits, or waited last. */
  #take: () => unknown = () => NONE;
  /** What it gives of what it finds. */
  #wrap: (found: never) => unknown = (found) => found;
  /** Whether its reads may have to be called off. */
  #isCancellable = false;
  /** Until when; `null` for ever; `undefined` as long as the stream likes. */
  #deadline: number | null | undefined;
  /** What was asked for when the deadline was set. */
  #timeoutMs = 0;
  #lateChunks = 0;

  /** Reads nothing by itself. */
  constructor(stream: ByteStream, codec: Codec<T, never>, clock: Clock) {
    this.#stream = stream;
    this.#decoder = pullDecoder(codec);
    this.#clock = clock;
    this.call = new PendingCall(clock, {
      error: (code, op, reason) => socketError(code, { op, reason }),
    });
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
    for (;;) {
      if (this.#failure) throw this.#failure.error;
      const last = this.#last;
      if (last !== undefined) return last.length > 0 ? last.shift()! : END;
      const frame = this.#next();
      if (frame !== NONE) return frame;
      const chunk = this.#tryRead();
      if (chunk === undefined) return NONE;
      this.#accept(chunk);
    }
  }

  /** A read that is under way brings what comes first. */
  #tryRead(): Bytes | null | undefined {
    return this.#isReading ? undefined : this.#stream.tryRecv(LARGEST_BATCH);
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
      const chunk = this.#tryRead();
      if (chunk === undefined) return;
      size += chunk?.length ?? 0;
      this.#accept(chunk);
      if (this.#failure) throw this.#failure.error;
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

  /** An error is there for the next look. */
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
    }
  }

  // ---- waiting

  /** Whether a receive or a release waits. */
  get isBusy(): boolean {
    // Where no kernel can have more, a deadline is over when its time is.
    if (this.#isLate && this.#clock.afterPoll === undefined) {
      this.call.timeOut(this.#timeoutMs);
    }
    return this.call.isBusy;
  }

  get #isLate(): boolean {
    const deadline = this.#deadline;
    return typeof deadline === "number" && this.#isWanted &&
      deadline <= this.#clock.now();
  }

  /** Whether it is a receive that waits. */
  get #isWanted(): boolean {
    return this.call.isBusy && this.call.isWaitingFor(lookLater);
  }

  /**
   * Waits for bytes until `take` finds something and gives what `wrap` makes
   * of it. The stream keeps the time: it knows best when a deadline is over.
   * When the call is cut short the stream's read is called off in the same
   * turn, and no byte is lost: the next look goes on from there.
   *
   * @param isForever whether even the stream's own timeout does not hold
   */
  wait<Frame, Result>(
    op: string,
    take: () => Found<Frame>,
    wrap: (found: Frame | typeof END) => Result,
    { timeoutMs, signal }: Wait,
    isForever: boolean,
  ): Promise<Result> {
    if (timeoutMs === 0) return this.call.wait<Result>(op, lookLater, AT_ONCE);
    this.#take = take;
    this.#wrap = wrap;
    this.#deadline = isForever ? null : undefined;
    this.#lateChunks = 0;
    this.#isCancellable = signal !== undefined;
    if (timeoutMs !== null) {
      this.#timeoutMs = timeoutMs;
      this.#deadline = this.#clock.now() + timeoutMs;
      this.#isCancellable ||= this.#clock.afterPoll === undefined;
    }
    const onRejected = this.#callOff;
    const result = this.call.wait<Result>(
      op,
      lookLater,
      this.#isCancellable ? { timeoutMs: null, signal, onRejected } : FOREVER,
    );
    if (!this.#isReading) this.#read();
    return result;
  }

  #read(): void {
    this.#isReading = true;
    try {
      this.#stream.recv(this.#readOptions()).then(this.#onChunk, this.#onError);
    } catch (error) {
      this.#onError(error);
    }
  }

  #readOptions(): ReceiveOptions {
    const deadline = this.#deadline;
    if (!this.#isCancellable && deadline === undefined) return WHOLE;
    const options: {
      -readonly [K in keyof ReceiveOptions]: ReceiveOptions[K];
    } = { ...WHOLE };
    if (this.#isCancellable) {
      options.signal = (this.#controller ??= new AbortController()).signal;
    }
    if (deadline === null) options.timeoutMs = null;
    else if (deadline !== undefined) {
      // Not 0, which would not look at the kernel any more.
      const left = deadline - this.#clock.now();
      options.timeoutMs = Math.max(SHORTEST_MS, left);
    }
    return options;
  }

  readonly #callOff = (): void => {
    if (!this.#isReading || this.#controller === undefined) return;
    this.#isCalledOff = true;
    const controller = this.#controller;
    this.#controller = undefined;
    controller.abort();
  };

  readonly #onChunk = (chunk: Bytes | null): void => {
    this.#isReading = this.#isCalledOff = false;
    // The end stays in the stream, where whoever gets it next finds it.
    if (chunk !== null || this.#isWanted) this.#accept(chunk);
    this.#goOn();
  };

  readonly #onError = (error: unknown): void => {
    const isCalledOff = this.#isCalledOff;
    this.#isReading = this.#isCalledOff = false;
    if (isCalledOff || !this.#isWanted) return this.#goOn();
    const isOurs = typeof this.#deadline === "number";
    if (isOurs && error instanceof TimeoutError) {
      this.call.timeOut(this.#timeoutMs);
    } else this.call.reject(error);
  };

  #goOn(): void {
    this.#onIdle?.();
    if (!this.#isWanted) return;
    let found: unknown;
    try {
      found = this.#take();
    } catch (error) {
      return this.call.reject(error);
    }
    if (found !== NONE) this.call.finish(this.#wrap(found as never));
    else if (!this.#isWanted || this.#isReading) return;
    else if (this.#isLate && ++this.#lateChunks > MOST_LATE_LOOKS) {
      this.call.timeOut(this.#timeoutMs);
    } else this.#read();
  }

  /** Settles when no read is under way. */
  idle(): Promise<void> {
    if (!this.#isReading) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle = resolve);
  }
}
