/**
 * One wait that anything may end: a change, a deadline, a signal.
 *
 * @module
 */

import type { Timer } from "../clock.ts";
import { systemClock } from "../clock.ts";
import { afterTurn } from "../turn.ts";
import type { PollWait } from "./arguments.ts";

/** Ends early or late, once. */
export class Wakeup {
  #wake: (() => void) | undefined;

  /** Whether somebody waits. */
  get isPending(): boolean {
    return this.#wake !== undefined;
  }

  /** Ends the wait, if there is one. */
  wake(): void {
    this.#wake?.();
  }

  /**
   * Settles at `wake()` (`true`) or when the time is up (`false`); rejects
   * with the signal's reason.
   */
  wait({ timeoutMs, signal }: PollWait): Promise<boolean> {
    return new Promise((resolve, reject) => {
      let timer: Timer | undefined;
      const settle = (): void => {
        this.#wake = undefined;
        timer?.cancel();
        signal?.removeEventListener("abort", onAbort);
      };
      const onAbort = (): void => {
        settle();
        reject(signal?.reason);
      };
      const finish = (isWoken: boolean): void => {
        settle();
        resolve(isWoken);
      };
      this.#wake = () => finish(true);
      signal?.addEventListener("abort", onAbort);
      if (timeoutMs === null) return;
      timer = systemClock.start(timeoutMs, () => finish(false));
    });
  }

  /**
   * Lets what is in the kernel already come into hand: a read that a poll has
   * armed needs the event loop to look at its descriptors, and the turn that
   * is under way may have looked before.
   */
  settle(): Promise<void> {
    return new Promise((resolve) => afterTurn(() => afterTurn(resolve)));
  }
}
