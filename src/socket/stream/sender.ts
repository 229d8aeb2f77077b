/**
 * The sending half of a connection. Bytes leave in two ways: by reference,
 * when the call cannot be cut short; else through a bounded queue of memory
 * that the library owns, so that a cancelled send never shows reused memory.
 * A runtime that says at once how much the kernel took (`writesAtOnce`) keeps
 * no memory of the program's, and needs no queue.
 *
 * @module
 */

import type { Clock } from "../../clock.ts";
import type { Wait } from "../../deadline.ts";
import { isCancellable } from "../../deadline.ts";
import { SocketError } from "../../errors.ts";
import { Fault } from "../../runtime/seam/fault.ts";
import type { RawStream } from "../../runtime/seam/stream.ts";
import { PendingCall, type PendingCallOwner } from "../../pending_call.ts";
import { gather, WriteBuffer, type WriteBufferOwner } from "./write_buffer.ts";

/** What the sending half needs from its connection. */
export interface SenderOwner {
  /** What time goes by. */
  readonly clock: Clock;
  /** The stream that it writes to now. */
  readonly raw: RawStream;
  /** Whether deadlines keep the process alive. */
  readonly isReferenced: boolean;
  /** Whether the socket and its files are closed: no call begins. */
  readonly isClosed: boolean;
  /** Whether no byte goes any more. */
  readonly isOver: boolean;
  /** What ended the connection. */
  readonly fault: Fault | undefined;
  /** Something changed that a poll may wait for. */
  changed(): void;
  /** Makes the error of a code. */
  error(
    code: string,
    op: string,
    reason?: string,
    bytesSent?: number,
  ): SocketError;
  /** Makes the error of a fault. */
  faultError(fault: Fault, op: string, bytesSent?: number): SocketError;
  /** A write failed in a way that ends the connection. */
  connectionFailed(fault: Fault): void;
}

/** Bytes that come bit by bit while they are sent. */
export interface SendFeed {
  /** Called when there is something new to be had. */
  onReady: () => void;
  /**
   * The next bytes; `null` at the end, `undefined` if they are not there yet.
   * Throws what getting them failed with.
   */
  peek(): Uint8Array | null | undefined;
  /** The first `size` of the next bytes are sent. */
  take(size: number): void;
}

/** Called once a send is with the kernel, or with what it failed with. */
export type SendTold = (failure?: unknown) => void;

/**
 * How a send by reference stands, in which the runtime has the program's
 * memory: whose it is, or that the socket was closed while files go on, so that
 * it ends once the runtime has let go.
 */
type Direct = "none" | "socket's" | "file's" | "interrupted";

/** What is settled once nothing is left to write. */
interface Idle {
  readonly reached: Promise<void>;
  readonly reach: () => void;
}

/** The sending half. */
export class Sender implements PendingCallOwner, WriteBufferOwner {
  /** Bytes taken by the kernel or our queue since connect. */
  bytesSent = 0;
  readonly #owner: SenderOwner;
  /** No more sends: FIN is sent, or follows what is accepted. */
  #isFinished = false;
  /** `EPIPE`: the peer takes no more, but what it has sent can be read. */
  #refusal: Fault | undefined;
  /** `bytesSent` when the call of now began. */
  #callStart = 0;
  /**
   * How far the last `sendAll` or `sendFile` came; one that is not under way is
   * `none`.
   */
  #sendAll: "none" | "amid" | "accepted" = "none";
  #direct: Direct = "none";
  /** Wakes a send by reference that waits for room in the kernel. */
  #wake: (() => void) | undefined;
  /** The kernel, asked at once, took less than it was given. */
  #isFull = false;
  /** Made for the first call that may have to wait here: most never do. */
  #madeCall: PendingCall | undefined;
  /** Made for the first bytes that go through memory of ours. */
  #madeBuffer: WriteBuffer | undefined;
  /** Made for who waits until nothing is left to write. */
  #idle: Idle | undefined;

  /** A half that writes to its owner's stream. */
  constructor(owner: SenderOwner) {
    this.#owner = owner;
  }

  get #call(): PendingCall {
    return this.#madeCall ??= this.#makeCall();
  }

  #makeCall(): PendingCall {
    const { clock, isReferenced } = this.#owner;
    const call = new PendingCall<PendingCallOwner>(clock, this);
    call.ref(isReferenced);
    return call;
  }

  get #buffer(): WriteBuffer {
    return this.#madeBuffer ??= new WriteBuffer(this.#owner.raw, this);
  }

  // ---- its state

  /** Whether a sending call is pending. */
  get isBusy(): boolean {
    return this.#direct !== "none" || this.#madeCall?.isBusy === true;
  }

  /** Accepted bytes that the kernel has not taken. */
  get unwritten(): number {
    return this.#madeBuffer === undefined ? 0 : this.#madeBuffer.unwritten;
  }

  /** Whether nothing is left to write: no accepted bytes, no pending call. */
  get isIdle(): boolean {
    return this.unwritten === 0 && !this.isBusy;
  }

  /** Whether the last of these ended when only a part of it had gone. */
  get isCut(): boolean {
    return this.#sendAll === "amid" && this.bytesSent > this.#callStart;
  }

  /** Whether `finish` was called. */
  get isFinished(): boolean {
    return this.#isFinished;
  }

  /** What a send would fail with now. */
  get fault(): Fault | undefined {
    return this.#refusal ?? this.#owner.fault;
  }

  /** Whether a send would take something, or fail, at once. */
  get isWritable(): boolean {
    if (this.fault !== undefined || this.#isFinished) return true;
    // What is accepted and unwritten is with the runtime, or waits for room.
    return !this.isBusy && !this.#isFull && this.unwritten === 0;
  }

  // ---- what the driver tells

  /** The kernel takes more. */
  writable(): void {
    this.#isFull = false;
    this.#madeBuffer?.pump();
    this.changed();
  }

  /** The connection died: every later send says so. */
  failed(): void {
    this.#madeBuffer?.clear();
    this.changed();
  }

  /** Lets all who wait look again. */
  changed(): void {
    this.#wake?.();
    this.#madeCall?.retry();
    this.#ended();
  }

  /** Tells that there may be nothing left to write. */
  #ended(): void {
    this.#owner.changed();
    if (this.#idle === undefined || !this.isIdle) return;
    const { reach } = this.#idle;
    this.#idle = undefined;
    reach();
  }

  // ---- what the program asks

  /** Sends what can be sent now; `undefined` if that is nothing. */
  trySend(op: string, data: Uint8Array): number | undefined {
    if (this.isBusy) throw this.#owner.error("EBUSY", op, undefined, 0);
    this.#begin();
    return this.#trySend(op, data);
  }

  /** Waits until one byte at least is accepted. */
  send(op: string, data: Uint8Array, wait: Wait): Promise<number> {
    if (this.isBusy) return this.#refuse("EBUSY", op);
    this.#begin();
    return this.#call.run(op, () => this.#trySend(op, data), wait);
  }

  /**
   * `sendAll` of one piece that cannot be cut short: the usual case. Where the
   * kernel takes it at once, no promise is made.
   */
  sendOne(op: string, data: Uint8Array): Promise<void>;
  /**
   * The same for who is told by a function. `undefined` where the runtime has
   * to be waited for: `told` is called then, for which one promise is made
   * instead of four.
   */
  sendOne(
    op: string,
    data: Uint8Array,
    told: SendTold | undefined,
  ): Promise<void> | undefined;
  sendOne(
    op: string,
    data: Uint8Array,
    told?: SendTold,
  ): Promise<void> | undefined {
    if (!this.#mayWriteNow || data.length === 0) {
      return this.#sendDirect(op, [data]);
    }
    let taken: number | Promise<number>;
    this.#begin();
    try {
      taken = this.#owner.raw.write(data);
    } catch (error) {
      return Promise.reject(this.#raise(error, op));
    }
    if (taken === data.length) {
      this.bytesSent += taken;
      return SENT;
    }
    if (typeof taken === "number") {
      return this.#sendRest(op, [data], taken, "socket's");
    }
    if (told === undefined) return this.#awaitOne(op, data, taken);
    this.#tellOne(op, data, taken, told);
    return undefined;
  }

  /**
   * Sends, and gives `true` if the kernel took it at once; else `told` is
   * called.
   */
  sendTold(op: string, data: Uint8Array, told: SendTold): boolean {
    const sending = this.sendOne(op, data, told);
    if (sending === SENT) return true;
    sending?.then(() => told(), told);
    return false;
  }

  #tellOne(
    op: string,
    data: Uint8Array,
    taken: Promise<number>,
    told: SendTold,
  ): void {
    this.#direct = "socket's";
    this.#sendAll = "amid";
    taken.then(
      (count) => {
        if (count === data.length) return this.#tookAll(op, count, told);
        this.#awaitOne(op, data, Promise.resolve(count))
          .then(() => told(), told);
      },
      (error) => this.#over(told, this.#raise(error, op)),
    );
  }

  /** The runtime is done with all of it. */
  #tookAll(op: string, count: number, told: SendTold): void {
    let failure: unknown;
    this.bytesSent += count;
    try {
      this.#goOn(op);
      this.#sendAll = "accepted";
    } catch (error) {
      failure = this.#raise(error, op);
    }
    this.#over(told, failure);
  }

  #over(told: SendTold, failure: unknown): void {
    this.#direct = "none";
    this.#ended();
    told(failure);
  }

  /** Sends everything; settles when the kernel has it, or see `flush`. */
  sendAll(
    op: string,
    chunks: readonly Uint8Array[],
    wait: Wait,
  ): Promise<void> {
    if (wait.signal?.aborted) return Promise.reject(wait.signal.reason);
    return isCancellable(wait)
      ? this.#sendCancellable(op, chunks, wait)
      : this.#sendDirect(op, chunks, wait.caller);
  }

  /**
   * Settles when the kernel has everything accepted. Where nothing is waited
   * for, it is enough that everything is accepted: a failure is raised later.
   */
  flush(op: string, wait: Wait): Promise<void> {
    if (this.isBusy) return this.#refuse("EBUSY", op);
    this.#sendAll = "none";
    return this.#call.run(op, () => this.#flushed(op, wait), wait)
      .then(ignore);
  }

  /** No more sends: they are `EPIPE` from now on. */
  finish(): void {
    this.#isFinished = true;
  }

  /** Settles when nothing is left to write; also after a failure. */
  whenIdle(): Promise<void> {
    if (this.isIdle) return Promise.resolve();
    return (this.#idle ??= newIdle()).reached;
  }

  /** Ends the pending call if it is the socket's own; the half lives on. */
  interrupt(): void {
    this.#madeCall?.interrupt(undefined);
    if (this.#direct !== "socket's") return;
    this.#direct = "interrupted";
    this.#wake?.();
  }

  /**
   * The socket is closed, and what is accepted will be written. So is the rest
   * of a `sendAll` under way, which goes on: no part of it must pass for the
   * whole. Any other call ends.
   */
  leave(): void {
    if (!this.isBusy) this.#sendAll = "none";
    if (this.#sendAll === "none") this.#madeCall?.fail("EBADF");
  }

  /** Nothing goes any more: ends the pending call. */
  close(): void {
    this.#madeCall?.fail("EBADF");
    this.#madeCall?.dispose();
    this.#wake?.();
  }

  /** Whether the deadline of a pending call keeps the process alive. */
  ref(flag: boolean): void {
    this.#madeCall?.ref(flag);
  }

  // ---- another stream below

  /**
   * No call may begin until `letGo` or `rawReplaced`. Settles when nothing is
   * unwritten any more.
   */
  async hold(op: string): Promise<void> {
    this.#begin();
    this.#direct = "socket's";
    await this.#drained(op);
    this.#checkAmid(op);
  }

  /** Calls may begin again. */
  letGo(): void {
    this.#direct = "none";
    this.changed();
  }

  /** It writes to another stream from now on. */
  rawReplaced(): void {
    this.#madeBuffer = undefined;
    this.#isFull = false;
    this.letGo();
  }

  // ---- by reference

  /** Whether a write may go to the runtime at once. */
  get #mayWriteNow(): boolean {
    return this.unwritten === 0 && !this.isBusy && !this.#isFinished &&
      !this.#owner.isClosed && this.fault === undefined;
  }

  /** Sends everything; settles when the kernel has it. */
  #sendDirect(
    op: string,
    chunks: readonly Uint8Array[],
    caller?: object,
  ): Promise<void> {
    if (this.isBusy) return this.#refuse("EBUSY", op);
    this.#begin();
    const whose = caller === undefined ? "socket's" : "file's";
    const writes = gather(chunks);
    const first = writes[0];
    let taken: number | Promise<number> | undefined;
    try {
      this.#check(op);
      if (first === undefined) return SENT;
      if (this.unwritten === 0) taken = this.#owner.raw.write(first);
    } catch (error) {
      return Promise.reject(this.#raise(error, op));
    }
    if (taken === first.length && writes.length === 1) {
      this.bytesSent += taken;
      return SENT;
    }
    return this.#sendRest(op, writes, taken, whose);
  }

  /** The runtime has all of it; goes on by itself if the kernel took a part. */
  async #awaitOne(
    op: string,
    data: Uint8Array,
    taken: Promise<number>,
  ): Promise<void> {
    this.#direct = "socket's";
    this.#sendAll = "amid";
    try {
      const count = await taken;
      this.bytesSent += count;
      this.#goOn(op);
      if (count < data.length) {
        this.#checkAmid(op);
        await this.#sendChunk(op, data.subarray(count), undefined);
      }
      this.#sendAll = "accepted";
    } catch (error) {
      throw this.#raise(error, op);
    } finally {
      this.#direct = "none";
      this.#ended();
    }
  }

  /** The slow half of `#sendDirect`: waits for the runtime. */
  async #sendRest(
    op: string,
    chunks: readonly Uint8Array[],
    begun: number | Promise<number> | undefined,
    whose: Direct,
  ): Promise<void> {
    this.#direct = whose;
    this.#sendAll = "amid";
    try {
      if (begun === undefined) await this.#drained(op);
      let taken = begun;
      for (const chunk of chunks) {
        await this.#sendChunk(op, chunk, taken);
        taken = undefined;
      }
      this.#sendAll = "accepted";
    } catch (error) {
      throw this.#raise(error, op);
    } finally {
      this.#direct = "none";
      this.#ended();
    }
  }

  async #sendChunk(
    op: string,
    chunk: Uint8Array,
    begun: number | Promise<number> | undefined,
  ): Promise<void> {
    let rest = chunk;
    let taken = begun ?? this.#owner.raw.write(rest);
    while (true) {
      const isAtOnce = typeof taken === "number";
      const count = await taken;
      this.bytesSent += count;
      rest = rest.subarray(count);
      this.#goOn(op);
      if (rest.length === 0) return;
      this.#checkAmid(op);
      if (isAtOnce) await this.#room();
      this.#checkAmid(op);
      taken = this.#owner.raw.write(rest);
    }
  }

  /** Settles when accepted bytes that came before are with the kernel. */
  async #drained(op: string): Promise<void> {
    while (this.unwritten > 0) {
      await this.#room();
      this.#checkAmid(op);
    }
  }

  /** Throws if the pending call has been ended. */
  #goOn(op: string): void {
    if (this.#direct === "interrupted" || this.#owner.isOver) {
      throw this.error("EBADF", op);
    }
  }

  /** Settles when something changed on the sending side. */
  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }

  // ---- through memory of ours

  #trySend(op: string, data: Uint8Array): number | undefined {
    this.#check(op);
    return data.length === 0 ? 0 : this.#accept(op, data);
  }

  /** Accepts what fits. Where the kernel is asked at once, without a copy. */
  #accept(op: string, data: Uint8Array): number | undefined {
    if (this.#owner.raw.writesAtOnce) return this.#writeNow(op, data);
    const count = this.#buffer.add(data);
    if (count === 0) return undefined;
    this.bytesSent += count;
    this.#buffer.pump();
    return count;
  }

  #writeNow(op: string, data: Uint8Array): number | undefined {
    let taken: number;
    try {
      taken = this.#owner.raw.write(data) as number;
    } catch (error) {
      throw this.#raise(error, op);
    }
    this.#isFull = taken < data.length;
    this.bytesSent += taken;
    return taken > 0 ? taken : undefined;
  }

  #flushed(op: string, wait: Wait): true | undefined {
    this.#checkFault(op);
    return this.unwritten === 0 || wait.timeoutMs === 0 ? true : undefined;
  }

  /** A send that may be cut short: never more than the mark is at stake. */
  #sendCancellable(
    op: string,
    chunks: readonly Uint8Array[],
    wait: Wait,
  ): Promise<void> {
    if (this.isBusy) return this.#refuse("EBUSY", op);
    this.#begin();
    let index = 0;
    let offset = 0;
    return this.#call.run(op, () => {
      this.#goAmid(op);
      while (index < chunks.length) {
        const rest = (chunks[index] as Uint8Array).subarray(offset);
        const count = rest.length === 0 ? 0 : this.#accept(op, rest);
        if (count === undefined) return undefined;
        offset += count;
        if (count < rest.length) continue;
        index++;
        offset = 0;
      }
      this.#sendAll = "accepted";
      return this.#flushed(op, wait);
    }, wait).then(ignore, (error) => this.#endedBy(error));
  }

  /**
   * Sends what `feed` gives, to its end, as one call; gives the count. Settles
   * as `sendAll` does.
   */
  sendFrom(op: string, feed: SendFeed, wait: Wait): Promise<number> {
    if (this.isBusy) return this.#refuse("EBUSY", op);
    this.#begin();
    feed.onReady = () => this.changed();
    return this.#call.run(op, () => this.#sendFed(op, feed, wait), wait)
      .catch((error) => this.#endedBy(error));
  }

  /** A call failed: a close that waited for it waits no longer. */
  #endedBy(error: unknown): never {
    this.#ended();
    throw error;
  }

  #sendFed(op: string, feed: SendFeed, wait: Wait): number | undefined {
    this.#goAmid(op);
    while (true) {
      const data = this.#peek(op, feed);
      if (data === null) break;
      const count = data && this.#accept(op, data);
      if (count === undefined) return undefined;
      feed.take(count);
    }
    this.#sendAll = "accepted";
    return this.#flushed(op, wait) && this.bytesSent - this.#callStart;
  }

  #peek(op: string, feed: SendFeed): Uint8Array | null | undefined {
    try {
      return feed.peek();
    } catch (error) {
      // It is not the connection that failed.
      throw error instanceof Fault ? this.#faultError(error, op) : error;
    }
  }

  // ---- how calls begin and fail

  /** A call begins: its errors count bytes from here. */
  #begin(): void {
    this.#sendAll = "none";
    this.#callStart = this.bytesSent;
  }

  /** A call that sends all it is given begins or goes on. */
  #goAmid(op: string): void {
    if (this.#sendAll === "none") this.#check(op);
    else this.#checkAmid(op);
    this.#sendAll = "amid";
  }

  /** Throws what forbids a send to begin. */
  #check(op: string): void {
    if (this.#owner.isClosed) throw this.error("EBADF", op);
    this.#checkFault(op);
    if (this.#isFinished) throw this.error("EPIPE", op);
  }

  /** Throws what forbids a send to go on; a close does so only in the end. */
  #checkAmid(op: string): void {
    this.#goOn(op);
    this.#checkFault(op);
    if (this.#isFinished) throw this.error("EPIPE", op);
  }

  /** Throws the error of the connection itself. */
  #checkFault(op: string): void {
    const { fault } = this;
    if (fault === undefined) return;
    throw this.#owner.isClosed
      ? this.error("EBADF", op)
      : this.#faultError(fault, op);
  }

  /** Takes note of a failed write; throws what is not a fault. */
  writeFailed(error: unknown): void {
    const fault = this.#faultOf(error);
    if (fault === undefined) throw error;
    this.#broken(fault);
  }

  /** What the call raises after `error`, which a write or a check threw. */
  #raise(error: unknown, op: string): unknown {
    const fault = this.#faultOf(error);
    if (fault === undefined) return error;
    if (this.#owner.isClosed) return this.error("EBADF", op);
    this.#broken(fault);
    return this.#faultError(this.fault ?? fault, op);
  }

  /** Every later send fails; the first fault stays. */
  #broken(fault: Fault): void {
    if (fault.code !== "EPIPE") this.#owner.connectionFailed(fault);
    else if (this.fault === undefined) this.#refusal = fault;
    this.#madeBuffer?.clear();
    this.#owner.changed();
  }

  /** Rejects a call that never began. */
  #refuse(code: string, op: string): Promise<never> {
    return Promise.reject(this.#owner.error(code, op, undefined, 0));
  }

  /** Makes the error of a code, with what the call has sent. */
  error(code: string, op: string, reason?: string): SocketError {
    const bytesSent = this.bytesSent - this.#callStart;
    return this.#owner.error(code, op, reason, bytesSent);
  }

  #faultError(fault: Fault, op: string): SocketError {
    return this.#owner.faultError(fault, op, this.bytesSent - this.#callStart);
  }

  #faultOf(error: unknown): Fault | undefined {
    if (error instanceof Fault) return error;
    return error instanceof SocketError
      ? undefined
      : this.#owner.raw.faultOf?.(error);
  }
}

/**
 * What a send gives that the kernel took at once: one for all of them, by which
 * it can be told without waiting.
 */
const SENT: Promise<void> = Promise.resolve();

function newIdle(): Idle {
  let reach = ignore;
  const reached = new Promise<void>((resolve) => reach = resolve);
  return { reached, reach };
}

function ignore(): void {}
