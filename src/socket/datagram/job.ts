/**
 * One send of a datagram that is kept track of: it waits its turn, and may be
 * called off.
 *
 * @module
 */

import type { Clock, Timer } from "../../clock.ts";
import type { Address } from "../../contracts.ts";
import type { Wait } from "../../deadline.ts";

/** One send that could not be done at once. */
export class Job {
  /** The method's name, for errors. */
  readonly op: string;
  /** The payload. */
  readonly data: Uint8Array;
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
  #timer: Timer | undefined;
  #signal: AbortSignal | undefined;
  #onAbort: (() => void) | undefined;

  /** A send that nobody waits for yet. */
  constructor(op: string, data: Uint8Array, to: Address | undefined) {
    this.op = op;
    this.data = data;
    this.to = to;
  }

  /** Fails at the deadline with what `late` makes, or when it is aborted. */
  limit(clock: Clock, { timeoutMs, signal }: Wait, late: () => unknown): void {
    if (timeoutMs !== null) {
      this.#timer = clock.start(timeoutMs, () => this.fail(late()));
    }
    if (signal === undefined) return;
    this.#signal = signal;
    this.#onAbort = () => this.fail(signal.reason);
    signal.addEventListener("abort", this.#onAbort);
  }

  /** Nothing but the failure will come of it. */
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

function ignore(): void {}
