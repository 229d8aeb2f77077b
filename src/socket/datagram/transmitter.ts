/**
 * The way from a datagram socket to the runtime: whether the runtime takes a
 * datagram at this moment, what it has not settled, and what it said.
 *
 * @module
 */

import type { Address } from "../../contracts.ts";
import type { SocketError } from "../../errors.ts";
import type {
  RawDatagram,
  RawSend,
  SendDone,
} from "../../runtime/seam/datagram.ts";
import { Fault } from "../../runtime/seam/fault.ts";
import { afterTurn } from "../../turn.ts";

/** What a transmitter asks of its socket. */
export interface TransmitterOwner {
  /**
   * Where a datagram goes that has waited: the socket may have got a peer.
   * `undefined` is the peer. Throws a Fault `EISCONN`.
   */
  destination(to: Address | undefined): Address | undefined;
  /** Makes the error of a code. */
  error(
    code: string,
    op: string,
    reason?: string,
    address?: Address,
  ): SocketError;
  /** Makes the error of a fault. */
  faultError(fault: Fault, op: string, address?: Address): SocketError;
}

/** The first datagram of several that failed. */
export interface BatchFailure {
  /** What its caller is told. */
  readonly error: unknown;
  /** Which it was. */
  readonly index: number;
}

/** The runtime may hold so many datagrams; more wait here. */
const MAX_IN_FLIGHT = 65_536;

/** Where datagrams are handed over. Nothing waits here. */
export class Transmitter {
  /** Datagrams that the kernel has taken. */
  sent = 0;
  /** The socket. */
  readonly owner: TransmitterOwner;
  /** When a send may settle. */
  readonly budget: TurnBudget = new TurnBudget();
  /** To be called when a send is over: the next may leave. */
  readonly next: () => void;
  #raw: RawDatagram | undefined;
  /** Sends that the runtime has not settled. */
  #inFlight = 0;
  /** The kernel refused one: it is asked again when it has room. */
  #isBlocked = false;
  /** The peer is being changed. */
  #isHeld = false;
  #isClosed = false;

  /** A transmitter that takes nothing before `open`. */
  constructor(owner: TransmitterOwner, next: () => void) {
    this.owner = owner;
    this.next = next;
  }

  // ---- its state

  /** The socket is bound. */
  open(raw: RawDatagram): void {
    this.#raw = raw;
  }

  /** From now on every fault is that of a closed socket. */
  close(): void {
    this.#isClosed = true;
  }

  /** Takes nothing until it is released. */
  hold(flag: boolean): void {
    this.#isHeld = flag;
  }

  /** Whether the kernel refused a datagram and has not had room since. */
  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  /** The kernel has room again. */
  unblock(): void {
    this.#isBlocked = false;
  }

  /** Whether the socket is bound and the kernel has room. */
  get isReady(): boolean {
    return this.#raw !== undefined && !this.#isBlocked && !this.#isHeld;
  }

  /** Whether the runtime takes a datagram at this moment. */
  get isFree(): boolean {
    return this.isReady && (this.#inFlight === 0 ||
      (this.#raw!.queuesSends && this.#inFlight < MAX_IN_FLIGHT));
  }

  /** Whether the runtime has settled everything. */
  get isIdle(): boolean {
    return this.#inFlight === 0;
  }

  /** Whether the runtime is done with a datagram when it was handed over. */
  get sendsAtOnce(): boolean {
    return this.#raw?.sendsAtOnce === true;
  }

  // ---- handing over

  /** Hands one to a runtime that sends at once: `false` if it is refused. */
  sendAtOnce(data: Uint8Array, to: Address | undefined): boolean {
    if (this.#raw!.send(data, to, ignore) === false) {
      this.#isBlocked = true;
      return false;
    }
    this.sent++;
    return true;
  }

  /** Hands one to a runtime that holds it; settles once the kernel has it. */
  sendHeld(
    op: string,
    data: Uint8Array,
    to: Address | undefined,
  ): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#inFlight++;
      try {
        this.#raw!.send(data, to, (fault) => {
          this.#inFlight--;
          if (fault !== undefined) {
            reject(this.owner.faultError(fault, op, to));
          } else this.settle(resolve, data.length);
          this.next();
        });
      } catch (error) {
        this.#inFlight--;
        reject(this.translate(error, op, to));
      }
    });
  }

  /**
   * Hands one to any runtime: what its driver gives. While that is
   * `undefined` the runtime holds it, until `done` calls `landed`.
   */
  hand(
    data: Uint8Array,
    to: Address | undefined,
    done: SendDone,
  ): boolean | undefined {
    this.#inFlight++;
    let isHeld = false;
    try {
      const taken = this.#raw!.send(data, to, done);
      isHeld = taken === undefined;
      if (!isHeld) this.#isBlocked = !taken;
      return taken;
    } finally {
      if (!isHeld) this.#inFlight--;
    }
  }

  /** The runtime has settled one that was handed over. */
  landed(): void {
    this.#inFlight--;
  }

  /** Several in one system call, where there is one. Gives how many went. */
  sendBatch(batch: readonly RawSend[]): number {
    const raw = this.#raw!;
    if (raw.sendMany === undefined || batch.length === 0) return 0;
    const taken = raw.sendMany(batch, 0);
    this.sent += taken;
    return taken;
  }

  /**
   * Several in order, without a promise for each: all at once where the
   * runtime queues, else each when the one before has landed. Gives the first
   * that failed.
   */
  sendEach(
    op: string,
    batch: readonly RawSend[],
  ): Promise<BatchFailure | undefined> {
    return new Promise((resolve) => {
      // Held for the whole batch: nobody else comes between.
      this.#inFlight++;
      const sending = new BatchSend(this.#raw!, batch, () => this.#isClosed);
      sending.start(() => {
        this.#inFlight--;
        this.sent += sending.sent;
        const { fault, failed } = sending;
        if (fault === undefined) {
          resolve(this.budget.fulfilled(undefined, batch.length));
        } else {
          const { to } = batch[failed]!;
          const error = this.owner.faultError(fault, op, to);
          resolve({ error, index: failed });
        }
        this.next();
      });
    });
  }

  // ---- telling

  /** The kernel has one: tells its caller. */
  settle(resolve: (bytes: number) => void, bytes: number): void {
    this.sent++;
    this.budget.settle(resolve, bytes);
  }

  /** The error of what a driver threw. */
  translate(error: unknown, op: string, to: Address | undefined): unknown {
    if (!(error instanceof Fault)) return error;
    const fault = this.#isClosed ? new Fault("EBADF") : error;
    return this.owner.faultError(fault, op, to);
  }
}

/** A batch that is handed over in order. All are tried. */
export class BatchSend {
  /** Datagrams that the kernel has taken. */
  sent = 0;
  /** The first failure. */
  fault: Fault | undefined;
  /** Which datagram that was. */
  failed = -1;
  readonly #raw: RawDatagram;
  readonly #batch: readonly RawSend[];
  readonly #isClosed: () => boolean;
  #next = 0;
  /** Which datagrams the runtime holds: they land in order. */
  readonly #held: number[] = [];
  #landings = 0;
  #onOver: () => void = () => {};

  /** A batch that has not started; when `isClosed`, what is left fails. */
  constructor(
    raw: RawDatagram,
    batch: readonly RawSend[],
    isClosed: () => boolean,
  ) {
    this.#raw = raw;
    this.#batch = batch;
    this.#isClosed = isClosed;
  }

  /** Starts; tells once when every datagram is settled. */
  start(onOver: () => void): void {
    this.#onOver = onOver;
    this.#advance();
  }

  /** One for all: a closure for each datagram costs more than a field. */
  readonly #landed = (fault: Fault | undefined): void => {
    this.#settle(this.#held[this.#landings++]!, fault);
    this.#advance();
  };

  get #isHolding(): boolean {
    return this.#landings < this.#held.length;
  }

  #advance(): void {
    const batch = this.#batch;
    const raw = this.#raw;
    while (
      this.#next < batch.length && (!this.#isHolding || raw.queuesSends)
    ) {
      const index = this.#next++;
      if (this.#isClosed()) {
        this.#next = batch.length;
        this.#settle(index, new Fault("EBADF"));
        break;
      }
      const { data, to } = batch[index]!;
      try {
        raw.send(data, to, this.#landed);
        this.#held.push(index);
      } catch (error) {
        const fault = error instanceof Fault ? error : new Fault("EIO", error);
        this.#settle(index, fault);
      }
    }
    if (this.#next === batch.length && !this.#isHolding) this.#onOver();
  }

  #settle(index: number, fault: Fault | undefined): void {
    if (fault === undefined) {
      this.sent++;
      return;
    }
    // One that is refused at once may overtake one that is held.
    if (this.fault !== undefined && this.failed < index) return;
    this.fault = fault;
    this.failed = index;
  }
}

/**
 * Sends settle without a turn of the event loop, so that a loop of them would
 * starve timers and receivers. After so many the loop gets a turn.
 */
const SENDS_PER_TURN = 256;

/** Counts the sends of one socket, and lets the others have a turn in time. */
export class TurnBudget {
  #sends = 0;

  /** A promise of `value` after so many more sends: now, or a turn later. */
  fulfilled<T>(value: T, sends: number): Promise<T> {
    if (!this.#isTurnDue(sends)) return Promise.resolve(value);
    return new Promise((resolve) => afterTurn(() => resolve(value)));
  }

  /** The same for one send whose promise there is already. */
  settle(resolve: (value: number) => void, value: number): void {
    if (!this.#isTurnDue(1)) return resolve(value);
    afterTurn(() => resolve(value));
  }

  #isTurnDue(sends: number): boolean {
    this.#sends += sends;
    if (this.#sends < SENDS_PER_TURN) return false;
    this.#sends = 0;
    return true;
  }
}

function ignore(): void {}
