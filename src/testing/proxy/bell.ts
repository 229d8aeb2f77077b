/**
 * Waiting for something to have changed.
 *
 * @module
 */

import type { Clock } from "../../clock.ts";

/** Whoever waits looks again once it has rung. */
export class Bell {
  readonly #clock: Clock;
  readonly #waiting: Set<() => void> = new Set();

  /** Its waits with an end run on `clock`. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Wakes all who wait. */
  readonly ring = (): void => {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  };

  /** Settles when it rings next, or after so many milliseconds. */
  rung(withinMs: number = Infinity): Promise<void> {
    return new Promise((resolve) => {
      const timer = withinMs < Infinity
        ? this.#clock.start(withinMs, () => {
          this.#waiting.delete(wake);
          resolve();
        })
        : undefined;
      const wake = (): void => {
        timer?.cancel();
        resolve();
      };
      this.#waiting.add(wake);
    });
  }
}
