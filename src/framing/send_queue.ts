/**
 * Frames on their way out, gathered into few writes.
 *
 * @module
 */

import type { ByteStream } from "../contracts.ts";
import { socketError } from "../errors.ts";
import type { Gathering } from "../gathering.ts";
import { atTurnEnd, type TurnEnd } from "../turn.ts";
import type { Encoder } from "./codec.ts";
import {
  FULL_SIZE,
  type GatherWriter,
  giveWriter,
  takeWriter,
} from "./gather_writer.ts";

/** What a send gives that has nothing to wait for. */
const SETTLED: Promise<void> = Promise.resolve();

/** Where the queue ended when a send began. */
interface Place {
  readonly full: number;
  readonly offset: number;
  readonly references: number;
}

interface Waiter {
  /** It settles once so many bytes have been written, counted from the start. */
  readonly target: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Encodes messages at once and writes them together: when it is told to, when
 * the mark is reached, or when the turn of the event loop ends. One write is
 * under way at a time; what is sent meanwhile makes the next.
 */
export class SendQueue<In> implements Gathering {
  readonly #stream: ByteStream;
  readonly #encoder: Encoder<In>;
  readonly #highWaterMark: number;
  /** What is gathered: full writers, and the one in use. */
  readonly #full: GatherWriter[] = [];
  #fullSize = 0;
  #writer: GatherWriter | undefined;
  #turnEnd: TurnEnd | undefined;
  /** Bytes of the write under way. */
  #writing = 0;
  /** Whether a message is being encoded, by code that is not ours. */
  #isEncoding = false;
  /** Whether the next write is to follow at once. */
  #isDue = false;
  /** Bytes written since the start. */
  #written = 0;
  readonly #waiters: Waiter[] = [];
  #failure: { readonly error: unknown } | undefined;

  /** Writes to `stream`. */
  constructor(
    stream: ByteStream,
    encoder: Encoder<In>,
    highWaterMark: number,
  ) {
    this.#stream = stream;
    this.#encoder = encoder;
    this.#highWaterMark = highWaterMark;
  }

  /** Bytes that were sent and are not written. */
  get size(): number {
    return this.#writing + this.#gathered;
  }

  /**
   * Whether all that was sent is written.
   *
   * @throws what a write failed with
   */
  get isWritten(): boolean {
    if (this.#failure) throw this.#failure.error;
    return this.size === 0;
  }

  get #gathered(): number {
    return this.#fullSize + (this.#writer?.size ?? 0);
  }

  /**
   * Encodes a message; see `FramedSocket.send`. With `isCopied` nothing of it
   * is taken by reference, because the call may be cut short.
   */
  send(message: In, isCopied: boolean): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure.error);
    if (this.#isEncoding) return Promise.reject(busy("send"));
    const writer = this.#roomy();
    const { offset, references } = writer;
    this.#isEncoding = true;
    writer.isCopying = isCopied;
    try {
      this.#encoder.encodeInto(message, writer);
    } catch (error) {
      writer.restore(offset, references);
      this.#endEncoding();
      return Promise.reject(error);
    }
    this.#endEncoding();
    return writer.references === references && this.size < this.#highWaterMark
      ? SETTLED
      : this.#settleLater(writer.references > references);
  }

  /** Encodes messages, all or none; see `FramedSocket.sendMany`. */
  sendMany(messages: readonly In[], isCopied: boolean): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure.error);
    if (this.#isEncoding) return Promise.reject(busy("sendMany"));
    let writer = this.#roomy();
    const { offset, references } = writer;
    const place = { full: this.#full.length, offset, references };
    const encoder = this.#encoder;
    let isByReference = false;
    this.#isEncoding = true;
    writer.isCopying = isCopied;
    try {
      for (const message of messages) {
        if (writer.size >= FULL_SIZE) {
          writer = this.#roomy();
          writer.isCopying = isCopied;
        }
        encoder.encodeInto(message, writer);
        isByReference ||= writer.references > 0;
      }
    } catch (error) {
      this.#restore(place);
      this.#endEncoding();
      return Promise.reject(error);
    }
    this.#endEncoding();
    return !isByReference && this.size < this.#highWaterMark
      ? SETTLED
      : this.#settleLater(isByReference);
  }

  /** What an encoder asked to be written meanwhile is whole now. */
  #endEncoding(): void {
    this.#isEncoding = false;
    if (this.#isDue && this.#writing === 0) this.write();
  }

  /** The writer in use, or another one if it is full. */
  #roomy(): GatherWriter {
    const writer = this.#writer;
    if (writer === undefined) {
      this.#turnEnd ??= atTurnEnd(() => {
        this.#turnEnd = undefined;
        this.write();
      });
    } else {
      if (writer.size < FULL_SIZE) return writer;
      this.#full.push(writer);
      this.#fullSize += writer.size;
    }
    return this.#writer = takeWriter(writer !== undefined);
  }

  #restore({ full, offset, references }: Place): void {
    while (this.#full.length > full) {
      if (this.#writer) giveWriter(this.#writer);
      this.#writer = this.#full.pop();
      this.#fullSize -= this.#writer?.size ?? 0;
    }
    this.#writer?.restore(offset, references);
  }

  /** Writes what is there and settles when it is written. */
  flush(): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure.error);
    this.write();
    return this.size === 0 ? SETTLED : this.#until(this.#written + this.size);
  }

  /** Writes what is there, behind a write that is under way. */
  write(): void {
    if (this.#gathered === 0 || this.#failure) return;
    if (this.#writing > 0 || this.#isEncoding) {
      this.#isDue = true;
      return;
    }
    this.#turnEnd?.cancel();
    this.#turnEnd = undefined;
    this.#isDue = false;
    this.#writing = this.#gathered;
    void this.#run(this.#takeWriters());
  }

  /** The stream is about to be closed: a write that has begun is ended. */
  leave(): Promise<void> | undefined {
    if (this.#gathered === 0 || this.#failure) return undefined;
    if (this.#writing > 0) return this.flush();
    this.write();
    return undefined;
  }

  /** The sending side of the stream is about to end. */
  written(): Promise<void> | undefined {
    return this.size === 0 || this.#failure ? undefined : this.flush();
  }

  #takeWriters(): GatherWriter[] {
    const writers = this.#full.splice(0);
    if (this.#writer) writers.push(this.#writer);
    this.#writer = undefined;
    this.#fullSize = 0;
    return writers;
  }

  async #run(writers: readonly GatherWriter[]): Promise<void> {
    const segments = writers.flatMap((writer) => writer.segments());
    const [first] = segments;
    try {
      await this.#stream.sendAll(
        segments.length === 1 && first ? first : segments,
      );
    } catch (error) {
      this.#fail(error);
      return;
    }
    writers.forEach(giveWriter);
    this.#written += this.#writing;
    this.#writing = 0;
    if (this.#isDue) this.write();
    this.#wake();
  }

  /** After a part of a frame was written, nothing that follows makes sense. */
  #fail(error: unknown): void {
    this.#failure = { error };
    this.#writing = 0;
    this.#drop();
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
  }

  #wake(): void {
    const waiters = this.#waiters;
    let done = 0;
    while (done < waiters.length && waiters[done]!.target <= this.#written) {
      waiters[done++]!.resolve();
    }
    if (done > 0) waiters.splice(0, done);
  }

  #until(target: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiters = this.#waiters;
      let at = waiters.length;
      while (at > 0 && waiters[at - 1]!.target > target) at--;
      waiters.splice(at, 0, { target, resolve, reject });
    });
  }

  /** The mark is reached, or memory of the caller's is part of the queue. */
  #settleLater(isByReference: boolean): Promise<void> {
    const all = this.#written + this.size;
    const isFull = this.size >= this.#highWaterMark;
    if (isFull) this.write();
    return this.#until(isByReference ? all : all - this.#highWaterMark + 1);
  }

  /** Forgets what is not being written, and tells those who wait for it. */
  end(error: unknown): void {
    this.#failure ??= { error };
    this.#drop();
    const reached = this.#written + this.#writing;
    const waiters = this.#waiters;
    while (waiters.length > 0 && waiters.at(-1)!.target > reached) {
      waiters.pop()!.reject(error);
    }
  }

  #drop(): void {
    this.#turnEnd?.cancel();
    this.#turnEnd = undefined;
    this.#takeWriters().forEach(giveWriter);
  }
}

/** An encoder that sends would write a frame into the middle of its own. */
function busy(op: string): Error {
  return socketError("EBUSY", { op, reason: "a message is being encoded" });
}
