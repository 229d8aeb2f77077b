/**
 * Time that passes when nothing else can happen. Whoever waits for what never
 * comes is told so at once.
 *
 * @module
 */

import { type Clock, systemClock, type Timer } from "../../src/clock.ts";
import { replace } from "./broken.ts";

/**
 * So many turns of the event loop without a sign of life count as rest: a
 * network in memory, and what waits for the end of a turn, take fewer.
 */
const RESTING_TURNS = 10;

/**
 * What a turn takes, so that those who never rest come to their deadlines: the
 * longer they have not, the more.
 */
const TURN_MS = 1 / 8;
const TURNS_TO_DOUBLE = 500;

// dnt-shim-ignore
const { setImmediate: nextTurn } = globalThis as unknown as {
  setImmediate(task: () => void): unknown;
};

/** What a look at the clock takes, so that who waits by looking comes to an end. */
const LOOK_MS = 1 / 1024;

interface PendingTimer {
  readonly at: number;
  readonly fire: () => void;
}

/**
 * A clock for everything in this process: the library's, and that of the
 * global timers. It stands still until everybody waits for it.
 */
export class VirtualTime implements Clock {
  readonly #timers = new Set<PendingTimer>();
  #now = 0;
  #signs = 0;

  /** The time in milliseconds, which goes on a little by looking. */
  now(): number {
    return this.#now += LOOK_MS;
  }

  /** Calls `fire` once time has gone on by `delayMs`. */
  start(delayMs: number, fire: () => void): Timer {
    this.stir();
    // Timers have whole milliseconds.
    const timer = { at: this.#now + Math.max(0, Math.ceil(delayMs)), fire };
    this.#timers.add(timer);
    return {
      cancel: () => {
        this.stir();
        this.#timers.delete(timer);
      },
    };
  }

  /** Two timers, as the system's clock has. */
  #afterPoll(task: () => void): Timer {
    let timer = this.start(0, () => timer = this.start(0, task));
    return { cancel: () => timer.cancel() };
  }

  /** A sign of life: time waits for what comes of it. */
  stir(): void {
    this.#signs++;
  }

  /**
   * Does some work in this time, and settles as it does.
   *
   * @throws {Error} if it never will.
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const mends = this.#install();
    try {
      let isOver = false;
      const result = work().finally(() => isOver = true);
      result.catch(() => {});
      await this.#passUntil(() => isOver);
      return await result;
    } finally {
      for (const mend of mends) mend();
      this.#timers.clear();
    }
  }

  async #passUntil(isOver: () => boolean): Promise<void> {
    let [resting, restless] = [0, 0];
    while (true) {
      const before = this.#signs;
      await new Promise<void>((resolve) => nextTurn(resolve));
      if (isOver()) return;
      resting = this.#signs === before ? resting + 1 : 0;
      if (resting < RESTING_TURNS) {
        const turnMs = TURN_MS * (1 + restless++ / TURNS_TO_DOUBLE);
        this.#advanceTo(this.#now + turnMs);
        continue;
      }
      const times = [...this.#timers].map(({ at }) => at);
      if (times.length === 0) throw new Error("nothing more can happen");
      this.#advanceTo(Math.min(...times));
      [resting, restless] = [0, 0];
    }
  }

  /** Fires what is due by then; what that starts has to wait for a turn. */
  #advanceTo(until: number): void {
    const due = [...this.#timers].filter(({ at }) => at <= until);
    // Equal ones in the order of their starting.
    for (const timer of due.sort((one, other) => one.at - other.at)) {
      if (!this.#timers.delete(timer)) continue;
      this.#now = Math.max(this.#now, timer.at);
      timer.fire();
    }
    this.#now = Math.max(this.#now, until);
  }

  /** Serves the library, which took its timers at import, and the laws. */
  #install(): readonly (() => void)[] {
    const own = {
      now: () => this.now(),
      start: (delayMs: number, fire: () => void) => this.start(delayMs, fire),
      afterPoll: (task: () => void) => this.#afterPoll(task),
      setTimeout: (fire: () => void, delayMs = 0) =>
        this.start(delayMs || 1, fire),
      clearTimeout: (timer: Timer | undefined) => timer?.cancel(),
      timeout: (delayMs: number) => {
        const controller = new AbortController();
        const reason = new DOMException("The time is up", "TimeoutError");
        this.start(delayMs, () => controller.abort(reason));
        return controller.signal;
      },
    };
    const places: readonly (readonly [object, keyof typeof own])[] = [
      [systemClock, "now"],
      [systemClock, "start"],
      [systemClock, "afterPoll"],
      [globalThis, "setTimeout"],
      [globalThis, "clearTimeout"],
      [AbortSignal, "timeout"],
      [performance, "now"],
    ];
    return places.map(([target, key]) =>
      replace(target, key, { value: own[key], writable: true })
    );
  }
}
