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
import { demandRoom, toBytes } from "../bytes.ts";
import { systemClock } from "../clock.ts";
import { MSG_DONTWAIT, MSG_PEEK, SHUT_RD, SHUT_WR } from "../constants.ts";
import type {
  Bytes,
  BytesLike,
  ByteStream,
  CloseOptions,
  ReceiveOptions,
  SendOptions,
} from "../contracts.ts";
import { FOREVER, toLinger, type Wait, waitOf } from "../deadline.ts";
import { lateText } from "../error_texts.ts";
import { type SocketError, socketError } from "../errors.ts";
import { leaveGathered, writeGathered } from "../gathering.ts";
import { opened, released } from "../handle_counts.ts";
import { END, iterate } from "../iterate.ts";
import { PendingCall } from "../pending_call.ts";
import {
  ALL_EVENTS,
  EVENT_READ,
  EVENT_WRITE,
  type Pollable,
  type Readiness,
  Watchers,
} from "../readiness.ts";
import { afterTurn } from "../turn.ts";
import {
  type BellPort,
  Doorbell,
  type DoorbellKind,
  INPUT,
  ROOM,
} from "./doorbell.ts";
import { GONE, type Memory, type Side } from "./memory.ts";
import {
  CORRUPT,
  ENDED,
  RESET,
  RingReader,
  RingWriter,
  STOPPED,
} from "./ring.ts";

const RECEIVE_FLAGS = MSG_PEEK | MSG_DONTWAIT;
/** So often a thread goes on without a turn of its event loop. */
const MOST_ROUNDS = 32;
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
  readonly #words: Int32Array;
  readonly #incoming: RingReader;
  readonly #outgoing: RingWriter;
  readonly #bell: Doorbell;
  readonly #watchers = new Watchers();
  readonly #receiving: PendingCall;
  readonly #sending: PendingCall;
  #onLeave: (() => void) | undefined;
  #bytesReceived = 0;
  #bytesSent = 0;
  /** `bytesSent` when the `sendAll` that is pending began. */
  #callStart = 0;
  /** What the pending `recv` was called with. */
  #maxBytes = 0;
  #isPeek = false;
  #isClosed = false;
  /** `SHUT_RD` was called. */
  #isShut = false;
  /** `null` was given, which stays. */
  #isEnded = false;
  /** The partner's thread has ended, or has closed its port. */
  #isGone = false;

  private constructor({ memory, side, port, doorbell }: ShmStreamInit) {
    this.#words = memory.words;
    this.#incoming = new RingReader(memory, side === 0 ? 1 : 0);
    this.#outgoing = new RingWriter(memory, side);
    this.#receiving = new PendingCall(systemClock, { error: failure });
    this.#sending = new PendingCall(systemClock, {
      error: (code, op, reason) => this.#sendFailure(code, op, reason),
    });
    this.#bell = new Doorbell(memory.words, side, port, doorbell, {
      rung: () => this.#goOn(),
      gone: () => this.partnerDied(),
    });
    this.readiness = {
      events: () => this.#events(),
      watch: (events, notify) => {
        const watch = this.#watchers.add(events, notify);
        this.#sleep(this.#ready);
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
    return this.#isClosed;
  }

  /** Bytes written into the shared memory so far. */
  get bytesSent(): number {
    return this.#bytesSent;
  }

  /** Bytes handed to the program so far. */
  get bytesReceived(): number {
    return this.#bytesReceived;
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
      if (this.#receiving.isBusy) throw failure("EBUSY", "recv");
      this.#maxBytes = call.maxBytes;
      this.#isPeek = (call.flags & MSG_PEEK) !== 0;
      const bytes = this.#receive();
      if (bytes !== undefined) return Promise.resolve(bytes);
      const pending = this.#receiving.wait("recv", this.#receive, wait);
      this.#sleep(0);
      return pending;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** One for all calls. */
  readonly #receive = (): Bytes | null | undefined =>
    this.#take("recv", this.#maxBytes, this.#isPeek);

  /**
   * What is in hand, at most `maxBytes` (default 65,536); `null` at the end,
   * `undefined` if nothing came yet.
   *
   * @throws {SocketError} as `recv`.
   */
  tryRecv(maxBytes: number = DEFAULT_MAX_BYTES): Bytes | null | undefined {
    checkCount(maxBytes, "maxBytes");
    if (this.#receiving.isBusy) throw failure("EBUSY", "tryRecv");
    return this.#take("tryRecv", maxBytes);
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
    if (this.#receiving.isBusy) throw failure("EBUSY", op);
    return this.#block(op, INPUT, wait, () => this.#take(op, maxBytes));
  }

  /** The bytes, one chunk after the other. Leaving early closes nothing. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Bytes> {
    return iterate(async (step) => step(await this.recv() ?? END));
  }

  #take(
    op: string,
    maxBytes: number,
    isPeek = false,
  ): Bytes | null | undefined {
    if (this.#isClosed) throw failure("EBADF", op);
    if (maxBytes === 0) return new Uint8Array(0);
    if (this.#isEnded || this.#isShut) return null;
    const ring = this.#incoming;
    const { count } = ring;
    if (count <= 0) return this.#starved(op, maxBytes, isPeek);
    const bytes = ring.copy(count < maxBytes ? count : maxBytes);
    if (isPeek) return bytes;
    ring.drop(bytes.length);
    this.#bytesReceived += bytes.length;
    this.#bell.ring(ROOM);
    return bytes;
  }

  /** Nothing in hand: the end, the error, or a wish for more. */
  #starved(
    op: string,
    maxBytes: number,
    isPeek: boolean,
  ): Bytes | null | undefined {
    const isGone = this.#isAlone;
    const { state } = this.#incoming;
    // How it ends was said behind the last bytes: they come first.
    const { count } = this.#incoming;
    if (count > 0) return this.#take(op, maxBytes, isPeek);
    if (count === CORRUPT || state === CORRUPT) throw corrupt(op);
    if ((state & RESET) !== 0) throw failure("ECONNRESET", op);
    this.#isEnded = (state & ENDED) !== 0;
    if (this.#isEnded) return null;
    if (isGone) throw failure("ECONNRESET", op);
    return undefined;
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
    if (this.#sending.isBusy) throw failure("EBUSY", "trySend");
    const room = this.#roomFor("trySend");
    if (room === 0 && bytes.length > 0) return undefined;
    return this.#write(room < bytes.length ? bytes.subarray(0, room) : bytes);
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
      if (this.#sending.isBusy) throw failure("EBUSY", op);
      this.#callStart = this.#bytesSent;
      const attempt = this.#feed(op, chunks);
      if (attempt() !== undefined) return DONE;
      const pending = this.#sending.wait(op, attempt, wait);
      this.#sleep(0);
      return pending.then(ignore);
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
    if (this.#sending.isBusy) throw failure("EBUSY", op);
    this.#callStart = this.#bytesSent;
    this.#block(op, ROOM, wait, this.#feed(op, chunks));
  }

  /** Writes on with each call; gives `true` once everything is written. */
  #feed(op: string, chunks: readonly Uint8Array[]): () => true | undefined {
    let index = 0;
    let offset = 0;
    let size = chunks[0]?.byteLength ?? 0;
    return () => {
      let room = this.#roomFor(op, true);
      for (let chunk = chunks[index]; chunk; chunk = chunks[index]) {
        demandRoom(chunk, size);
        const left = size - offset;
        if (room === 0 && left > 0) room = this.#roomFor(op, true);
        if (room === 0 && left > 0) return undefined;
        const end = offset + Math.min(room, left);
        const isWhole = offset === 0 && end === chunk.length;
        room -= this.#write(isWhole ? chunk : chunk.subarray(offset, end));
        offset = end;
        if (offset < size) continue;
        index++;
        offset = 0;
        size = chunks[index]?.byteLength ?? 0;
      }
      return true;
    };
  }

  #write(bytes: Uint8Array): number {
    this.#outgoing.write(bytes);
    this.#bytesSent += bytes.length;
    this.#bell.ring(INPUT);
    return bytes.length;
  }

  /** How many bytes may be sent now. Throws where none ever may. */
  #roomFor(op: string, isCounted = false): number {
    const code = this.#isClosed ? "EBADF" : this.#refusal;
    const { room } = this.#outgoing;
    if (code === undefined && room !== CORRUPT) return room;
    if (code === undefined || code === "EPROTO") throw corrupt(op);
    throw isCounted ? this.#sendFailure(code, op) : failure(code, op);
  }

  /** Why no byte is taken any more. */
  get #refusal(): string | undefined {
    const { state } = this.#outgoing;
    if (state === 0) return this.#isAlone ? "ECONNRESET" : undefined;
    if (state === CORRUPT) return "EPROTO";
    if ((state & RESET) !== 0) return "ECONNRESET";
    const isClosing = (state & STOPPED) !== 0;
    return isClosing || !this.#isAlone ? "EPIPE" : "ECONNRESET";
  }

  #sendFailure(code: string, op: string, reason?: string): SocketError {
    const bytesSent = this.#bytesSent - this.#callStart;
    return socketError(code, { op, bytesSent, reason });
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
    if (this.#isClosed) throw failure("EBADF", op);
    if (how !== SHUT_RD) {
      const writing = writeGathered(this);
      if (writing !== undefined) await writing;
      if (this.#sending.isBusy) throw failure("EBUSY", op);
      if (this.#isClosed) throw failure("EBADF", op);
    }
    if (this.#isDead) throw failure("ECONNRESET", op);
    if (how !== SHUT_RD) {
      this.#outgoing.mark(ENDED);
      this.#bell.ringAlways();
    }
    if (how !== SHUT_WR) this.#isShut = true;
    this.#goOn();
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
    if (this.#isClosed) return DONE;
    void leaveGathered(this);
    if (this.#sending.isBusy) this.#cut();
    else {
      // The end that the partner reads comes last: then its sends fail.
      this.#incoming.mark(STOPPED);
      this.#outgoing.mark(ENDED);
    }
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
    if (this.#isClosed) throw failure("EBADF", "reset");
    this.#cut();
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
    this.#isGone = true;
    if (!this.#isClosed) this.#goOn();
  }

  #cut(): void {
    this.#incoming.mark(RESET);
    this.#outgoing.mark(RESET);
  }

  #leave(): void {
    this.#isClosed = true;
    this.#receiving.fail("EBADF");
    this.#sending.fail("EBADF");
    this.#receiving.dispose();
    this.#sending.dispose();
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
    if (this.#isClosed) return this;
    this.#bell.ref(flag);
    this.#receiving.ref(flag);
    this.#sending.ref(flag);
    return this;
  }

  // ---- how it stands

  /** Whether the partner's thread has ended, as far as anybody has told. */
  get #isAlone(): boolean {
    return this.#isGone || Atomics.load(this.#words, GONE) !== 0;
  }

  /** Whether it was cut, the partner died, or the memory is corrupt. */
  get #isDead(): boolean {
    const incoming = this.#incoming.state;
    const outgoing = this.#outgoing.state;
    if (incoming === CORRUPT || outgoing === CORRUPT) return true;
    if (((incoming | outgoing) & RESET) !== 0) return true;
    if (this.#incoming.count === CORRUPT) return true;
    if (this.#outgoing.room === CORRUPT) return true;
    return this.#isAlone && (outgoing & STOPPED) === 0;
  }

  /** Whether a receive would give something, or fail, at once. */
  get #isReadable(): boolean {
    if (this.#isShut || this.#isEnded || this.#isAlone) return true;
    return this.#incoming.count !== 0 ||
      (this.#incoming.state & (ENDED | RESET)) !== 0;
  }

  /** Whether a send would take something, or fail, at once. */
  get #isWritable(): boolean {
    return this.#outgoing.room !== 0 || this.#refusal !== undefined;
  }

  #events(): number {
    if (this.#isClosed || this.#isDead) return ALL_EVENTS;
    const read = this.#isReadable ? EVENT_READ : 0;
    const isWritable = !this.#sending.isBusy && this.#isWritable;
    return read | (isWritable ? EVENT_WRITE : 0);
  }

  // ---- sleeping and waking

  /** Something may have happened. */
  readonly #goOn = (): void => {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const ready = this.#ready;
      this.#receiving.retry();
      this.#sending.retry();
      this.#watchers.notify();
      if (this.#isAsleep(ready)) return;
    }
    // The partner keeps pace: others of this thread have their turn, too.
    afterTurn(this.#goOn);
  };

  #sleep(ready: number): void {
    if (!this.#isAsleep(ready)) this.#goOn();
  }

  /**
   * Says what it sleeps for, if there is anything, and looks once more: whether
   * it may sleep. `ready` is what was there before the calls tried and the
   * watchers were told: what has come since, nobody knows of.
   */
  #isAsleep(ready: number): boolean {
    if (this.#isClosed) return true;
    if (this.#isShut) this.#dropInput();
    const wanted = this.#wantedBeside(ready);
    if (wanted === 0 && this.#watchers.asked === 0) return true;
    this.#bell.sleep(wanted);
    return (this.#ready & wanted) === 0;
  }

  /** Calls that are pending want more; watchers know what is there. */
  #wantedBeside(ready: number): number {
    const { asked } = this.#watchers;
    const watched = ((asked & EVENT_READ) !== 0 ? INPUT : 0) |
      ((asked & EVENT_WRITE) !== 0 ? ROOM : 0);
    return (this.#isShut || this.#receiving.isBusy ? INPUT : 0) |
      (this.#sending.isBusy ? ROOM : 0) | (watched & ~ready);
  }

  /** What there is of `INPUT` and `ROOM`. */
  get #ready(): number {
    const isInput = this.#isShut ? this.#incoming.count > 0 : this.#isReadable;
    return (isInput ? INPUT : 0) | (this.#isWritable ? ROOM : 0);
  }

  /** After `SHUT_RD`: the partner's writer does not block. */
  #dropInput(): void {
    const { count } = this.#incoming;
    if (count <= 0) return;
    this.#incoming.drop(count);
    this.#bell.ring(ROOM);
  }

  /** Tries until there is a result, and blocks the thread meanwhile. */
  #block<T>(
    op: string,
    what: number,
    { timeoutMs }: Wait,
    attempt: () => T | undefined,
  ): T {
    let deadline: number | undefined;
    for (;;) {
      const result = attempt();
      if (result !== undefined) return result;
      const fail = what === ROOM ? this.#sendFailure.bind(this) : failure;
      if (timeoutMs === 0) throw fail("EAGAIN", op);
      const lastsMs = timeoutMs ?? Infinity;
      deadline ??= systemClock.now() + lastsMs;
      const leftMs = deadline - systemClock.now();
      if (leftMs <= 0) throw fail("ETIMEDOUT", op, lateText(op, lastsMs));
      this.#blockOnce(op, what, leftMs);
    }
  }

  #blockOnce(op: string, what: number, leftMs: number): void {
    try {
      this.#bell.block(what, leftMs, () => (this.#ready & what) === 0);
    } catch (cause) {
      const reason = "this thread may not block (Atomics.wait)";
      throw socketError("EOPNOTSUPP", { op, reason, cause });
    }
  }
}

/** How a call waits whose flags are all known. */
function failure(code: string, op: string, reason?: string): SocketError {
  return socketError(code, { op, reason });
}

function corrupt(op: string): SocketError {
  const reason = "the shared memory was written to by somebody else";
  return socketError("EPROTO", { op, reason });
}

function ignore(): void {}
