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
import { Pace } from "./pace.ts";
import { Row } from "./row.ts";

/** Who makes the errors of a line. */
export interface LineOwner {
  /** Makes the error of a code. */
  error(code: string, op: string, address?: Address): SocketError;
  /** Makes the error of a fault. */
  faultError(fault: Fault, op: string, address?: Address): SocketError;
}

/** Where datagrams are handed over. Nothing waits here. */
export class Line {
  /** Datagrams that the kernel has taken. */
  sent = 0;
  /** Who makes the errors. */
  readonly owner: LineOwner;
  /** When a send may settle. */
  readonly pace: Pace = new Pace();
  /** To be called when a send is over: the next may leave. */
  readonly next: () => void;
  #raw: RawDatagram | undefined;
  /** Sends that the runtime has not settled. */
  #inFlight = 0;
  /** The kernel refused one: it is asked again when it has room. */
  #isBlocked = false;
  #isClosed = false;

  /** A line that takes nothing before `open`. */
  constructor(owner: LineOwner, next: () => void) {
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

  /** Whether the socket is bound. */
  get isOpen(): boolean {
    return this.#raw !== undefined;
  }

  /** Whether the kernel refused a datagram and has not had room since. */
  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  /** The kernel has room again. */
  unblock(): void {
    this.#isBlocked = false;
  }

  /** Whether the runtime takes a datagram at this moment. */
  get isFree(): boolean {
    const raw = this.#raw;
    return raw !== undefined && !this.#isBlocked &&
      (this.#inFlight === 0 || raw.queuesSends);
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
   * runtime queues, else each when the one before has landed.
   */
  sendRow(op: string, batch: readonly RawSend[]): Promise<number> {
    return new Promise((resolve, reject) => {
      // Held for the whole row: nobody else comes between.
      this.#inFlight++;
      const row = new Row(this.#raw!, batch, () => this.#isClosed);
      row.start(() => {
        this.#inFlight--;
        this.sent += row.sent;
        const { fault } = row;
        if (fault === undefined) {
          resolve(this.pace.fulfilled(batch.length, batch.length));
        } else reject(this.owner.faultError(fault, op));
        this.next();
      });
    });
  }

  // ---- telling

  /** The kernel has one: tells its caller. */
  settle(resolve: (bytes: number) => void, bytes: number): void {
    this.sent++;
    this.pace.settle(resolve, bytes);
  }

  /** The error of what a driver threw. */
  translate(error: unknown, op: string, to: Address | undefined): unknown {
    if (!(error instanceof Fault)) return error;
    const fault = this.#isClosed ? new Fault("EBADF") : error;
    return this.owner.faultError(fault, op, to);
  }
}

function ignore(): void {}
