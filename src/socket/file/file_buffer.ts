/**
 * What was written to a file and is not sent yet.
 *
 * @module
 */

import { concat } from "../../byte_queue.ts";
import { SocketError } from "../../errors.ts";
import type { Wait } from "../../deadline.ts";
import type { Connection } from "../stream/connection.ts";

/** The buffer of a file that is written to. One flush at a time. */
export class FileBuffer {
  readonly #connection: Connection;
  readonly #limitBytes: number;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #flushing: Promise<void> | undefined;

  /** A buffer that is sent once it holds more than `limitBytes`. */
  constructor(connection: Connection, limitBytes: number) {
    this.#connection = connection;
    this.#limitBytes = limitBytes;
  }

  /** Whether nothing waits to be sent. */
  get isEmpty(): boolean {
    return this.#pendingBytes === 0;
  }

  /** Settles, without a failure, when the flush under way is over. */
  get flushing(): Promise<void> | undefined {
    return this.#flushing;
  }

  /**
   * Takes bytes, which are the buffer's from now on, and sends if they are too
   * many to be kept. A call that may not send takes nothing.
   *
   * @throws {SocketError} `EBUSY` while another send is pending, and as
   *   `sendAll`; the reason of an aborted signal.
   */
  async add(op: string, bytes: Uint8Array, wait: Wait): Promise<void> {
    wait.signal?.throwIfAborted();
    const isFull = this.#pendingBytes + bytes.length > this.#limitBytes;
    if (isFull) this.#demandIdle(op);
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    if (isFull) await this.flush(op, wait);
  }

  /** Sends everything. What could not be sent stays. */
  async flush(op: string, wait: Wait): Promise<void> {
    wait.signal?.throwIfAborted();
    // Also an empty buffer is not flushed before a flush under way is over.
    if (this.#flushing !== undefined || !this.isEmpty) this.#demandIdle(op);
    if (this.isEmpty) return;
    const sending = this.#send(op, wait);
    this.#flushing = sending.catch(ignore);
    try {
      await sending;
    } finally {
      this.#flushing = undefined;
    }
  }

  /** What may not begin takes nothing out of the buffer. */
  #demandIdle(op: string): void {
    const { sender } = this.#connection;
    if (this.#flushing === undefined && !sender.isBusy) return;
    throw this.#connection.error("EBUSY", op, 0);
  }

  async #send(op: string, wait: Wait): Promise<void> {
    const { sender } = this.#connection;
    const whole = concat(this.#pending);
    const before = sender.bytesSent;
    this.#pending = [];
    this.#pendingBytes = 0;
    let sent: number | undefined;
    // The reason of a signal carries no count, and once the call is over
    // others may send: this listener comes right before the call's own.
    const count = () => sent = sender.bytesSent - before;
    wait.signal?.addEventListener("abort", count);
    try {
      await sender.sendAll(op, [whole], wait);
    } catch (error) {
      const told = error instanceof SocketError ? error.bytesSent : undefined;
      this.#putBack(whole.subarray(told ?? sent ?? count()));
      throw error;
    } finally {
      wait.signal?.removeEventListener("abort", count);
    }
  }

  /** What was not sent goes before what was written meanwhile. */
  #putBack(rest: Uint8Array): void {
    if (rest.length === 0) return;
    this.#pending.unshift(rest);
    this.#pendingBytes += rest.length;
  }
}

function ignore(): void {}
