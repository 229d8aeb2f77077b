/**
 * One end of a channel: a byte stream to another thread.
 *
 * @module
 */

import {
  checkCount,
  checkHow,
  DEFAULT_MAX_BYTES,
  toChunks,
  toReceive,
  toSend,
  waitWithFlags,
} from "../arguments.ts";
import { toBytes } from "../bytes.ts";
import { MSG_DONTWAIT, MSG_PEEK, SHUT_RD, SHUT_WR } from "../constants.ts";
import type {
  Bytes,
  BytesLike,
  ByteStream,
  CloseOptions,
  ReceiveOptions,
  SendOptions,
} from "../contracts.ts";
import { FOREVER, toLinger, waitOf } from "../deadline.ts";
import { leaveGathered, writeGathered } from "../gathering.ts";
import { opened, released } from "../handle_counts.ts";
import { END, iterate } from "../iterate.ts";
import {
  ALL_EVENTS,
  EVENT_READ,
  EVENT_WRITE,
  type Pollable,
  type Readiness,
  Watchers,
} from "../readiness.ts";
import {
  type BellPort,
  Doorbell,
  type DoorbellKind,
  INPUT,
  ROOM,
} from "./doorbell.ts";
import { failure } from "./failures.ts";
import type { Memory, Side } from "./memory.ts";
import { ShmReceiver } from "./receiver.ts";
import { ENDED } from "./ring.ts";
import { ShmSender } from "./sender.ts";
import { Standing } from "./standing.ts";
import { Waking } from "./waking.ts";

const RECEIVE_FLAGS = MSG_PEEK | MSG_DONTWAIT;
const DONE: Promise<void> = Promise.resolve();

/** What an end of a channel is made of. */
export interface ShmStreamInit {
  /** The channel's memory. */
  readonly memory: Memory;
  /** Which end it is. */
  readonly side: Side;
  /** Its port. */
  readonly port: BellPort;
  /** How it is woken. */
  readonly doorbell: DoorbellKind;
}

/**
 * One end of a channel of shared memory: a byte stream to another thread of
 * this process. It promises what a `StreamSocket` promises, with the
 * differences that are said here; `framed`, `select` and `Selector` work on it.
 *
 * One receive and one send may be pending at a time, a second is `EBUSY`. The
 * partner's end is `null`, its `reset()` or its death is `ECONNRESET` behind
 * the bytes that it had written, and memory that somebody else wrote to is
 * `EPROTO`.
 *
 * @example A worker that blocks, with no event loop and no promise
 * ```ts ignore
 * import { shmAttach } from "@anysock/anysock/shm";
 * import { workerData } from "node:worker_threads";
 *
 * const stream = shmAttach(workerData);
 * for (;;) {
 *   const bytes = stream.recvSync(); // Atomics.wait until bytes come
 *   if (bytes === null) break;
 *   stream.sendAllSync(bytes);
 * }
 * await stream.close();
 * ```
 */
export class ShmStream implements ByteStream, Pollable, AsyncDisposable {
  /** What `select` and `Selector` ask. */
  readonly readiness: Readiness;
  readonly #standing: Standing;
  readonly #receiver: ShmReceiver;
  readonly #sender: ShmSender;
  readonly #bell: Doorbell;
  readonly #watchers = new Watchers();
  readonly #waking: Waking;
  #onLeave: (() => void) | undefined;

  private constructor({ memory, side, port, doorbell }: ShmStreamInit) {
    const standing = this.#standing = new Standing(memory, side);
    const bell = this.#bell = new Doorbell(memory.words, side, port, doorbell, {
      rung: () => this.#waking.goOn(),
      gone: () => this.partnerDied(),
    });
    const receiver = this.#receiver = new ShmReceiver(standing, bell);
    const sender = this.#sender = new ShmSender(standing, bell);
    const watchers = this.#watchers;
    this.#waking = new Waking({ standing, receiver, sender, watchers, bell });
    this.readiness = {
      events: () => this.#events(),
      watch: (events, notify) => {
        const watch = watchers.add(events, notify);
        this.#waking.sleepKnowing();
        return watch;
      },
    };
    opened("stream");
  }

  /**
   * For `shmChannel` and `shmAttach`.
   *
   * @internal
   */
  static create(init: ShmStreamInit): ShmStream {
    return new ShmStream(init);
  }

  /**
   * What is called once it is closed.
   *
   * @internal
   */
  set onLeave(listener: () => void) {
    this.#onLeave = listener;
  }

  /** Whether `close` or `reset` was called. */
  get isClosed(): boolean {
    return this.#standing.isClosed;
  }

  /** Bytes written into the shared memory so far. */
  get bytesSent(): number {
    return this.#sender.bytesSent;
  }

  /** Bytes handed to the program so far. */
  get bytesReceived(): number {
    return this.#receiver.bytesReceived;
  }

  // ---- receiving

  /**
   * Waits for bytes: 1…`maxBytes` (default 65,536) of what is in hand; `null`
   * once the partner has ended, and ever after. The array belongs to the
   * caller. `MSG_PEEK` and `MSG_DONTWAIT` are the flags there are.
   *
   * @throws {SocketError} `EBUSY`, `EBADF`, `EAGAIN`, `ETIMEDOUT`,
   *   `ECONNRESET`, `EPROTO`; `EOPNOTSUPP` for another flag.
   */
  recv(maxBytes?: number | ReceiveOptions): Promise<Bytes | null> {
    try {
      const call = toReceive(maxBytes, undefined, FOREVER, DEFAULT_MAX_BYTES);
      const wait = waitWithFlags("recv", call.flags, RECEIVE_FLAGS, call.wait);
      wait.signal?.throwIfAborted();
      const receiver = this.#receiver;
      if (receiver.pending.isBusy) throw failure("EBUSY", "recv");
      const { maxBytes: most, flags } = call;
      const isPeek = (flags & MSG_PEEK) !== 0;
      const bytes = receiver.take("recv", most, isPeek);
      if (bytes !== undefined) return Promise.resolve(bytes);
      const pending = receiver.wait(most, isPeek, wait);
      this.#waking.sleep();
      return pending;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * What is in hand, at most `maxBytes` (default 65,536); `null` at the end,
   * `undefined` if nothing came yet.
   *
   * @throws {SocketError} as `recv`.
   */
  tryRecv(maxBytes: number = DEFAULT_MAX_BYTES): Bytes | null | undefined {
    checkCount(maxBytes, "maxBytes");
    const receiver = this.#receiver;
    if (receiver.pending.isBusy) throw failure("EBUSY", "tryRecv");
    return receiver.take("tryRecv", maxBytes);
  }

  /**
   * Like `recv`, but blocks the thread, by `Atomics.wait`, and needs no turn of
   * the event loop.
   *
   * While it blocks, only the partner wakes it: that the partner's thread has
   * ended is heard of in `shmPartnerDied`, if the owner of both calls it, or
   * after a `timeoutMs`.
   *
   * @param maxBytes how many bytes at most, default 65,536
   * @param timeoutMs milliseconds; `null`, the default, for ever
   * @throws {SocketError} as `recv`; `EOPNOTSUPP` in a thread that may not
   *   block, such as a browser's main one.
   */
  recvSync(
    maxBytes: number = DEFAULT_MAX_BYTES,
    timeoutMs: number | null = null,
  ): Bytes | null {
    const op = "recvSync";
    checkCount(maxBytes, "maxBytes");
    const wait = waitOf(timeoutMs);
    const receiver = this.#receiver;
    if (receiver.pending.isBusy) throw failure("EBUSY", op);
    const attempt = () => receiver.take(op, maxBytes);
    const bytes = this.#waking.block(op, INPUT, wait, attempt);
    // The turn of a thread that blocks may never end.
    receiver.tellRoom();
    return bytes;
  }

  /** The bytes, one chunk after the other. Leaving early closes nothing. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Bytes> {
    return iterate(async (step) => step(await this.recv() ?? END));
  }

  // ---- sending

  /**
   * Copies what there is room for and gives the count; `undefined` if there is
   * none. A string is sent as UTF-8.
   *
   * @throws {SocketError} `EPIPE` after `shutdown(SHUT_WR)` or when the partner
   *   has closed, `ECONNRESET` when it was reset or has died; `EBUSY`, `EBADF`,
   *   `EPROTO`.
   */
  trySend(data: BytesLike): number | undefined {
    const bytes = toBytes(data);
    const sender = this.#sender;
    if (sender.pending.isBusy) throw failure("EBUSY", "trySend");
    return sender.put("trySend", bytes);
  }

  /**
   * Sends everything, in order, and settles when all is written into the
   * shared memory. If the call is cut short, `bytesSent` tells exactly how
   * much went. `MSG_DONTWAIT` is the one flag there is.
   *
   * @throws {SocketError} as `trySend`; `EAGAIN`, `ETIMEDOUT`; with
   *   `bytesSent`, how many bytes of the call went.
   */
  sendAll(
    data: BytesLike | readonly BytesLike[],
    options?: SendOptions,
  ): Promise<void> {
    const op = "sendAll";
    try {
      const chunks = toChunks(data);
      const call = toSend(options, FOREVER);
      const wait = waitWithFlags(op, call.flags, MSG_DONTWAIT, call.wait);
      wait.signal?.throwIfAborted();
      const sender = this.#sender;
      if (sender.pending.isBusy) throw failure("EBUSY", op);
      const attempt = sender.feed(op, chunks);
      if (attempt() !== undefined) return DONE;
      const pending = sender.wait(op, chunks, attempt, wait);
      this.#waking.sleep();
      return pending;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Like `sendAll`, but blocks the thread while there is no room. See
   * `recvSync`.
   *
   * @param timeoutMs milliseconds; `null`, the default, for ever
   * @throws {SocketError} as `sendAll` and `recvSync`.
   */
  sendAllSync(
    data: BytesLike | readonly BytesLike[],
    timeoutMs: number | null = null,
  ): void {
    const op = "sendAllSync";
    const chunks = toChunks(data);
    const wait = waitOf(timeoutMs);
    const sender = this.#sender;
    if (sender.pending.isBusy) throw failure("EBUSY", op);
    const attempt = sender.feed(op, chunks);
    if (attempt() !== undefined) return;
    sender.plan(chunks);
    this.#waking.block(op, ROOM, wait, attempt);
  }

  // ---- ending

  /**
   * Ends one or both directions. After `SHUT_WR` the partner receives what was
   * sent and then `null`; our later sends are `EPIPE`. `SHUT_RD` drops what is
   * and comes in hand, and receives give `null`.
   *
   * @throws {TypeError} | {RangeError} if `how` is none of `SHUT_RD`,
   *   `SHUT_WR`, `SHUT_RDWR`.
   * @throws {SocketError} `EBUSY` while a send is pending, `EBADF`;
   *   `ECONNRESET` if the connection is dead.
   */
  async shutdown(how: number): Promise<void> {
    const op = "shutdown";
    checkHow(how);
    const standing = this.#standing;
    if (standing.isClosed) throw failure("EBADF", op);
    if (how !== SHUT_RD) {
      const writing = writeGathered(this);
      if (writing !== undefined) await writing;
      if (this.#sender.pending.isBusy) throw failure("EBUSY", op);
      if (standing.isClosed) throw failure("EBADF", op);
    }
    if (standing.isDead) throw failure("ECONNRESET", op);
    if (how !== SHUT_RD) {
      standing.outgoing.mark(ENDED);
      this.#bell.ringAlways();
    }
    if (how !== SHUT_WR) standing.isShut = true;
    this.#waking.goOn();
  }

  /**
   * Ends the stream. What was written stays readable for the partner, behind
   * it comes `null`, and the partner's sends are `EPIPE`. Pending calls reject
   * with `EBADF`; a `sendAll` among them cut the stream, which the partner is
   * told by `ECONNRESET` in the place of `null`. May be called again; never
   * rejects but for wrong options. It waits for nothing, so that `lingerMs`,
   * which every byte stream takes, has nothing to bound.
   */
  close(options?: CloseOptions): Promise<void> {
    try {
      toLinger(options);
    } catch (error) {
      return Promise.reject(error);
    }
    const standing = this.#standing;
    if (standing.isClosed) return DONE;
    void leaveGathered(this);
    if (this.#sender.pending.isBusy) standing.cut();
    else standing.end();
    this.#leave();
    return DONE;
  }

  /**
   * Cuts the stream: the partner receives what was written, then every call
   * of it is `ECONNRESET`.
   *
   * @throws {SocketError} `EBADF` after `close`.
   */
  reset(): void {
    if (this.#standing.isClosed) throw failure("EBADF", "reset");
    this.#standing.cut();
    this.#leave();
  }

  /** Closes, so that `await using` works. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * For the owner of the partner's thread: it has ended, however. What it had
   * written can be received, then calls are `ECONNRESET`, unless it had closed
   * in order. Needed where the port does not tell: on Deno, of a worker that
   * was terminated while it computed or blocked.
   */
  partnerDied(): void {
    this.#standing.isGone = true;
    if (!this.#standing.isClosed) this.#waking.goOn();
  }

  #leave(): void {
    this.#standing.isClosed = true;
    for (const { pending } of [this.#receiver, this.#sender]) {
      pending.fail("EBADF");
      pending.dispose();
    }
    this.#bell.close();
    this.#onLeave?.();
    released("stream");
    this.#watchers.notify();
  }

  /**
   * Lets the stream keep its thread alive, as it does at first.
   *
   * @returns the stream itself
   */
  ref(): this {
    return this.#ref(true);
  }

  /**
   * Lets the thread end although the stream is open and calls wait.
   *
   * @returns the stream itself
   */
  unref(): this {
    return this.#ref(false);
  }

  #ref(flag: boolean): this {
    if (this.#standing.isClosed) return this;
    this.#bell.ref(flag);
    this.#receiver.pending.ref(flag);
    this.#sender.pending.ref(flag);
    return this;
  }

  #events(): number {
    const standing = this.#standing;
    if (standing.isClosed || standing.isDead) return ALL_EVENTS;
    const read = standing.isReadable ? EVENT_READ : 0;
    const isWritable = !this.#sender.pending.isBusy && standing.isWritable(1);
    return read | (isWritable ? EVENT_WRITE : 0);
  }
}
