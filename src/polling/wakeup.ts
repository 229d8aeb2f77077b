/**
 * One wait that anything may end: a change, a deadline, a signal.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import { afterTurn } from "../turn.ts";
import { startDeadline, type Wait } from "../deadline.ts";

/** Where at most one poll waits. */
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
   * reason. What is due at once still lets the event loop turn: as in C, each
   * poll asks the kernel. Else a program that polls in a loop would see what
   * is ready already, and nothing else, for ever.
   */
  async until(
    isDue: () => boolean,
    { timeoutMs, signal }: Wait,
  ): Promise<void> {
    const clock = this.#clock;
    const end = timeoutMs === null ? Infinity : clock.now() + timeoutMs;
    if (isDue() || end <= clock.now()) await settle();
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
        : startDeadline(this.#clock, timeoutMs, () => this.#wake?.());
      const settled = (): void => {
        this.#wake = undefined;
        timer?.cancel();
        signal?.removeEventListener("abort", onAbort);
      };
      const onAbort = (): void => {
        settled();
        reject(signal?.reason);
      };
      this.#wake = () => {
        settled();
        resolve();
      };
      signal?.addEventListener("abort", onAbort);
    });
  }
}

/**
 * Lets what is in the kernel already come into hand: a read that a poll has
 * armed needs the event loop to look at its descriptors, and the turn that is
 * under way may have looked before.
 */
function settle(): Promise<void> {
  return new Promise((resolve) => afterTurn(() => afterTurn(resolve)));
}
