/**
 * What every way of sending shares: the count, what has ended, and the errors
 * that follow from it.
 *
 * @module
 */

import { SocketError } from "../../errors.ts";
import type { RawStream } from "../../runtime/seam/stream.ts";
import { Fault } from "../../runtime/seam/fault.ts";

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

/** The state of a sending half. */
export abstract class SendingState {
  /** Bytes taken by the kernel or our queue since connect. */
  bytesSent = 0;
  /** Where the bytes go. */
  protected readonly raw: RawStream;
  /** The connection. */
  protected readonly owner: SenderOwner;
  /** The socket is closed. */
  protected isClosed = false;
  #isFinished = false;
  #fault: Fault | undefined;
  /** `bytesSent` when the call of now began. */
  #callStart = 0;

  /** A state in which everything may be sent to `raw`. */
  constructor(raw: RawStream, owner: SenderOwner) {
    this.raw = raw;
    this.owner = owner;
  }

  /** Forgets accepted bytes: nobody will take them. */
  protected abstract drop(): void;

  /** No more sends: they are `EPIPE` from now on. */
  finish(): void {
    this.#isFinished = true;
  }

  /** Whether `finish` was called. */
  get isFinished(): boolean {
    return this.#isFinished;
  }

  /** The error that a send would raise now, of the connection itself. */
  get fault(): Fault | undefined {
    return this.#fault;
  }

  /** A call begins: its errors count bytes from here. */
  protected begin(): void {
    this.#callStart = this.bytesSent;
  }

  /** Every later send says so; the first fault stays. */
  protected fail(fault: Fault): void {
    this.#fault ??= fault;
    this.drop();
  }

  /** Takes note of a failed write; throws what is not a fault. */
  protected writeFailed(error: unknown): void {
    const fault = this.#faultOf(error);
    if (fault === undefined) throw error;
    this.fail(fault);
    if (fault.code !== "EPIPE") this.owner.connectionFailed(fault);
    this.owner.changed();
  }

  /** What the call raises after `error`, which a write or a check threw. */
  protected raise(error: unknown, op: string): unknown {
    const fault = this.#faultOf(error);
    if (fault === undefined) return error;
    if (this.isClosed) return this.error("EBADF", op);
    this.writeFailed(fault);
    return this.#faultError(this.#fault ?? fault, op);
  }

  /** Throws what forbids sending. */
  protected check(op: string): void {
    if (this.isClosed) throw this.error("EBADF", op);
    this.checkFault(op);
    if (this.#isFinished) throw this.error("EPIPE", op);
  }

  /** Throws the error of the connection itself. */
  protected checkFault(op: string): void {
    if (this.#fault !== undefined) throw this.#faultError(this.#fault, op);
  }

  /** Rejects a call that never began. */
  protected refuse(code: string, op: string): Promise<never> {
    return Promise.reject(this.owner.error(code, op, 0));
  }

  /** Makes the error of a code, with what the call has sent. */
  protected error(code: string, op: string): SocketError {
    return this.owner.error(code, op, this.bytesSent - this.#callStart);
  }

  #faultError(fault: Fault, op: string): SocketError {
    return this.owner.faultError(fault, op, this.bytesSent - this.#callStart);
  }

  #faultOf(error: unknown): Fault | undefined {
    if (error instanceof Fault) return error;
    return error instanceof SocketError ? undefined : this.raw.faultOf?.(error);
  }
}
