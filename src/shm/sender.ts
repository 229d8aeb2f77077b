/**
 * The sending half of a stream: what there is room for, and the one call that
 * waits for more.
 *
 * @module
 */

import { checkRoom } from "../bytes.ts";
import { systemClock } from "../clock.ts";
import type { Wait } from "../deadline.ts";
import { type SocketError, socketError } from "../errors.ts";
import { PendingCall } from "../pending_call.ts";
import type { Doorbell } from "./doorbell.ts";
import { corrupt, failure } from "./failures.ts";
import { CORRUPT } from "./ring.ts";
import type { Standing } from "./standing.ts";

/** Writes for the partner. */
export class ShmSender {
  /** Bytes written so far. */
  bytesSent = 0;
  /** The `sendAll` that waits, if one does. */
  readonly pending: PendingCall;
  readonly #standing: Standing;
  readonly #bell: Doorbell;
  /** `bytesSent` when the `sendAll` that is under way began. */
  #callStart = 0;
  /** `bytesSent` when it will have ended, once it waits. */
  #callEnd = 0;

  /** The half of a stream that stands so. */
  constructor(standing: Standing, bell: Doorbell) {
    this.#standing = standing;
    this.#bell = bell;
    this.pending = new PendingCall(systemClock, { error: this.failure });
  }

  /** The error of a code for a call that tells how much went. */
  readonly failure = (
    code: string,
    op: string,
    reason?: string,
  ): SocketError => {
    const bytesSent = this.bytesSent - this.#callStart;
    return socketError(code, { op, bytesSent, reason });
  };

  /** Writes what there is room for; `undefined` if there is none. */
  put(op: string, bytes: Uint8Array): number | undefined {
    const room = this.#checkRoom(op, failure);
    if (room === 0 && bytes.length > 0) return undefined;
    return this.#write(room < bytes.length ? bytes.subarray(0, room) : bytes);
  }

  /**
   * A call that is to write all of `chunks`: goes on with each call of what it
   * gives, which is `true` once everything is written.
   */
  feed(op: string, chunks: readonly Uint8Array[]): () => true | undefined {
    this.#callStart = this.bytesSent;
    let index = 0;
    let offset = 0;
    let size = chunks[0]?.byteLength ?? 0;
    return () => {
      let room = this.#checkRoom(op, this.failure);
      for (let chunk = chunks[index]; chunk; chunk = chunks[index]) {
        checkRoom(chunk, size);
        const left = size - offset;
        if (room === 0 && left > 0) room = this.#checkRoom(op, this.failure);
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

  /** Waits until all of `chunks` is written, which `feed` began. */
  async wait(
    op: string,
    chunks: readonly Uint8Array[],
    attempt: () => true | undefined,
    wait: Wait,
  ): Promise<void> {
    this.plan(chunks);
    await this.pending.wait(op, attempt, wait);
  }

  /** The call that `feed` began has to wait until all of `chunks` is written. */
  plan(chunks: readonly Uint8Array[]): void {
    this.#callEnd = this.#callStart +
      chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** For how much room this end sleeps while nothing blocks. */
  get roomWanted(): number {
    return this.pending.isBusy ? this.roomLeft : 1;
  }

  /**
   * How much room the call that waits wants: one that has much to send is not
   * woken for every little bit of it.
   */
  get roomLeft(): number {
    const left = this.#callEnd - this.bytesSent;
    return Math.max(1, Math.min(left, this.#standing.outgoing.capacity / 2));
  }

  #write(bytes: Uint8Array): number {
    this.#standing.outgoing.write(bytes);
    this.bytesSent += bytes.length;
    this.#bell.ringForInput();
    return bytes.length;
  }

  /** How many bytes may be sent now. Throws where none ever may. */
  #checkRoom(op: string, fail: typeof failure): number {
    const { isClosed, outgoing, refusal } = this.#standing;
    const code = isClosed ? "EBADF" : refusal;
    const { room } = outgoing;
    if (code === undefined && room !== CORRUPT) return room;
    if (code === undefined || code === "EPROTO") throw corrupt(op);
    throw fail(code, op);
  }
}
