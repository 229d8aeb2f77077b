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
  /**
   * How many turns of the event loop it takes until the kernel has been looked
   * at anew, where it is more than {@linkcode USUAL_TURNS}. Quicker than
   * `afterPoll`, and for what may be told too early now and then.
   */
  readonly turnsToLook?: number;
}

/** The turn that is under way may have looked before; the next one does. */
export const USUAL_TURNS = 2;

/**
 * The longest delay that the runtimes' own timers keep: 2^31 − 1 ms, a little
 * under 25 days. Longer ones fire at once there.
 */
const LONGEST_DELAY_MS = 0x7fffffff;

/**
 * The platform's own, as they are when the library is imported: a program's
 * tests may put a clock that stands still in their place, for itself.
 */
// dnt-shim-ignore
const { setTimeout, clearTimeout } = globalThis;
const now = performance.now.bind(performance);

/** What `setTimeout` gives; some give a number. */
// dnt-shim-ignore
type SystemTimer = ReturnType<typeof globalThis.setTimeout>;

/**
 * The system's monotonic clock, for a platform that says by `refTimer` whether
 * one of its timers keeps the process alive, and after how many turns it has
 * looked at the kernel.
 */
export function clockOf(
  refTimer: (timer: SystemTimer, flag: boolean) => void,
  turnsToLook: number = USUAL_TURNS,
): Clock {
  const start: Clock["start"] = (delayMs, fire) => {
    // Runtimes truncate the delay and may fire up to a millisecond early.
    const delay = Math.min(Math.ceil(delayMs), LONGEST_DELAY_MS);
    const timer = setTimeout(fire, delay);
    return {
      cancel: () => clearTimeout(timer),
      ref: (flag) => refTimer(timer, flag),
    };
  };
  // Two timers: the turn that is under way may have looked before. Immediates
  // would be quicker, but Deno looks only after some sixty of them.
  const afterPoll: Clock["afterPoll"] = (task) => {
    let timer = start(0, () => timer = start(0, task));
    return { cancel: () => timer.cancel(), ref: (flag) => timer.ref?.(flag) };
  };
  return { now, start, afterPoll, turnsToLook };
}

/**
 * Whether a timer keeps the process alive, for timers that are objects. One
 * that is a number keeps it alive until it fires or is cancelled.
 */
export function refHandle(timer: SystemTimer, flag: boolean): void {
  const { ref, unref } = timer as unknown as Partial<
    Readonly<Record<"ref" | "unref", () => void>>
  >;
  (flag ? ref : unref)?.call(timer);
}

/** The system's monotonic clock. */
export const systemClock: Clock = clockOf(refHandle);
