/**
 * A clock that stands still until it is told to go on.
 *
 * @module
 */

import type { Clock, Timer } from "../clock.ts";
import { afterTurn } from "../turn.ts";

interface PendingTimer {
  readonly at: number;
  readonly fire: () => void;
}

/**
 * A clock for tests: time passes in `advance` alone, and timers fire within
 * that call, in the order of their deadlines.
 *
 * @example A timeout without waiting
 * ```ts
 * import { listen } from "@anysock/anysock";
 * import { FakeClock, memoryNetwork } from "@anysock/anysock/testing";
 *
 * const clock = new FakeClock();
 * const runtime = memoryNetwork({ clock });
 * await using listener = await listen("127.0.0.1:0", { runtime });
 * const accepted = listener.accept({ timeoutMs: 60_000 });
 * clock.advance(60_000);
 * await accepted.catch((error) => console.log(error.code)); // ETIMEDOUT
 * ```
 */
export class FakeClock implements Clock {
  #now: number;
  readonly #timers: Set<PendingTimer> = new Set();

  /** Starts at `nowMs` milliseconds. */
  constructor(nowMs = 0) {
    this.#now = nowMs;
  }

  /** How many timers have been started and neither fired nor cancelled. */
  get pending(): number {
    return this.#timers.size;
  }

  /** When the next timer is due; `undefined` if there is none. */
  get nextAt(): number | undefined {
    return this.#nextDue(Infinity)?.at;
  }

  /** The time in milliseconds. */
  now(): number {
    return this.#now;
  }

  /** Calls `fire` once time has gone on by `delayMs`. */
  start(delayMs: number, fire: () => void): Timer {
    const timer = { at: this.#now + Math.max(0, delayMs), fire };
    this.#timers.add(timer);
    return { cancel: () => void this.#timers.delete(timer) };
  }

  /**
   * Lets `byMs` milliseconds pass. Timers that are started meanwhile and are
   * due fire too. If one throws, time stands at its deadline.
   *
   * @throws {RangeError} if `byMs` is negative or no number.
   */
  advance(byMs: number): void {
    if (!(byMs >= 0)) throw new RangeError(`Time never goes back: ${byMs}`);
    const until = this.#now + byMs;
    let next = this.#nextDue(until);
    while (next !== undefined) {
      this.#timers.delete(next);
      this.#now = next.at;
      next.fire();
      next = this.#nextDue(until);
    }
    this.#now = until;
  }

  /**
   * Like `advance`, with a turn of the event loop after each timer that fires:
   * what it wakes may start timers, which fire too if they are due by then.
   *
   * @throws {RangeError} if `byMs` is negative or no number.
   */
  async advanceAsync(byMs: number): Promise<void> {
    if (!(byMs >= 0)) throw new RangeError(`Time never goes back: ${byMs}`);
    const until = this.#now + byMs;
    await turnOf();
    let next = this.#nextDue(until);
    while (next !== undefined) {
      this.#timers.delete(next);
      this.#now = next.at;
      next.fire();
      await turnOf();
      next = this.#nextDue(until);
    }
    this.#now = until;
  }

  /** The first of the earliest deadline; a set keeps the order of starting. */
  #nextDue(until: number): PendingTimer | undefined {
    let first: PendingTimer | undefined;
    for (const timer of this.#timers) {
      if (timer.at > until) continue;
      if (first === undefined || timer.at < first.at) first = timer;
    }
    return first;
  }
}

/** All microtasks run in it. */
function turnOf(): Promise<void> {
  return new Promise((resolve) => afterTurn(resolve));
}
