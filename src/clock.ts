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
}

/** A source of time. */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. */
  now(): number;
  /** Calls `fire` once, `delayMs` milliseconds from now. */
  start(delayMs: number, fire: () => void): Timer;
}

/**
 * The longest delay that the runtimes' own timers keep: 2^31 − 1 ms, a little
 * under 25 days. Longer ones fire at once there.
 */
const LONGEST_DELAY_MS = 0x7fffffff;

/** The system's monotonic clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  start: (delayMs, fire) => {
    // Runtimes truncate the delay and may fire up to a millisecond early.
    const delay = Math.min(Math.ceil(delayMs), LONGEST_DELAY_MS);
    const id = setTimeout(fire, delay);
    return { cancel: () => clearTimeout(id) };
  },
};
