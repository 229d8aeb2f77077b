/**
 * Messages over a byte stream.
 *
 * @module
 */

import { viewBytes } from "../bytes.ts";
import { type Clock, systemClock } from "../clock.ts";
import type {
  Bytes,
  ByteStream,
  CloseOptions,
  WaitOptions,
} from "../contracts.ts";
import {
  checkOptions,
  FOREVER,
  isCancellable,
  settleWithin,
  toLinger,
  toWait,
} from "../deadline.ts";
import { socketError, tooLate } from "../errors.ts";
import { gatherFor, gatherNoMore } from "../gathering.ts";
import { type END, iterate } from "../iterate.ts";
import { checkCodec, checkCount, checkMembers, type Codec } from "./codec.ts";
import { NONE } from "./decoding/pull_decoder.ts";
import { watchedEncoder, watchedTake } from "./diagnostics.ts";
import { type Found, FrameReader, orNull } from "./frame_reader.ts";
import { SendQueue } from "./send_queue.ts";

/** What `framed` can be told. */
export interface FramedOptions {
  /** Bytes received before, in front of the stream's; they are given away. */
  readonly rest?: Uint8Array;
  /** From so many unsent bytes on a send waits; default 64 KiB. */
  readonly highWaterMark?: number;
  /** What deadlines run on; default the system's clock. */
  readonly clock?: Clock;
}

/** What `release` gives back. */
export interface Released<Stream extends ByteStream> {
  /** The stream, which carries on behind the last message sent. */
  readonly stream: Stream;
  /** What was received behind the last message given. */
  readonly rest: Bytes;
}

const STREAM_MEMBERS = ["tryRecv", "recv", "trySend", "sendAll", "close"];

/**
 * Sends and receives messages over a byte stream: a socket, or anything that
 * has its five members.
 *
 * @example An echo server's loop, and its client
 * ```ts
 * import { connect, listen } from "@anysock/anysock";
 * import { framed, lengthPrefixed } from "@anysock/anysock/framing";
 *
 * const codec = lengthPrefixed({ header: "u16" });
 * const listener = await listen("127.0.0.1:0");
 * const client = framed(await connect(listener.getSockName()), codec);
 * const server = framed((await listener.accept())[0], codec);
 *
 * await client.sendMany(["one", "two"]);
 * await client.flush();
 * for await (const message of server) {
 *   await server.send(message);
 *   if (message.length === 3) break;
 * }
 * await server.flush();
 * console.log(await client.recv()); // the bytes of "one"
 * await Promise.all([client.close(), server.close(), listener.close()]);
 * ```
 *
 * @throws {TypeError} if a member of the stream or the codec is missing, or an
 * option is unknown or of the wrong kind
 * @throws {RangeError} if `highWaterMark` is out of range
 */
export function framed<Out, In, Stream extends ByteStream = ByteStream>(
  stream: Stream,
  codec: Codec<Out, In>,
  options: FramedOptions = {},
): FramedSocket<Out, In, Stream> {
  return new FramedSocket(stream, codec, options);
}

/**
 * A stream of messages, made by {@linkcode framed}. One may receive and one
 * may send at the same time; a second receiver is rejected with `EBUSY`.
 */
export class FramedSocket<Out, In = Out, Stream extends ByteStream = ByteStream>
  implements AsyncDisposable {
  readonly #stream: Stream;
  readonly #reader: FrameReader<Out>;
  readonly #sends: SendQueue<In>;
  readonly #clock: Clock;
  readonly #takeOne: () => Found<Out>;
  readonly #takeMany: () => Found<Out[]>;
  #phase: "open" | "releasing" | "over" = "open";
  #closing: Promise<void> | undefined;

  /** Use {@linkcode framed}. */
  constructor(stream: Stream, codec: Codec<Out, In>, options: FramedOptions) {
    checkMembers(stream, "A byte stream", STREAM_MEMBERS);
    checkCodec(codec);
    checkOptions(options, ["rest", "highWaterMark", "clock"]);
    const { rest, highWaterMark = 65_536, clock = systemClock } = options;
    checkCount(highWaterMark, "highWaterMark", 1);
    checkMembers(clock, "A clock", ["now", "start"]);
    const encoder = codec.encoder();
    checkMembers(encoder, "An encoder", ["encodeInto"]);
    this.#stream = stream;
    this.#reader = new FrameReader(stream, codec, clock);
    this.#sends = new SendQueue(
      stream,
      watchedEncoder(stream, encoder),
      highWaterMark,
    );
    gatherFor(stream, this.#sends);
    this.#clock = clock;
    this.#takeOne = watchedTake(stream, () => this.#reader.take(), listOf);
    this.#takeMany = watchedTake(
      stream,
      () => this.#reader.takeMany(),
      (list) => list,
    );
    if (rest !== undefined) this.#reader.begin(viewBytes(rest));
  }

  /**
   * The next message; `null` at the end of the stream, and ever after. A
   * message that is in hand is given without waiting. Before it waits, what
   * was sent leaves. An abort or a timeout loses nothing: the next call gets
   * the message.
   *
   * @throws {FrameTooLongError} for a frame above the codec's limit
   * @throws {CorruptFrameError} for bytes that break the codec's rules
   * @throws {IncompleteFrameError} if the stream ends within a frame
   * @throws {SocketError} if the stream fails; `ETIMEDOUT`; `EBUSY` while
   * another receive waits; `EBADF` after `close` and `release`
   */
  recv(options?: WaitOptions): Promise<Out | null> {
    return this.#receive(this.#takeOne, orNull, "recv", options);
  }

  /**
   * Every message that is here already, at least one, or `null` at the end of
   * the stream. Otherwise like {@linkcode recv}.
   *
   * @throws as `recv` does
   */
  recvMany(options?: WaitOptions): Promise<Out[] | null> {
    return this.#receive(this.#takeMany, orNull, "recvMany", options);
  }

  /**
   * Sends a message. It is encoded before the call returns, so `message` may
   * be reused at once; only bytes of a payload from 16 KiB on are taken by
   * reference, until the promise settles, and copied if the call can be cut
   * short, by a deadline or a signal. The promise settles at once while
   * fewer than 64 KiB wait to be written, else when they do again.
   *
   * Messages leave together, in one write: when a receive finds no message in
   * hand, when 64 KiB wait, at `flush`, or when the turn of the event loop
   * ends; and before a socket below ends by its own `close` or `shutdown`. A
   * cut-short call leaves its message in the queue.
   *
   * @throws {TypeError | RangeError} if the codec cannot encode the message
   * @throws {SocketError} if a write failed, now or before; `EBUSY` for a codec
   * that sends while it encodes; `EBADF` after `close` and `release`
   */
  send(message: In, options?: WaitOptions): Promise<void> {
    if (options === undefined && this.#phase === "open") {
      return this.#sends.send(message, false);
    }
    return this.#within(
      "send",
      options,
      (isCopied) => this.#sends.send(message, isCopied),
    );
  }

  /**
   * Sends several messages, all of them or, if one cannot be encoded, none.
   * Otherwise like {@linkcode send}.
   *
   * @throws as `send` does
   */
  sendMany(messages: Iterable<In>, options?: WaitOptions): Promise<void> {
    let list: readonly In[];
    try {
      // The caller's code runs here, and not between two frames.
      list = Array.isArray(messages) ? messages : [...messages];
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#within(
      "sendMany",
      options,
      (isCopied) => this.#sends.sendMany(list, isCopied),
    );
  }

  /**
   * Writes what was sent and settles when the kernel has all of it.
   *
   * @throws {SocketError} if a write failed, now or before; `EBADF` after
   * `close` and `release`
   */
  flush(options?: WaitOptions): Promise<void> {
    return this.#within("flush", options, () => this.#sends.flush());
  }

  /**
   * Ends the framing and gives the stream back, for STARTTLS or an HTTP
   * upgrade: flushes, then gives the stream and the bytes that were received
   * behind the last message given. `framed(stream, codec, { rest })` goes on
   * from there.
   *
   * @throws {SocketError} if flushing fails; `EBUSY` while a receive waits;
   * `EBADF` after `close` and `release`
   */
  async release(options?: WaitOptions): Promise<Released<Stream>> {
    const op = "release";
    const wait = toWait(options, FOREVER);
    wait.signal?.throwIfAborted();
    this.#demandOpen(op);
    const { call } = this.#reader;
    if (this.#reader.isBusy) throw socketError("EBUSY", { op });
    const flushed = this.#sends.flush();
    // Nothing may be sent or received while it flushes.
    this.#phase = "releasing";
    const retry = () => call.retry();
    flushed.then(retry, retry);
    await call.run(op, this.#released, { ...wait, onRejected: this.#reopen });
    // A receive that was cut short may still bring a chunk.
    await this.#reader.idle();
    return { stream: this.#stream, rest: this.#reader.rest() };
  }

  readonly #released = (): true | undefined => {
    if (!this.#sends.isWritten) return undefined;
    this.#reader.call.dispose();
    this.#phase = "over";
    gatherNoMore(this.#stream, this.#sends);
    return true;
  };

  readonly #reopen = (): void => {
    this.#reader.call.dispose();
    if (this.#phase === "releasing") this.#phase = "open";
  };

  /**
   * Flushes and closes the stream; both together take at most `lingerMs`. May
   * be called again and then settles with the first call; after `release` it
   * does nothing. Never rejects but for wrong options. A pending receive or
   * release rejects with `EBADF`, and so does a send that `lingerMs` cuts off.
   *
   * @throws {TypeError | RangeError} if an option is wrong; nothing is closed
   */
  async close(options?: CloseOptions): Promise<void> {
    const lingerMs = toLinger(options);
    if (this.#phase !== "over") {
      this.#phase = "over";
      this.#closing = this.#close(lingerMs);
    }
    await this.#closing;
  }

  async #close(lingerMs: number): Promise<void> {
    const deadline = this.#clock.now() + lingerMs;
    this.#reader.call.fail("EBADF");
    try {
      await settleWithin(
        this.#sends.flush(),
        this.#clock,
        { timeoutMs: lingerMs, signal: undefined },
        () => closed("close"),
      );
    } catch {
      // A peer that takes nothing more is what the stream's close is for.
    }
    this.#sends.end(closed("send"));
    const left = Math.max(0, deadline - this.#clock.now());
    await this.#stream.close({ lingerMs: left });
  }

  /** Closes: `await using` does it at the end of its block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The messages, one by one. Leaving early loses none and closes nothing. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Out> {
    return iterate((step) => this.#receive(this.#takeOne, step, "recv"));
  }

  /** The messages, as many at a time as are in hand. */
  batches(): AsyncIterableIterator<Out[]> {
    return iterate((step) => this.#receive(this.#takeMany, step, "recvMany"));
  }

  /** What is in hand, or what is worth waiting for. No promise is waited for in vain. */
  #receive<Frame, Result>(
    take: () => Found<Frame>,
    wrap: (found: Frame | typeof END) => Result,
    op: string,
    options?: WaitOptions,
  ): Promise<Result> {
    const reader = this.#reader;
    try {
      const wait = toWait(options, FOREVER);
      wait.signal?.throwIfAborted();
      this.#demandOpen(op);
      if (reader.isBusy) throw socketError("EBUSY", { op });
      const found = take();
      if (found !== NONE) return Promise.resolve(wrap(found));
      this.#sends.write();
      const isForever = options?.timeoutMs === null;
      return reader.wait(op, take, wrap, wait, isForever);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** `start` is told whether the call may be cut short. */
  #within(
    op: string,
    options: WaitOptions | undefined,
    start: (isCancellable: boolean) => Promise<void>,
  ): Promise<void> {
    try {
      const wait = toWait(options, FOREVER);
      wait.signal?.throwIfAborted();
      this.#demandOpen(op);
      if (!isCancellable(wait)) return start(false);
      const expired = () => tooLate(op, wait);
      return settleWithin(start(true), this.#clock, wait, expired);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Throws where a call comes too late. */
  #demandOpen(op: string): void {
    if (this.#phase === "open") return;
    // A release that was aborted is over, though nobody may have told it yet.
    if (this.#phase === "releasing" && !this.#reader.isBusy) return;
    throw closed(op);
  }
}

function closed(op: string): Error {
  return socketError("EBADF", { op });
}

function listOf<T>(message: T): readonly T[] {
  return [message];
}
