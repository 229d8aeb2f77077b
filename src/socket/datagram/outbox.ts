/**
 * The sending half of a datagram socket: datagrams leave in the order of the
 * calls, whether or not they are awaited, and whatever has to be waited for:
 * the bind, a name, or the runtime's last send.
 *
 * @module
 */

import type { Clock } from "../../clock.ts";
import type { Address } from "../../contracts.ts";
import { type SocketError, tooLate } from "../../errors.ts";
import type { RawDatagram, RawSend } from "../../runtime/seam/datagram.ts";
import { Fault } from "../../runtime/seam/fault.ts";
import type { BatchFailure, TransmitterOwner } from "./transmitter.ts";
import { Transmitter } from "./transmitter.ts";
import { PendingSend, SendQueue } from "./send_queue.ts";
import type { Wait } from "../../deadline.ts";
import { FOREVER, isCancellable } from "../../deadline.ts";

/** How many sends may wait their turn; more are `ENOBUFS`. */
export const MAX_QUEUED_SENDS = 65_536;

/** Where a datagram goes: the peer, an address, or one being looked up. */
export type Target = Address | undefined | Promise<Address>;

/** One datagram of several. */
export interface Send {
  /** The payload. */
  readonly data: Uint8Array;
  /** Where it goes. */
  readonly to: Target;
}

/** What the outbox needs from its socket. */
export interface OutboxOwner extends TransmitterOwner {
  /** A failure the kernel told of an earlier datagram. */
  takeFault(): Fault | undefined;
  /** There is room again. */
  writable(): void;
}

/** The sends of one socket. */
export class Outbox {
  readonly #clock: Clock;
  readonly #owner: OutboxOwner;
  readonly #transmitter: Transmitter;
  readonly #queue: SendQueue;
  #isReferenced = true;
  readonly #trySends: TrySendBuffer = new TrySendBuffer();

  /** An outbox that waits for `open`. */
  constructor(clock: Clock, owner: OutboxOwner) {
    this.#clock = clock;
    this.#owner = owner;
    this.#transmitter = new Transmitter(owner, () => this.#next());
    this.#queue = new SendQueue(this.#transmitter);
  }

  // ---- what the program asks

  /** Datagrams that the kernel has taken. */
  get sent(): number {
    return this.#transmitter.sent;
  }

  /** Whether a send would be handed over now. */
  get isWritable(): boolean {
    return this.#transmitter.isReady && this.#queue.count === 0 &&
      !this.#trySends.isFull;
  }

  /** Sends; settles with the count of bytes once the kernel has them. */
  send(
    op: string,
    data: Uint8Array,
    to: Target,
    wait: Wait,
  ): Promise<number> {
    if (wait.signal?.aborted) return Promise.reject(wait.signal.reason);
    this.#raise(op);
    return this.#send(op, data, to, wait);
  }

  #send(
    op: string,
    data: Uint8Array,
    to: Target,
    wait: Wait,
  ): Promise<number> {
    const isPlain = !isCancellable(wait) && !(to instanceof Promise);
    if (isPlain && this.#queue.count === 0 && this.#transmitter.isFree) {
      if (this.#transmitter.sendsAtOnce) return this.#sendAtOnce(op, data, to);
      return this.#transmitter.sendHeld(op, data, to);
    }
    return this.#enqueue(op, data, to, wait);
  }

  /** What the kernel told of earlier datagrams is told now. */
  #raise(op: string): void {
    const fault = this.takeFault() ?? this.#owner.takeFault();
    if (fault !== undefined) throw this.#owner.faultError(fault, op);
  }

  /** The failure of an accepted datagram; afterwards there is none. */
  takeFault(): Fault | undefined {
    return this.#trySends.takeFault();
  }

  /** The usual way: nothing waits, and nothing can cut the call short. */
  #sendAtOnce(
    op: string,
    data: Uint8Array,
    to: Address | undefined,
  ): Promise<number> {
    try {
      if (this.#transmitter.sendAtOnce(data, to)) {
        return this.#transmitter.budget.fulfilled(data.length, 1);
      }
    } catch (error) {
      return Promise.reject(this.#transmitter.translate(error, op, to));
    }
    return this.#enqueue(op, data, to, FOREVER);
  }

  #enqueue(
    op: string,
    given: Uint8Array,
    to: Target,
    wait: Wait,
  ): Promise<number> {
    const transmitter = this.#transmitter;
    const { count } = this.#queue;
    if (count >= MAX_QUEUED_SENDS) {
      return Promise.reject(this.#owner.error("ENOBUFS", op));
    }
    const isNow = wait.timeoutMs === 0;
    const isName = to instanceof Promise;
    if (isNow && (isName || !transmitter.isFree || count > 0)) {
      return Promise.reject(this.#owner.error("EAGAIN", op));
    }
    // A call that is cut short gives the memory back while the runtime has it.
    const data = isCancellable(wait) && !transmitter.sendsAtOnce
      ? given.slice()
      : given;
    const pending = new PendingSend(op, data, isName ? undefined : to);
    const settled = new Promise<number>((resolve, reject) => {
      pending.resolve = resolve;
      pending.reject = reject;
    });
    pending.ref(this.#isReferenced);
    pending.limit(
      this.#clock,
      isNow ? { ...wait, timeoutMs: null } : wait,
      () => tooLate(op, wait, pending.to),
    );
    if (isName) this.#queue.resolve(pending, to);
    this.#queue.add(pending);
    if (isNow && transmitter.isBlocked) {
      pending.fail(this.#owner.error("EAGAIN", op));
    }
    return settled;
  }

  /**
   * Sends if nothing has to be waited for: `undefined` if something has. What
   * is accepted is copied where the runtime does not take it at once.
   */
  trySend(
    op: string,
    data: Uint8Array,
    to: Address | undefined,
  ): number | undefined {
    this.#raise(op);
    if (!this.isWritable) return undefined;
    if (!this.#transmitter.sendsAtOnce) {
      this.#queue.add(this.#trySends.accept(op, data.slice(), to));
      return data.length;
    }
    try {
      return this.#transmitter.sendAtOnce(data, to) ? data.length : undefined;
    } catch (error) {
      throw this.#transmitter.translate(error, op, to);
    }
  }

  /**
   * Sends several in order and in as few calls as the runtime allows. All are
   * tried; gives the first that failed, once every one is settled.
   */
  async sendMany(
    op: string,
    batch: readonly Send[],
    wait: Wait,
  ): Promise<BatchFailure | undefined> {
    wait.signal?.throwIfAborted();
    this.#raise(op);
    const transmitter = this.#transmitter;
    const isPlain = this.#queue.count === 0 && transmitter.isFree &&
      !isCancellable(wait) && !batch.some(({ to }) => to instanceof Promise);
    const done = isPlain ? transmitter.sendBatch(batch as RawSend[]) : 0;
    if (done === batch.length) {
      return await transmitter.budget.fulfilled(undefined, done);
    }
    if (isPlain && !transmitter.sendsAtOnce) {
      return await transmitter.sendEach(op, batch as RawSend[]);
    }
    const rest = batch.slice(done);
    const sends = rest.map(({ data, to }) => this.#send(op, data, to, wait));
    const results = await Promise.allSettled(sends);
    const first = results.findIndex(({ status }) => status === "rejected");
    if (first < 0) return undefined;
    const { reason } = results[first] as PromiseRejectedResult;
    return { error: reason, index: done + first };
  }

  // ---- what the socket tells

  /** The socket is bound: what waits may leave. */
  open(raw: RawDatagram): void {
    this.#transmitter.open(raw);
    this.#queue.pump();
  }

  /** The socket could not be bound: nothing that waits will leave. */
  refuse(makeError: (op: string) => unknown): void {
    this.#queue.refuse(makeError);
  }

  /** Nothing is handed over until the peer is changed. */
  hold(): void {
    this.#transmitter.hold(true);
  }

  /** The peer is changed, or stays: what waits may leave. */
  release(): void {
    this.#transmitter.hold(false);
    this.#next();
  }

  /** The kernel has room again. */
  writable(): void {
    if (!this.#transmitter.isBlocked) return;
    this.#transmitter.unblock();
    this.#next();
  }

  /** A send is over: the next may leave, and somebody may wait for that. */
  #next(): void {
    this.#queue.pump();
    if (this.isWritable) this.#owner.writable();
  }

  // ---- ending

  /** Whether the deadlines of waiting sends keep the process alive. */
  ref(flag: boolean): void {
    this.#isReferenced = flag;
    this.#queue.ref(flag);
  }

  /** Whether everything handed over and accepted is gone. */
  get isIdle(): boolean {
    return this.#queue.isIdle;
  }

  /** Settles when everything handed over and accepted is gone. */
  whenIdle(): Promise<void> {
    return this.#queue.whenIdle();
  }

  /** Calls that were not handed over fail; what was accepted goes on. */
  close(): void {
    this.#transmitter.close();
    this.#queue.close();
  }

  /** The descriptor goes: what is left will never be sent. */
  abandon(): void {
    this.#queue.abandon();
  }
}

/** Bytes that `trySendTo` may have handed over before the kernel has them. */
const MAX_ACCEPTED_BYTES = 65_536;

/** Datagrams that `trySendTo` has accepted and the kernel does not have yet. */
class TrySendBuffer {
  #bytes = 0;
  /** Nobody waits for what was accepted: raised by the next send. */
  #lateFault: Fault | undefined;

  /** Whether no more is accepted before something has left. */
  get isFull(): boolean {
    return this.#bytes >= MAX_ACCEPTED_BYTES;
  }

  /** The send of an accepted datagram, which keeps the memory. */
  accept(op: string, copy: Uint8Array, to: Address | undefined): PendingSend {
    // An empty one takes a place as well.
    const bytes = copy.length || 1;
    const pending = new PendingSend(op, copy, to);
    this.#bytes += bytes;
    pending.resolve = () => this.#bytes -= bytes;
    pending.reject = (error) => {
      this.#bytes -= bytes;
      this.#lateFault = toFault(error as SocketError);
    };
    return pending;
  }

  /** The failure of an accepted datagram; afterwards there is none. */
  takeFault(): Fault | undefined {
    const fault = this.#lateFault;
    this.#lateFault = undefined;
    return fault;
  }
}

function toFault({ code, cause }: SocketError): Fault {
  return new Fault(code, cause);
}
