/**
 * The sending half of a datagram socket: datagrams leave in the order of the
 * calls, whether or not they are awaited, and whatever has to be waited for:
 * the bind, a name, or the runtime's last send.
 *
 * @module
 */

import type { Clock, Timer } from "../clock.ts";
import type { Address } from "../contracts.ts";
import type { SocketError } from "../errors.ts";
import type { RawDatagram, RawSend } from "../runtime/datagram.ts";
import { Fault } from "../runtime/runtime.ts";
import { afterTurn } from "../turn.ts";
import type { Wait } from "./gate.ts";
import { isCancellable } from "./gate.ts";

/** How many sends may wait their turn; more are `ENOBUFS`. */
export const MAX_QUEUED_SENDS = 65_536;

/** Bytes that `trySendTo` may have handed over before the kernel has them. */
const MAX_ACCEPTED_BYTES = 65_536;

/**
 * Sends settle without a turn of the event loop, so that a loop of them would
 * starve timers and receivers. After so many the loop gets a turn.
 */
const SENDS_PER_TURN = 256;

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
export interface OutboxOwner {
  /** Makes the error of a code. */
  error(code: string, op: string, address?: Address): SocketError;
  /** Makes the error of a fault. */
  faultError(fault: Fault, op: string, address?: Address): SocketError;
  /** A failure the kernel told of an earlier datagram. */
  takeFault(): Fault | undefined;
  /** There is room again. */
  writable(): void;
}

/** One send that could not be done at once. */
class Job {
  readonly op: string;
  readonly data: Uint8Array;
  /** `undefined` is the peer; unknown as long as `isResolved` is not true. */
  to: Address | undefined;
  isResolved = true;
  /** Settled; or called off, which takes back only what was not handed over. */
  isOver = false;
  resolve: (bytes: number) => void = ignore;
  reject: (reason: unknown) => void = ignore;
  #timer: Timer | undefined;
  #signal: AbortSignal | undefined;
  #onAbort: (() => void) | undefined;

  constructor(op: string, data: Uint8Array, to: Address | undefined) {
    this.op = op;
    this.data = data;
    this.to = to;
  }

  limit(clock: Clock, { timeoutMs, signal }: Wait, late: () => unknown): void {
    if (timeoutMs !== null) {
      this.#timer = clock.start(timeoutMs, () => this.fail(late()));
    }
    if (signal === undefined) return;
    this.#signal = signal;
    this.#onAbort = () => this.fail(signal.reason);
    signal.addEventListener("abort", this.#onAbort);
  }

  fail(reason: unknown): void {
    this.end();
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

/** The sends of one socket. */
export class Outbox {
  /** Datagrams that the kernel has taken. */
  sent = 0;
  readonly #clock: Clock;
  readonly #owner: OutboxOwner;
  #raw: RawDatagram | undefined;
  #queue: Job[] = [];
  #head = 0;
  /** Sends that the runtime has not settled. */
  #inFlight = 0;
  /** Those of them that are jobs. */
  readonly #handedOver: Set<Job> = new Set();
  /** The kernel refused one: it is asked again when it has room. */
  #isBlocked = false;
  #acceptedBytes = 0;
  /** Of a `trySendTo` that had been accepted: raised by the next send. */
  #lateFault: Fault | undefined;
  #sendsInTurn = 0;
  #isClosed = false;
  #onIdle: (() => void) | undefined;

  /** An outbox that waits for `open`. */
  constructor(clock: Clock, owner: OutboxOwner) {
    this.#clock = clock;
    this.#owner = owner;
  }

  /** The socket is bound: what waits may leave. */
  open(raw: RawDatagram): void {
    this.#raw = raw;
    this.#pump();
  }

  /** The socket could not be bound: nothing that waits will leave. */
  refuse(makeError: (op: string) => unknown): void {
    for (const job of this.#takeAll()) {
      if (!job.isOver) job.fail(makeError(job.op));
    }
  }

  /** Whether a send would be handed over now. */
  get isWritable(): boolean {
    return this.#raw !== undefined && this.#waiting === 0 && !this.#isBlocked &&
      this.#acceptedBytes < MAX_ACCEPTED_BYTES;
  }

  get #waiting(): number {
    return this.#queue.length - this.#head;
  }

  /** Whether the runtime takes a datagram at this moment. */
  get #isFree(): boolean {
    const raw = this.#raw;
    return raw !== undefined && !this.#isBlocked &&
      (this.#inFlight === 0 || raw.queuesSends);
  }

  /** Whether a send can do without a job: the others are kept track of. */
  get #isQuick(): boolean {
    return this.#raw!.sendsAtOnce || this.#raw!.queuesSends;
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
    const isPlain = !isCancellable(wait) && !(to instanceof Promise);
    if (isPlain && this.#waiting === 0 && this.#isFree && this.#isQuick) {
      return this.#sendNow(op, data, to);
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
    const fault = this.#lateFault;
    this.#lateFault = undefined;
    return fault;
  }

  /** The usual way: nothing waits, and nothing can cut the call short. */
  #sendNow(
    op: string,
    data: Uint8Array,
    to: Address | undefined,
  ): Promise<number> {
    const raw = this.#raw!;
    if (raw.sendsAtOnce) {
      try {
        if (raw.send(data, to, ignore) !== false) {
          return this.#done(data.length);
        }
      } catch (error) {
        return Promise.reject(this.#translate(error, op, to));
      }
      this.#isBlocked = true;
      return this.#enqueue(op, data, to, FOR_EVER);
    }
    return new Promise((resolve, reject) => {
      this.#inFlight++;
      try {
        raw.send(data, to, (fault) => {
          this.#inFlight--;
          if (fault !== undefined) {
            reject(this.#owner.faultError(fault, op, to));
          } else this.#settle(resolve, data.length);
          this.#next();
        });
      } catch (error) {
        this.#inFlight--;
        reject(this.#translate(error, op, to));
      }
    });
  }

  #done(bytes: number): Promise<number> {
    this.sent++;
    if (++this.#sendsInTurn < SENDS_PER_TURN) return Promise.resolve(bytes);
    this.#sendsInTurn = 0;
    return new Promise((resolve) => afterTurn(() => resolve(bytes)));
  }

  #settle(resolve: (bytes: number) => void, bytes: number): void {
    this.sent++;
    if (++this.#sendsInTurn < SENDS_PER_TURN) return resolve(bytes);
    this.#sendsInTurn = 0;
    afterTurn(() => resolve(bytes));
  }

  #enqueue(
    op: string,
    given: Uint8Array,
    to: Target,
    wait: Wait,
  ): Promise<number> {
    if (this.#waiting >= MAX_QUEUED_SENDS) {
      return Promise.reject(this.#owner.error("ENOBUFS", op));
    }
    const isNow = wait.timeoutMs === 0;
    const isName = to instanceof Promise;
    if (isNow && (isName || !this.#isFree || this.#waiting > 0)) {
      return Promise.reject(this.#owner.error("EAGAIN", op));
    }
    // A call that is cut short gives the memory back while the runtime has it.
    const data = isCancellable(wait) && !this.#raw?.sendsAtOnce
      ? given.slice()
      : given;
    const job = new Job(op, data, isName ? undefined : to);
    const settled = new Promise<number>((resolve, reject) => {
      job.resolve = resolve;
      job.reject = reject;
    });
    job.limit(
      this.#clock,
      isNow ? { ...wait, timeoutMs: null } : wait,
      () => this.#owner.error("ETIMEDOUT", op, job.to),
    );
    if (isName) this.#resolve(job, to);
    this.#queue.push(job);
    this.#pump();
    if (isNow && this.#isBlocked) job.fail(this.#owner.error("EAGAIN", op));
    return settled;
  }

  #resolve(job: Job, to: Promise<Address>): void {
    job.isResolved = false;
    to.then((address) => {
      job.to = address;
    }, (error) => {
      if (!job.isOver) job.fail(this.#translate(error, job.op, undefined));
    }).then(() => {
      job.isResolved = true;
      this.#pump();
    });
  }

  /** Hands over what waits, as far as the runtime takes it. */
  #pump(): void {
    while (this.#waiting > 0 && this.#isFree) {
      const job = this.#queue[this.#head]!;
      if (job.isOver) {
        this.#shift();
        continue;
      }
      if (!job.isResolved || !this.#hand(job)) return;
    }
    if (!this.isIdle) return;
    this.#onIdle?.();
    this.#onIdle = undefined;
  }

  /** Hands one over; `false` if the kernel refused it for now. */
  #hand(job: Job): boolean {
    this.#inFlight++;
    try {
      const taken = this.#raw!.send(
        job.data,
        job.to,
        (fault) => this.#handed(job, fault),
      );
      if (taken === undefined) {
        this.#handedOver.add(this.#shift());
        return true;
      }
      this.#inFlight--;
      this.#isBlocked = !taken;
      if (!taken) return false;
      this.#shift();
      this.#succeed(job);
    } catch (error) {
      this.#inFlight--;
      this.#shift();
      job.fail(this.#translate(error, job.op, job.to));
    }
    return true;
  }

  #succeed(job: Job): void {
    const { resolve } = job;
    job.end();
    this.#settle(resolve, job.data.length);
  }

  #handed(job: Job, fault: Fault | undefined): void {
    this.#inFlight--;
    this.#handedOver.delete(job);
    if (fault === undefined) this.#succeed(job);
    else if (!job.isOver) {
      job.fail(this.#owner.faultError(fault, job.op, job.to));
    }
    this.#next();
  }

  /** A send is over: the next may leave, and somebody may wait for that. */
  #next(): void {
    this.#pump();
    if (this.isWritable) this.#owner.writable();
  }

  #shift(): Job {
    const job = this.#queue[this.#head]!;
    this.#queue[this.#head++] = undefined as unknown as Job;
    if (this.#head === this.#queue.length) {
      this.#queue = [];
      this.#head = 0;
    }
    return job;
  }

  #takeAll(): Job[] {
    const all = this.#queue.slice(this.#head);
    this.#queue = [];
    this.#head = 0;
    return all;
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
    const raw = this.#raw!;
    if (!raw.sendsAtOnce) {
      this.#accept(op, data.slice(), to);
      return data.length;
    }
    try {
      this.#isBlocked = raw.send(data, to, ignore) === false;
    } catch (error) {
      throw this.#translate(error, op, to);
    }
    if (this.#isBlocked) return undefined;
    this.sent++;
    return data.length;
  }

  #accept(op: string, copy: Uint8Array, to: Address | undefined): void {
    const bytes = copy.length;
    const job = new Job(op, copy, to);
    this.#acceptedBytes += bytes;
    job.resolve = () => this.#acceptedBytes -= bytes;
    job.reject = (error) => {
      this.#acceptedBytes -= bytes;
      this.#lateFault = toLateFault(error as SocketError);
    };
    this.#queue.push(job);
    this.#pump();
  }

  /**
   * Sends several in order and in as few calls as the runtime allows. All are
   * tried; rejects with the first failure once every one is settled.
   */
  async sendMany(
    op: string,
    batch: readonly Send[],
    wait: Wait,
  ): Promise<number> {
    wait.signal?.throwIfAborted();
    this.#raise(op);
    const isPlain = this.#waiting === 0 && this.#isFree &&
      !isCancellable(wait) && !batch.some(({ to }) => to instanceof Promise);
    const done = isPlain ? this.#sendBatch(batch as RawSend[]) : 0;
    if (done === batch.length) return await this.#turn(done);
    if (isPlain && this.#raw!.queuesSends) {
      return await this.#sendRow(op, batch as RawSend[]);
    }
    const sends = batch.slice(done)
      .map(({ data, to }) => this.send(op, data, to, wait));
    for (const result of await Promise.allSettled(sends)) {
      if (result.status === "rejected") throw result.reason;
    }
    return batch.length;
  }

  /** In one system call, where the runtime has it. Gives how many went. */
  #sendBatch(batch: readonly RawSend[]): number {
    const raw = this.#raw!;
    if (raw.sendMany === undefined || batch.length === 0) return 0;
    const taken = raw.sendMany(batch, 0);
    this.sent += taken;
    return taken;
  }

  /** One after the other without a promise for each. */
  #sendRow(op: string, batch: readonly RawSend[]): Promise<number> {
    return new Promise((resolve, reject) => {
      let left = batch.length;
      let failure: unknown;
      const settled = (fault: Fault | undefined): void => {
        this.#inFlight--;
        if (fault === undefined) this.sent++;
        else failure ??= this.#owner.faultError(fault, op);
        if (--left > 0) return;
        if (failure === undefined) resolve(this.#turn(batch.length));
        else reject(failure);
        this.#next();
      };
      for (const { data, to } of batch) {
        this.#inFlight++;
        try {
          this.#raw!.send(data, to, settled);
        } catch (error) {
          settled(error instanceof Fault ? error : new Fault("EIO", error));
        }
      }
    });
  }

  #turn(count: number): Promise<number> {
    this.#sendsInTurn += count;
    if (this.#sendsInTurn < SENDS_PER_TURN) return Promise.resolve(count);
    this.#sendsInTurn = 0;
    return new Promise((resolve) => afterTurn(() => resolve(count)));
  }

  /** The kernel has room again. */
  writable(): void {
    if (!this.#isBlocked) return;
    this.#isBlocked = false;
    this.#next();
  }

  /** Whether everything handed over and accepted is gone. */
  get isIdle(): boolean {
    return this.#waiting === 0 && this.#inFlight === 0;
  }

  /** Settles when everything handed over and accepted is gone. */
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

  /** Calls that were not handed over fail; what was accepted goes on. */
  close(): void {
    this.#isClosed = true;
    const accepted: Job[] = [];
    for (const job of this.#takeAll()) {
      if (job.isOver) continue;
      if (job.op === "trySendTo" || job.op === "trySend") accepted.push(job);
      else job.fail(this.#owner.error("EBADF", job.op));
    }
    this.#queue = accepted;
  }

  /** The descriptor goes: what is left will never be sent. */
  abandon(): void {
    for (const job of this.#handedOver) {
      if (!job.isOver) job.fail(this.#owner.error("EBADF", job.op, job.to));
    }
    this.refuse((op) => this.#owner.error("EBADF", op));
  }

  #translate(
    error: unknown,
    op: string,
    to: Address | undefined,
  ): unknown {
    if (!(error instanceof Fault)) return error;
    const fault = this.#isClosed ? new Fault("EBADF") : error;
    return this.#owner.faultError(fault, op, to);
  }
}

const FOR_EVER: Wait = { timeoutMs: null, signal: undefined };

function toLateFault({ code, cause }: SocketError): Fault {
  return new Fault(code, cause);
}

function ignore(): void {}
