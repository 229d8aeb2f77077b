/**
 * Time as the library sees it: a clock and its timers, so that a test can put
 * its own in the place of the system's.
 *
 * @module
 */

/** A timer that has been started. */
export interface Timer {
  /** Stops the timer; nothing happens when it has fired already. */
  cancel(): void;
  /**
   * Whether the timer keeps the process alive, which it does at first. A clock
   * that no process waits for needs none.
   */
  ref?(flag: boolean): void;
}

/** A source of time. */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. */
  now(): number;
  /** Calls `fire` once, `delayMs` milliseconds from now. */
  start(delayMs: number, fire: () => void): Timer;
  /**
   * Calls `task` once the event loop has looked at the kernel anew. Due timers
   * run before that, so a deadline that passed while the loop was busy would
   * come before the bytes that came in time. A clock that no kernel goes by
   * has none: there nothing can be in time unseen.
   */
  afterPoll?(task: () => void): Timer;
}

/**
 * The longest delay that the runtimes' own timers keep: 2^31 − 1 ms, a little
 * under 25 days. Longer ones fire at once there.
 */
const LONGEST_DELAY_MS = 0x7fffffff;

/** What `setTimeout` gives on all runtimes. */
interface SystemTimer {
  ref(): unknown;
  unref(): unknown;
}

/** The system's monotonic clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  start: (delayMs, fire) => {
    // Runtimes truncate the delay and may fire up to a millisecond early.
    const delay = Math.min(Math.ceil(delayMs), LONGEST_DELAY_MS);
    const timer = setTimeout(fire, delay) as unknown as SystemTimer;
    return {
      cancel: () => clearTimeout(timer as unknown as number),
      ref: (flag) => void (flag ? timer.ref() : timer.unref()),
    };
  },
  // Two timers: the turn that is under way may have looked before. Immediates
  // would be quicker, but Deno looks only after some sixty of them.
  afterPoll: (task) => {
    let timer = systemClock.start(0, () => timer = systemClock.start(0, task));
    return { cancel: () => timer.cancel(), ref: (flag) => timer.ref?.(flag) };
  },
};
