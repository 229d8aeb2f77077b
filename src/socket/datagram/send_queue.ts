/**
 * The sends of a datagram socket that wait their turn, and those of them that
 * the runtime holds.
 *
 * @module
 */

import { checkRoom, NO_BYTES } from "../../bytes.ts";
import type { Clock, Timer } from "../../clock.ts";
import type { Address } from "../../contracts.ts";
import { startDeadline, type Wait } from "../../deadline.ts";
import type { Fault } from "../../runtime/seam/fault.ts";
import type { Transmitter } from "./transmitter.ts";

/** One send that could not be done at once: it may be called off. */
export class PendingSend {
  /** The method's name, for errors. */
  readonly op: string;
  /** The payload; let go when it is called off. */
  data: Uint8Array;
  /** The length of the payload. */
  readonly bytes: number;
  /** `undefined` is the peer; unknown as long as `isResolved` is not true. */
  to: Address | undefined;
  /** Whether `to` is known. */
  isResolved = true;
  /** Settled; or called off, which takes back only what was not handed over. */
  isOver = false;
  /** Tells the caller that the kernel has it. */
  resolve: (bytes: number) => void = ignore;
  /** Tells the caller that it has not left. */
  reject: (reason: unknown) => void = ignore;
  /** Tells the queue that it need not wait for this one. */
  calledOff: () => void = ignore;
  #isReferenced = true;
  #timer: Timer | undefined;
  #signal: AbortSignal | undefined;
  #onAbort: (() => void) | undefined;

  /** A send that nobody waits for yet. */
  constructor(op: string, data: Uint8Array, to: Address | undefined) {
    this.op = op;
    this.data = data;
    this.bytes = data.length;
    this.to = to;
  }

  /** Fails at the deadline with what `late` makes, or when it is aborted. */
  limit(clock: Clock, { timeoutMs, signal }: Wait, late: () => unknown): void {
    if (timeoutMs !== null) {
      const expire = () => this.#callOff(late());
      this.#timer = startDeadline(clock, timeoutMs, expire);
      if (!this.#isReferenced) this.#timer.ref?.(false);
    }
    if (signal === undefined) return;
    this.#signal = signal;
    this.#onAbort = () => this.#callOff(signal.reason);
    signal.addEventListener("abort", this.#onAbort);
  }

  /** Whether the deadline keeps the process alive. */
  ref(flag: boolean): void {
    this.#isReferenced = flag;
    this.#timer?.ref?.(flag);
  }

  #callOff(reason: unknown): void {
    this.fail(reason);
    this.calledOff();
  }

  /** Nothing but the failure will come of it. */
  fail(reason: unknown): void {
    this.end();
    this.data = NO_BYTES;
    this.reject(reason);
  }

  /** Nothing can call it off any more. */
  end(): void {
    this.isOver = true;
    this.#timer?.cancel();
    if (this.#onAbort === undefined) return;
    this.#signal?.removeEventListener("abort", this.#onAbort);
  }
}

/** Sends in the order of the calls, on their way to the runtime. */
export class SendQueue {
  readonly #transmitter: Transmitter;
  #waiting: PendingSend[] = [];
  /** Where the oldest is: `shift()` of a long array costs too much. */
  #head = 0;
  /** Those that the runtime has not settled. */
  readonly #handedOver: Set<PendingSend> = new Set();
  #onIdle: (() => void) | undefined;

  /** An empty one. */
  constructor(transmitter: Transmitter) {
    this.#transmitter = transmitter;
  }

  /** How many wait; what the runtime holds is not among them. */
  get count(): number {
    return this.#waiting.length - this.#head;
  }

  /** Whether nothing waits and the runtime holds nothing. */
  get isIdle(): boolean {
    return this.count === 0 && this.#transmitter.isIdle;
  }

  /** Waits behind the others, or leaves now. */
  add(send: PendingSend): void {
    this.#waiting.push(send);
    this.pump();
    if (!send.isOver) send.calledOff = this.#onCalledOff;
  }

  readonly #onCalledOff = (): void => this.pump();

  /** The send, and all behind it, wait for its address. */
  resolve(send: PendingSend, to: Promise<Address>): void {
    send.isResolved = false;
    to.then((address) => {
      send.to = address;
    }, (error) => {
      if (!send.isOver) {
        send.fail(this.#transmitter.translate(error, send.op, undefined));
      }
    }).then(() => {
      send.isResolved = true;
      this.pump();
    });
  }

  /** Hands over what waits, as far as the runtime takes it. */
  pump(): void {
    while (this.count > 0 && this.#transmitter.isFree) {
      const send = this.#waiting[this.#head]!;
      if (send.isOver) {
        this.#shift();
        continue;
      }
      if (!send.isResolved || !this.#hand(send)) return;
    }
    if (!this.isIdle) return;
    this.#onIdle?.();
    this.#onIdle = undefined;
  }

  /** Hands one over; `false` if the kernel refused it for now. */
  #hand(send: PendingSend): boolean {
    const done = (fault: Fault | undefined): void => this.#handed(send, fault);
    const { owner } = this.#transmitter;
    try {
      checkRoom(send.data, send.bytes);
      const to = owner.destination(send.to);
      const taken = this.#transmitter.hand(send.data, to, done);
      if (taken === false) return false;
      this.#shift();
      if (taken) this.#succeed(send);
      else this.#handedOver.add(send);
    } catch (error) {
      this.#shift();
      send.fail(this.#transmitter.translate(error, send.op, send.to));
    }
    return true;
  }

  #handed(send: PendingSend, fault: Fault | undefined): void {
    this.#transmitter.landed();
    this.#handedOver.delete(send);
    if (fault === undefined) this.#succeed(send);
    else if (!send.isOver) {
      send.fail(this.#transmitter.owner.faultError(fault, send.op, send.to));
    }
    this.#transmitter.next();
  }

  #succeed(send: PendingSend): void {
    const { resolve } = send;
    send.end();
    this.#transmitter.settle(resolve, send.bytes);
  }

  #shift(): void {
    // Nothing may keep what was handed over alive.
    this.#waiting[this.#head++] = undefined as unknown as PendingSend;
    if (this.#head < this.#waiting.length) return;
    this.#waiting = [];
    this.#head = 0;
  }

  /** Whether the deadlines keep the process alive. */
  ref(flag: boolean): void {
    for (const send of this.#waiting.slice(this.#head)) send.ref(flag);
    for (const send of this.#handedOver) send.ref(flag);
  }

  #takeAll(): PendingSend[] {
    const all = this.#waiting.slice(this.#head);
    this.#waiting = [];
    this.#head = 0;
    return all;
  }

  /** Settles when nothing waits and the runtime holds nothing. */
  whenIdle(): Promise<void> {
    if (this.isIdle) return Promise.resolve();
    return new Promise((resolve) => {
      const before = this.#onIdle;
      this.#onIdle = () => {
        before?.();
        resolve();
      };
    });
  }

  /** Nothing that waits will leave. */
  refuse(makeError: (op: string) => unknown): void {
    for (const send of this.#takeAll()) {
      if (!send.isOver) send.fail(makeError(send.op));
    }
  }

  /** Calls that were not handed over fail; what was accepted goes on. */
  close(): void {
    const accepted: PendingSend[] = [];
    for (const send of this.#takeAll()) {
      if (send.isOver) continue;
      if (send.op === "trySendTo" || send.op === "trySend") accepted.push(send);
      else send.fail(this.#transmitter.owner.error("EBADF", send.op));
    }
    this.#waiting = accepted;
  }

  /** What the runtime holds, and what waits, will never be sent. */
  abandon(): void {
    const { owner } = this.#transmitter;
    for (const send of this.#handedOver) {
      if (!send.isOver) {
        send.fail(owner.error("EBADF", send.op, undefined, send.to));
      }
    }
    this.refuse((op) => owner.error("EBADF", op));
  }
}

function ignore(): void {}
