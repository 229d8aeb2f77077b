/**
 * Taking what comes, for as long as there is room, and what to do when
 * accepting fails.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import { pause } from "../deadline.ts";
import { SocketError } from "../errors.ts";

/** What a loop accepts from, and for whom. */
export interface AcceptOwner<T> {
  /** Whether one more may be taken. */
  readonly hasRoom: boolean;
  /** Waits for one. */
  accept(): Promise<T>;
  /** Takes one; does not throw. */
  take(accepted: T): void;
  /** Accepting failed, and goes on. */
  acceptFailed(error: SocketError): void;
  /** There are no descriptors, or no memory; accepting goes on later. */
  ranOut(error: SocketError): void;
  /** Accepting failed for good. */
  broken(error: unknown): void;
}

/**
 * Failures of one connection alone; what its network has met is among them, as
 * accept(2) of Linux says: try again.
 */
const OF_ONE_CONNECTION: ReadonlySet<string> = new Set([
  "ECONNABORTED",
  "ECONNRESET",
  "EHOSTDOWN",
  "EHOSTUNREACH",
  "ENETDOWN",
  "ENETUNREACH",
  "ENOTCONN",
  "EPROTO",
]);

/** Failures that pass when others let go. */
const OUT_OF_RESOURCES: ReadonlySet<string> = new Set([
  "EMFILE",
  "ENFILE",
  "ENOBUFS",
  "ENOMEM",
]);

/** What a failure to accept is about. */
export function troubleOf(error: unknown): "one" | "resources" | "all" {
  const code = error instanceof SocketError ? error.code : "";
  if (OF_ONE_CONNECTION.has(code)) return "one";
  return OUT_OF_RESOURCES.has(code) ? "resources" : "all";
}

/** The first wait for descriptors, and the longest. */
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 1000;

/** How long to wait for descriptors: twice as long each time, to a second. */
export class Patience {
  #waitMs = FIRST_WAIT_MS;

  /** The wait of now, in milliseconds. */
  next(): number {
    const waitMs = this.#waitMs;
    this.#waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS);
    return waitMs;
  }

  /** There are some again. */
  reset(): void {
    this.#waitMs = FIRST_WAIT_MS;
  }
}

/** Accepts until it is ended. */
export class AcceptLoop<T> {
  readonly #clock: Clock;
  readonly #owner: AcceptOwner<T>;
  readonly #ending: AbortController = new AbortController();
  #onRoom: (() => void) | undefined;
  readonly #patience = new Patience();

  /** A loop that does nothing before `run`. */
  constructor(clock: Clock, owner: AcceptOwner<T>) {
    this.#clock = clock;
    this.#owner = owner;
  }

  get #isOver(): boolean {
    return this.#ending.signal.aborted;
  }

  /** Accepts; settles when the loop has ended. Never rejects. */
  async run(): Promise<void> {
    while (!this.#isOver) {
      if (this.#owner.hasRoom) await this.#acceptOne();
      else await this.#room();
    }
  }

  /** There may be room again. */
  wake(): void {
    this.#onRoom?.();
    this.#onRoom = undefined;
  }

  /** Takes nothing more. What `accept` still gives is for its owner to end. */
  end(): void {
    this.#ending.abort();
    this.wake();
  }

  async #acceptOne(): Promise<void> {
    let accepted: T;
    try {
      accepted = await this.#owner.accept();
    } catch (error) {
      return await this.#failed(error);
    }
    this.#patience.reset();
    this.#owner.take(accepted);
  }

  #room(): Promise<void> {
    return new Promise((resolve) => this.#onRoom = resolve);
  }

  async #failed(error: unknown): Promise<void> {
    if (this.#isOver) return;
    const trouble = troubleOf(error);
    if (trouble === "one") {
      return this.#owner.acceptFailed(error as SocketError);
    }
    if (trouble === "all") {
      this.end();
      return this.#owner.broken(error);
    }
    this.#owner.ranOut(error as SocketError);
    // Only the end of the loop cuts the wait short.
    await pause(this.#clock, this.#patience.next(), this.#ending.signal)
      .catch(() => {});
  }
}
