/**
 * One wait that anything may end: a change, a deadline, a signal.
 *
 * @module
 */

import { type Clock, USUAL_TURNS } from "../clock.ts";
import { afterTurns } from "../turn.ts";
import { startDeadline, type Wait } from "../deadline.ts";

/** Where at most one poll waits, besides those that were aborted. */
export class Wakeup {
  readonly #clock: Clock;
  #wake: (() => void) | undefined;

  /** Deadlines run on `clock`. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Something changed: lets the pending poll look again. */
  wake(): void {
    this.#wake?.();
  }

  /**
   * Settles when it `isDue` or the time is up; rejects with the signal's
   * reason.
   *
   * As in C, a poll that waits for nothing asks the kernel: it lets the event
   * loop turn until that has been looked at, `turnsToLook` times. What is due
   * and might have been waited for lets it turn, too: else a program that
   * polls in a loop would see what is ready already, and nothing else, for
   * ever.
   */
  async until(
    isDue: () => boolean,
    { timeoutMs, signal }: Wait,
    turnsToLook: number,
  ): Promise<void> {
    const clock = this.#clock;
    const end = timeoutMs === null ? Infinity : clock.now() + timeoutMs;
    if (end <= clock.now()) await turns(turnsToLook);
    else if (isDue()) await turns(USUAL_TURNS);
    signal?.throwIfAborted();
    while (!isDue()) {
      const leftMs = end - clock.now();
      if (leftMs <= 0) return;
      await this.#wait({ timeoutMs: leftMs, signal });
    }
  }

  /** Settles when woken, or when the time is up. */
  #wait({ timeoutMs, signal }: Wait): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const timer = timeoutMs === null || timeoutMs === Infinity
        ? undefined
        : startDeadline(this.#clock, timeoutMs, () => wake());
      const settled = (): void => {
        // An `abort` listener of the caller's may have begun the next poll.
        if (this.#wake === wake) this.#wake = undefined;
        timer?.cancel();
        signal?.removeEventListener("abort", onAbort);
      };
      const onAbort = (): void => {
        settled();
        reject(signal?.reason);
      };
      const wake = this.#wake = (): void => {
        settled();
        resolve();
      };
      signal?.addEventListener("abort", onAbort);
    });
  }
}

function turns(count: number): Promise<void> {
  return new Promise((resolve) => afterTurns(count, resolve));
}
