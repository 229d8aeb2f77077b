/**
 * The receiving half of a datagram socket: one bounded queue of whole
 * datagrams that every receiving call reads.
 *
 * @module
 */

import type { Clock } from "../../clock.ts";
import type { Address, Bytes } from "../../contracts.ts";
import type { Fault } from "../../runtime/seam/fault.ts";
import type { Wait } from "../../deadline.ts";
import type { PendingCallOwner } from "../../pending_call.ts";
import { PendingCall } from "../../pending_call.ts";

/**
 * What is kept of datagrams nobody reads: so many, and so many bytes. One
 * that comes on top is dropped, as the kernel drops the newest.
 */
export const MAX_QUEUED_DATAGRAMS = 4096;

/** See {@linkcode MAX_QUEUED_DATAGRAMS}. */
export const MAX_QUEUED_BYTES = 1_048_576;

/** A pulling driver reads no further ahead than this; the kernel queues on. */
const READ_AHEAD_DATAGRAMS = 64;
const READ_AHEAD_BYTES = 65_536;

/** A datagram in hand. */
export interface Datagram {
  /** The payload. */
  readonly data: Bytes;
  /** Who sent it. */
  readonly from: Address;
  /** Whether the runtime cut it. */
  readonly isTruncated: boolean;
}

/** What a receiving call wants. */
export interface DatagramCall<T> {
  /** The method's name, for errors. */
  readonly op: string;
  /** Whether the datagram stays in the queue. */
  readonly isPeek: boolean;
  /** Makes the result of a datagram; if it throws, the datagram stays. */
  take(datagram: Datagram): T;
  /** The result when the socket is closed; without one it is `EBADF`. */
  readonly end?: T;
}

/** What the inbox needs from its socket. */
export interface InboxOwner extends PendingCallOwner {
  /** Makes the error of a fault. */
  faultError(fault: Fault, op: string): unknown;
  /** Wants datagrams from the runtime. */
  pull(): void;
  /** Whether a poll waits for datagrams. */
  readonly isWatched: boolean;
}

/** Datagrams that came, and the one call that waits for them. */
export class Inbox {
  /** Datagrams handed to the program. */
  received = 0;
  /** Datagrams that found the queue full. */
  dropped = 0;
  readonly #pending: PendingCall;
  readonly #owner: InboxOwner;
  #queue: Datagram[] = [];
  /** Where the oldest is: `shift()` of a long array costs too much. */
  #head = 0;
  #bytes = 0;
  #isFull = false;
  #fault: Fault | undefined;
  /** What the pending call wants; forgotten with it, caller's memory and all. */
  #call: DatagramCall<unknown> | undefined;

  /** An empty one. */
  constructor(clock: Clock, owner: InboxOwner) {
    this.#pending = new PendingCall<PendingCallOwner>(clock, owner);
    this.#owner = owner;
  }

  /** How many are in hand. */
  get count(): number {
    return this.#queue.length - this.#head;
  }

  /** Whether a receive would give something, or fail, at once. */
  get isReadable(): boolean {
    return this.count > 0 || this.#fault !== undefined;
  }

  /** Whether a receive is pending. */
  get isBusy(): boolean {
    return this.#pending.isBusy;
  }

  /** Whether the deadline of a pending receive keeps the process alive. */
  ref(flag: boolean): void {
    this.#pending.ref(flag);
  }

  // ---- what the runtime tells

  /**
   * A datagram came. Gives whether more are wanted by now: not while the
   * program has one in its hands, for its answer is to go before the next read
   * (which takes 10 µs of a round trip on Deno).
   */
  push(data: Bytes, from: Address, isTruncated: boolean): boolean {
    // Straight to a call that waits: the usual case, and 0.5 µs less.
    const call = this.#pending.isBusy ? this.#call : undefined;
    if (call !== undefined && this.count === 0 && !call.isPeek) {
      this.#handOver(call, { data, from, isTruncated });
      return this.#owner.isWatched;
    }
    this.#keep({ data, from, isTruncated });
    this.#pending.retry();
    this.#isFull = this.count >= READ_AHEAD_DATAGRAMS ||
      this.#bytes >= READ_AHEAD_BYTES;
    return !this.#isFull;
  }

  #handOver(call: DatagramCall<unknown>, datagram: Datagram): void {
    this.#call = undefined;
    let result: unknown;
    try {
      result = call.take(datagram);
    } catch (error) {
      // Memory that was transferred meanwhile takes nothing.
      this.#keep(datagram);
      return this.#pending.reject(error);
    }
    this.received++;
    this.#pending.finish(result);
  }

  #keep(datagram: Datagram): void {
    const { length } = datagram.data;
    const isOver = this.count >= MAX_QUEUED_DATAGRAMS ||
      this.#bytes + length > MAX_QUEUED_BYTES;
    if (isOver) {
      this.dropped++;
      return;
    }
    this.#queue.push(datagram);
    this.#bytes += length;
  }

  /** The kernel told a failure: the next call is told it, once. */
  fail(fault: Fault): void {
    this.#fault = fault;
    this.#pending.retry();
  }

  /** The failure that no call was told yet; afterwards there is none. */
  takeFault(): Fault | undefined {
    const fault = this.#fault;
    this.#fault = undefined;
    return fault;
  }

  /** Drops what others than the peer have sent. */
  keepOnly(isPeer: (from: Address) => boolean): void {
    this.#queue = this.#queue.slice(this.#head)
      .filter((each) => isPeer(each.from));
    this.#head = 0;
    this.#bytes = this.#queue.reduce((sum, each) => sum + each.data.length, 0);
  }

  // ---- what the program asks

  /** What a call makes of the oldest datagram; waits for one. */
  receive<T>(call: DatagramCall<T>, wait: Wait): Promise<T> {
    if (!this.#pending.isBusy) this.#call = call;
    return this.#pending.run(
      call.op,
      this.#attempt as () => T | undefined,
      wait,
    );
  }

  /** One for all calls: a closure for each costs more than a field. */
  readonly #attempt = (): unknown => {
    const result = this.#next(this.#call as DatagramCall<unknown>);
    if (result !== undefined) this.#call = undefined;
    return result;
  };

  /** What a call makes of the oldest datagram; `undefined` if there is none. */
  tryReceive<T>(call: DatagramCall<T>): T | undefined {
    if (this.#pending.isBusy) throw this.#owner.error("EBUSY", call.op);
    return this.#next(call);
  }

  #next<T>({ op, take, isPeek }: DatagramCall<T>): T | undefined {
    const datagram = this.#queue[this.#head];
    if (datagram === undefined) {
      const fault = this.takeFault();
      // One that is told leaves a watcher waiting for what comes next.
      if (fault === undefined || this.#owner.isWatched) this.#owner.pull();
      if (fault !== undefined) throw this.#owner.faultError(fault, op);
      return undefined;
    }
    const result = take(datagram);
    if (!isPeek) this.#shift(datagram);
    return result;
  }

  #shift(datagram: Datagram): void {
    // Nothing may keep what was handed out alive.
    this.#queue[this.#head++] = undefined as unknown as Datagram;
    this.#bytes -= datagram.data.length;
    this.received++;
    if (this.#head === this.#queue.length) {
      this.#queue = [];
      this.#head = 0;
    } else if (this.#head === MAX_QUEUED_DATAGRAMS) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    if (!this.#isFull || this.count > READ_AHEAD_DATAGRAMS / 2) return;
    this.#isFull = false;
    this.#owner.pull();
  }

  /** Ends the pending call and forgets everything. */
  close(): void {
    const end = this.#call?.end;
    if (end !== undefined && this.#pending.isBusy) this.#pending.finish(end);
    else this.#pending.fail("EBADF");
    this.#pending.dispose();
    this.#queue = [];
    this.#head = 0;
    this.#bytes = 0;
  }
}
