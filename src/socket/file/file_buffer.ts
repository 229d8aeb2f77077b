/**
 * What was written to a file and is not sent yet.
 *
 * @module
 */

import { concat } from "../../byte_queue.ts";
import { SocketError } from "../../errors.ts";
import type { Wait } from "../../deadline.ts";
import type { Connection } from "../stream/connection.ts";
import type { Sender } from "../stream/sender.ts";

/** The buffer of a file that is written to. One flush at a time. */
export class FileBuffer {
  readonly #limitBytes: number;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #flushing: Promise<void> | undefined;

  /** A buffer that is sent once it holds more than `limitBytes`. */
  constructor(limitBytes: number) {
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
  async add(
    op: string,
    bytes: Uint8Array,
    connection: Connection,
    wait: Wait,
  ): Promise<void> {
    wait.signal?.throwIfAborted();
    const isFull = this.#pendingBytes + bytes.length > this.#limitBytes;
    if (isFull) this.#demandIdle(op, connection);
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    if (isFull) await this.flush(op, connection, wait);
  }

  /** Sends everything. What could not be sent stays. */
  async flush(op: string, connection: Connection, wait: Wait): Promise<void> {
    wait.signal?.throwIfAborted();
    // Also an empty buffer is not flushed before a flush under way is over.
    if (this.#flushing !== undefined || !this.isEmpty) {
      this.#demandIdle(op, connection);
    }
    if (!this.isEmpty) await this.#send(op, connection.sender, wait);
  }

  /** What may not begin takes nothing out of the buffer. */
  #demandIdle(op: string, connection: Connection): void {
    // In this order: asked, the sender ends what is aborted, and so do we.
    const isBusy = connection.sender.isBusy;
    if (!isBusy && this.#flushing === undefined) return;
    throw connection.error("EBUSY", op, undefined, 0);
  }

  #send(op: string, sender: Sender, wait: Wait): Promise<void> {
    const whole = concat(this.#pending);
    const before = sender.bytesSent;
    this.#pending = [];
    this.#pendingBytes = 0;
    let isOver = false;
    const end = (sent: number) => {
      if (isOver) return;
      isOver = true;
      this.#flushing = undefined;
      this.#putBack(whole.subarray(sent));
    };
    // A call that is cut short is over in that turn, and others may send.
    const onRejected = () => end(sender.bytesSent - before);
    const sending = sender.sendAll(op, [whole], { ...wait, onRejected })
      .then(() => end(whole.length), (error) => {
        const told = error instanceof SocketError ? error.bytesSent : undefined;
        end(told ?? sender.bytesSent - before);
        throw error;
      });
    if (!isOver) this.#flushing = sending.catch(ignore);
    return sending;
  }

  /** What was not sent goes before what was written meanwhile. */
  #putBack(rest: Uint8Array): void {
    if (rest.length === 0) return;
    this.#pending.unshift(rest);
    this.#pendingBytes += rest.length;
  }
}

function ignore(): void {}
