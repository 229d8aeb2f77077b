/**
 * The sending half of a connection. Bytes leave in two ways: by reference,
 * when the call cannot be cut short; else through a bounded queue of memory
 * that the library owns, so that a cancelled send never shows reused memory.
 *
 * @module
 */

import type { Clock } from "../../clock.ts";
import type { Fault } from "../../runtime/seam/fault.ts";
import type { RawStream } from "../../runtime/seam/stream.ts";
import { Accepted } from "./write_buffer.ts";
import { DirectSending } from "./direct_sending.ts";
import type { Wait } from "../../deadline.ts";
import { isCancellable } from "../../deadline.ts";
import { PendingCall } from "../pending_call.ts";
import type { SenderOwner } from "./sending_state.ts";

export type { SenderOwner } from "./sending_state.ts";

/** The sending half. */
export class Sender extends DirectSending {
  readonly #clock: Clock;
  #isReferenced = true;
  /** Made for the first call that may have to wait here: most never do. */
  #madeGate: PendingCall | undefined;
  /** Made for the first bytes that go through memory of ours. */
  #madeAccepted: Accepted | undefined;
  /** The kernel, asked at once, took less than it was given. */
  #isFull = false;
  /** For those who wait until nothing is left to write. */
  #whenFlushed: Promise<void> | undefined;
  #onFlushed: (() => void) | undefined;

  /** A half that writes to `raw`. */
  constructor(raw: RawStream, clock: Clock, owner: SenderOwner) {
    super(raw, owner);
    this.#clock = clock;
  }

  get #gate(): PendingCall {
    return this.#madeGate ??= this.#makeGate();
  }

  #makeGate(): PendingCall {
    const gate = new PendingCall(this.#clock, {
      error: (code, op) => this.error(code, op),
    });
    gate.ref(this.#isReferenced);
    return gate;
  }

  get #accepted(): Accepted {
    return this.#madeAccepted ??= new Accepted(this.raw, {
      changed: () => this.#changed(),
      writeFailed: (error) => this.writeFailed(error),
    });
  }

  /** Whether a sending call is pending. */
  override get isBusy(): boolean {
    return this.isDirect || this.#madeGate?.isBusy === true;
  }

  /** Whether a send would take something, or fail, at once. */
  get isWritable(): boolean {
    if (this.fault !== undefined || this.isFinished) return true;
    // What is accepted and unwritten is with the runtime, or waits for room.
    return !this.isBusy && !this.#isFull && this.unwritten === 0;
  }

  /** Accepted bytes that the kernel has not taken. */
  override get unwritten(): number {
    return this.#madeAccepted === undefined ? 0 : this.#madeAccepted.unwritten;
  }

  // ---- what the driver tells

  /** The kernel takes more. */
  writable(): void {
    this.#isFull = false;
    this.#madeAccepted?.pump();
    this.#changed();
  }

  /** The connection died: every later send says so. */
  failed(fault: Fault): void {
    this.fail(fault);
    this.#changed();
  }

  #changed(): void {
    this.wake();
    this.#madeGate?.retry();
    if (this.unwritten === 0) this.#onFlushed?.();
    this.owner.changed();
  }

  protected override drop(): void {
    this.#madeAccepted?.clear();
  }

  // ---- what the program asks

  /** Sends what can be sent now; `undefined` if that is nothing. */
  trySend(op: string, data: Uint8Array): number | undefined {
    if (this.isBusy) throw this.owner.error("EBUSY", op, 0);
    this.begin();
    return this.#trySend(op, data);
  }

  /** Waits until one byte at least is accepted. */
  send(op: string, data: Uint8Array, wait: Wait): Promise<number> {
    if (this.isBusy) return this.refuse("EBUSY", op);
    this.begin();
    return this.#gate.run(op, () => this.#trySend(op, data), wait);
  }

  /** Sends everything; settles when the kernel has it, or see `flush`. */
  sendAll(
    op: string,
    chunks: readonly Uint8Array[],
    wait: Wait,
  ): Promise<void> {
    if (wait.signal?.aborted) return Promise.reject(wait.signal.reason);
    return isCancellable(wait)
      ? this.#sendCopies(op, chunks, wait)
      : this.sendDirect(op, chunks, wait.caller);
  }

  /**
   * Settles when the kernel has everything accepted. Where nothing is waited
   * for, it is enough that everything is accepted: a failure is raised later.
   */
  flush(op: string, wait: Wait): Promise<void> {
    if (this.isBusy) return this.refuse("EBUSY", op);
    return this.#gate.run(op, () => this.#flushed(op, wait), wait)
      .then(ignore);
  }

  /** Ends the pending call if it is the socket's own; the half lives on. */
  interrupt(): void {
    this.#madeGate?.interrupt(undefined);
    this.interruptDirect();
  }

  /** The socket is closed: ends the pending call; what is accepted stays. */
  close(): void {
    this.isClosed = true;
    this.#madeGate?.fail("EBADF");
    this.#madeGate?.dispose();
    this.wake();
  }

  /** Whether the deadline of a pending call keeps the process alive. */
  ref(flag: boolean): void {
    this.#isReferenced = flag;
    this.#madeGate?.ref(flag);
  }

  /** Settles when nothing accepted is unwritten; also after a failure. */
  whenFlushed(): Promise<void> {
    if (this.unwritten === 0) return Promise.resolve();
    return this.#whenFlushed ??= new Promise((resolve) => {
      this.#onFlushed = () => {
        this.#whenFlushed = this.#onFlushed = undefined;
        resolve();
      };
    });
  }

  // ---- through memory of ours

  #trySend(op: string, data: Uint8Array): number | undefined {
    this.check(op);
    return data.length === 0 ? 0 : this.#accept(op, data);
  }

  /** Accepts what fits. Where the kernel is asked at once, without a copy. */
  #accept(op: string, data: Uint8Array): number | undefined {
    if (this.raw.writesAtOnce) return this.#writeNow(op, data);
    const count = this.#accepted.add(data);
    if (count === 0) return undefined;
    this.bytesSent += count;
    this.#accepted.pump();
    return count;
  }

  #writeNow(op: string, data: Uint8Array): number | undefined {
    let taken: number;
    try {
      taken = this.raw.write(data) as number;
    } catch (error) {
      throw this.raise(error, op);
    }
    this.#isFull = taken < data.length;
    this.bytesSent += taken;
    return taken > 0 ? taken : undefined;
  }

  #flushed(op: string, wait: Wait): true | undefined {
    this.checkFault(op);
    return this.unwritten === 0 || wait.timeoutMs === 0 ? true : undefined;
  }

  /** A send that may be cut short: never more than the mark is at stake. */
  #sendCopies(
    op: string,
    chunks: readonly Uint8Array[],
    wait: Wait,
  ): Promise<void> {
    if (this.isBusy) return this.refuse("EBUSY", op);
    this.begin();
    let index = 0;
    let offset = 0;
    return this.#gate.run(op, () => {
      this.check(op);
      while (index < chunks.length) {
        const rest = (chunks[index] as Uint8Array).subarray(offset);
        const count = rest.length === 0 ? 0 : this.#accept(op, rest);
        if (count === undefined) return undefined;
        offset += count;
        if (count < rest.length) continue;
        index++;
        offset = 0;
      }
      return this.#flushed(op, wait);
    }, wait).then(ignore);
  }
}

function ignore(): void {}
