/**
 * The sending half of a connection. Bytes leave in two ways: by reference,
 * when the call cannot be cut short; else through a bounded queue of memory
 * that the library owns, so that a cancelled send never shows reused memory.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import { SocketError } from "../errors.ts";
import type { RawStream } from "../runtime/runtime.ts";
import { Fault } from "../runtime/runtime.ts";
import type { Wait } from "./gate.ts";
import { Gate, isCancellable } from "./gate.ts";
import { concatIfMany, gather, WRITE_MARK_BYTES } from "./gather.ts";

/** What the sending half needs from its connection. */
export interface SenderOwner {
  /** Something changed that a poll may wait for. */
  changed(): void;
  /** Makes the error of a code. */
  error(code: string, op: string, bytesSent?: number): SocketError;
  /** Makes the error of a fault. */
  faultError(fault: Fault, op: string, bytesSent?: number): SocketError;
  /** A write failed in a way that ends the connection. */
  connectionFailed(fault: Fault): void;
}

/** The sending half. */
export class Sender {
  /** Bytes taken by the kernel or our queue since connect. */
  bytesSent = 0;
  readonly #raw: RawStream;
  readonly #owner: SenderOwner;
  readonly #clock: Clock;
  /** Made for the first call that may have to wait here: most never do. */
  #madeGate: Gate | undefined;
  /** Accepted bytes in memory of ours, oldest first. */
  #accepted: Uint8Array[] = [];
  /** Their count, those that the runtime holds included. */
  #unwritten = 0;
  /** The runtime holds memory. */
  #isWriting = false;
  /** A send by reference is under way. */
  #isDirect = false;
  /** The kernel took less than it was given at the last write. */
  #isFull = false;
  #isFinished = false;
  #isClosed = false;
  #fault: Fault | undefined;
  /** Wakes a send by reference that waits for room in the kernel. */
  #wake: (() => void) | undefined;
  /** Tells `close` that nothing is left to write. */
  #onFlushed: (() => void) | undefined;
  /** `bytesSent` when the call of now began. */
  #callStart = 0;

  /** A half that writes to `raw`. */
  constructor(raw: RawStream, clock: Clock, owner: SenderOwner) {
    this.#raw = raw;
    this.#owner = owner;
    this.#clock = clock;
  }

  get #gate(): Gate {
    return this.#madeGate ??= new Gate(this.#clock, {
      error: (code, op) => this.#error(code, op),
    });
  }

  /** Whether a sending call is pending. */
  get isBusy(): boolean {
    return this.#isDirect || this.#madeGate?.isBusy === true;
  }

  /** Whether a send would take something, or fail, at once. */
  get isWritable(): boolean {
    if (this.#fault !== undefined || this.#isFinished) return true;
    // What is accepted and unwritten is with the runtime, or waits for room.
    return !this.isBusy && !this.#isFull && !this.#isWriting;
  }

  /** Accepted bytes that the kernel has not taken. */
  get unwritten(): number {
    return this.#unwritten;
  }

  // ---- what the driver tells

  /** The kernel takes more. */
  writable(): void {
    this.#isFull = false;
    if (!this.#isWriting) this.#pump();
    this.#changed();
  }

  /** The connection died: every later send says so. */
  failed(fault: Fault): void {
    this.#fault ??= fault;
    this.#accepted = [];
    this.#unwritten = 0;
    this.#changed();
  }

  #changed(): void {
    this.#wake?.();
    this.#madeGate?.retry();
    if (this.#unwritten === 0) this.#onFlushed?.();
    this.#owner.changed();
  }

  // ---- what the program asks

  /** Sends what can be sent now; `undefined` if that is nothing. */
  trySend(op: string, data: Uint8Array): number | undefined {
    if (this.isBusy) throw this.#owner.error("EBUSY", op, 0);
    this.#callStart = this.bytesSent;
    return this.#trySend(op, data);
  }

  /** Waits until one byte at least is accepted. */
  send(op: string, data: Uint8Array, wait: Wait): Promise<number> {
    if (this.isBusy) return this.#refuse("EBUSY", op);
    this.#callStart = this.bytesSent;
    return this.#gate.run(op, () => this.#trySend(op, data), wait);
  }

  /** Sends everything; settles when the kernel has it. */
  sendAll(
    op: string,
    chunks: readonly Uint8Array[],
    wait: Wait,
  ): Promise<void> {
    if (wait.signal?.aborted) return Promise.reject(wait.signal.reason);
    if (this.isBusy) return this.#refuse("EBUSY", op);
    this.#callStart = this.bytesSent;
    if (isCancellable(wait)) return this.#sendCopies(op, chunks, wait);
    return this.#sendDirect(op, gather(chunks));
  }

  /**
   * `sendAll` of one piece that cannot be cut short: the usual case. Where the
   * kernel takes it at once, no promise is made.
   */
  sendOne(op: string, data: Uint8Array): Promise<void> {
    if (!this.#isIdle || data.length === 0) {
      return this.sendAll(op, [data], UNLIMITED);
    }
    let taken: number | Promise<number>;
    this.#callStart = this.bytesSent;
    try {
      taken = this.#raw.write(data);
    } catch (error) {
      return Promise.reject(this.#raise(error, op));
    }
    if (taken === data.length) {
      this.bytesSent += taken;
      return DONE;
    }
    return typeof taken === "number"
      ? this.#sendRest(op, [data], taken)
      : this.#awaitOne(op, data, taken);
  }

  /** The runtime has all of it; goes on by itself if the kernel took a part. */
  async #awaitOne(
    op: string,
    data: Uint8Array,
    taken: Promise<number>,
  ): Promise<void> {
    this.#isDirect = this.#isWriting = true;
    let count = 0;
    try {
      count = await taken;
    } catch (error) {
      throw this.#raise(error, op);
    } finally {
      this.#isDirect = this.#isWriting = false;
    }
    this.bytesSent += count;
    if (count === data.length) return this.#owner.changed();
    this.#check(op);
    await this.#sendRest(op, [data.subarray(count)], undefined);
  }

  /** Whether a write may go to the runtime at once. */
  get #isIdle(): boolean {
    return this.#unwritten === 0 && !this.#isDirect && !this.#isFinished &&
      !this.#isClosed && this.#fault === undefined &&
      this.#madeGate?.isBusy !== true;
  }

  /** Settles when the kernel has everything accepted. */
  flush(op: string, wait: Wait): Promise<void> {
    if (this.isBusy) return this.#refuse("EBUSY", op);
    return this.#gate.run(op, () => this.#flushed(op), wait)
      .then(ignore);
  }

  /** No more sends: they are `EPIPE` from now on. */
  finish(): void {
    this.#isFinished = true;
  }

  /** Whether `finish` was called. */
  get isFinished(): boolean {
    return this.#isFinished;
  }

  /** Ends the pending call; the half lives on. */
  interrupt(): void {
    this.#madeGate?.fail("EBADF");
  }

  /** The socket is closed: ends the pending call; what is accepted stays. */
  close(): void {
    this.#isClosed = true;
    this.#madeGate?.fail("EBADF");
    this.#madeGate?.dispose();
    this.#wake?.();
  }

  /** Settles when nothing accepted is unwritten; also after a failure. */
  whenFlushed(): Promise<void> {
    if (this.#unwritten === 0) return DONE;
    return new Promise((resolve) => this.#onFlushed = resolve);
  }

  /** The error that a send would raise now, of the connection itself. */
  get fault(): Fault | undefined {
    return this.#fault;
  }

  // ---- through memory of ours

  #trySend(op: string, data: Uint8Array): number | undefined {
    this.#check(op);
    return data.length === 0 ? 0 : this.#accept(op, data);
  }

  /** Accepts what fits. Where the kernel is asked at once, without a copy. */
  #accept(op: string, data: Uint8Array): number | undefined {
    if (this.#unwritten === 0 && this.#raw.writesAtOnce) {
      const taken = this.#writeNow(op, data);
      this.#isFull = taken < data.length;
      this.bytesSent += taken;
      return taken > 0 ? taken : undefined;
    }
    const count = Math.min(WRITE_MARK_BYTES - this.#unwritten, data.length);
    if (count === 0) return undefined;
    this.#accepted.push(data.slice(0, count));
    this.#unwritten += count;
    this.bytesSent += count;
    if (!this.#isWriting) this.#pump();
    return count;
  }

  /** Hands accepted bytes over until the runtime holds some or is full. */
  #pump(): void {
    while (this.#accepted.length > 0 && !this.#isWriting) {
      const chunk = concatIfMany(this.#accepted);
      this.#accepted = [chunk];
      const taken = this.#handOver(chunk);
      if (typeof taken !== "number") return void this.#awaitWrite(taken);
      this.#written(taken);
      this.#isFull = taken < chunk.length;
      if (this.#isFull) return;
    }
  }

  #handOver(chunk: Uint8Array): number | Promise<number> {
    try {
      return this.#raw.write(chunk);
    } catch (error) {
      this.#writeFailed(error);
      return 0;
    }
  }

  async #awaitWrite(taken: Promise<number>): Promise<void> {
    this.#isWriting = true;
    let count = 0;
    try {
      count = await taken;
    } catch (error) {
      this.#writeFailed(error);
    }
    this.#isWriting = false;
    this.#written(count);
    this.#pump();
    this.#changed();
  }

  /** The kernel took the first `count` of the accepted bytes. */
  #written(count: number): void {
    const first = this.#accepted[0];
    if (first === undefined) return;
    this.#unwritten -= count;
    // Rare on all but Bun: the kernel took a part. A view, not a copy.
    if (count < first.length) this.#accepted[0] = first.subarray(count);
    else this.#accepted.shift();
  }

  #writeFailed(error: unknown): void {
    const fault = this.#faultOf(error);
    if (fault === undefined) throw error;
    this.#fault ??= fault;
    this.#accepted = [];
    this.#unwritten = 0;
    if (fault.code !== "EPIPE") this.#owner.connectionFailed(fault);
    this.#owner.changed();
  }

  #faultOf(error: unknown): Fault | undefined {
    if (error instanceof Fault) return error;
    return error instanceof SocketError
      ? undefined
      : this.#raw.faultOf?.(error);
  }

  #flushed(op: string): true | undefined {
    this.#checkFault(op);
    return this.#unwritten === 0 ? true : undefined;
  }

  /** A send that may be cut short: never more than the mark is at stake. */
  #sendCopies(
    op: string,
    chunks: readonly Uint8Array[],
    wait: Wait,
  ): Promise<void> {
    let index = 0;
    let offset = 0;
    return this.#gate.run(op, () => {
      this.#check(op);
      while (index < chunks.length) {
        const rest = (chunks[index] as Uint8Array).subarray(offset);
        const count = rest.length === 0 ? 0 : this.#accept(op, rest);
        if (count === undefined) return undefined;
        offset += count;
        if (count < rest.length) continue;
        index++;
        offset = 0;
      }
      return this.#flushed(op);
    }, wait).then(ignore);
  }

  // ---- by reference

  #sendDirect(op: string, chunks: readonly Uint8Array[]): Promise<void> {
    let taken: number | Promise<number> | undefined;
    const first = chunks[0];
    if (first === undefined) return this.#nothing(op);
    try {
      this.#check(op);
      if (this.#unwritten === 0) taken = this.#raw.write(first);
    } catch (error) {
      return Promise.reject(this.#raise(error, op));
    }
    if (taken === first.length && chunks.length === 1) {
      this.bytesSent += taken;
      return DONE;
    }
    return this.#sendRest(op, chunks, taken);
  }

  #nothing(op: string): Promise<void> {
    try {
      this.#check(op);
      return DONE;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** The slow half of `#sendDirect`: waits for the runtime. */
  async #sendRest(
    op: string,
    chunks: readonly Uint8Array[],
    begun: number | Promise<number> | undefined,
  ): Promise<void> {
    this.#isDirect = true;
    try {
      if (begun === undefined) await this.#drained(op);
      let taken = begun;
      for (const chunk of chunks) {
        await this.#sendChunk(op, chunk, taken);
        taken = undefined;
      }
    } catch (error) {
      throw this.#raise(error, op);
    } finally {
      this.#isDirect = false;
      this.#owner.changed();
    }
  }

  async #sendChunk(
    op: string,
    chunk: Uint8Array,
    begun: number | Promise<number> | undefined,
  ): Promise<void> {
    let rest = chunk;
    let taken = begun ?? this.#raw.write(rest);
    while (true) {
      const isAtOnce = typeof taken === "number";
      if (!isAtOnce) this.#isWriting = true;
      const count = await taken;
      this.#isWriting = false;
      this.bytesSent += count;
      rest = rest.subarray(count);
      if (rest.length === 0) return;
      this.#check(op);
      if (isAtOnce) await this.#room();
      this.#check(op);
      taken = this.#raw.write(rest);
    }
  }

  /** Settles when accepted bytes that came before are with the kernel. */
  async #drained(op: string): Promise<void> {
    while (this.#unwritten > 0) {
      await this.#room();
      this.#check(op);
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

  // ---- errors

  #writeNow(op: string, data: Uint8Array): number {
    try {
      return this.#raw.write(data) as number;
    } catch (error) {
      throw this.#raise(error, op);
    }
  }

  #raise(error: unknown, op: string): unknown {
    this.#isWriting = false;
    const fault = this.#faultOf(error);
    if (fault === undefined) return error;
    if (this.#isClosed) return this.#error("EBADF", op);
    this.#writeFailed(fault);
    return this.#faultError(this.#fault ?? fault, op);
  }

  #check(op: string): void {
    if (this.#isClosed) throw this.#error("EBADF", op);
    this.#checkFault(op);
    if (this.#isFinished) throw this.#error("EPIPE", op);
  }

  #checkFault(op: string): void {
    if (this.#fault === undefined) return;
    throw this.#faultError(this.#fault, op);
  }

  #refuse(code: string, op: string): Promise<never> {
    return Promise.reject(this.#owner.error(code, op, 0));
  }

  #error(code: string, op: string): SocketError {
    return this.#owner.error(code, op, this.bytesSent - this.#callStart);
  }

  #faultError(fault: Fault, op: string): SocketError {
    return this.#owner.faultError(fault, op, this.bytesSent - this.#callStart);
  }
}

const DONE: Promise<void> = Promise.resolve();
const UNLIMITED: Wait = { timeoutMs: null, signal: undefined };

function ignore(): void {}
