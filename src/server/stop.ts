/**
 * A server's way to its end.
 *
 * @module
 */

import type { Clock, Timer } from "../clock.ts";
import { afterTurn } from "../turn.ts";
import type { StopReport } from "./server.ts";

/** What stops. */
export interface Stopping {
  /** How many connections it has taken so far. */
  readonly taken: number;
  /** Tells handlers. */
  tellHandlers(): void;
  /** Releases the listener; settles when it is released. */
  closeListener(): Promise<void>;
  /** Resets every connection that is left. */
  cutAll(): void;
  /** Settles when no connection is left. */
  whenEmpty(): Promise<void>;
}

/** So long it takes what has come already, at most. */
const LAST_CALL_MS = 100;

/** One stop, which may be hastened. */
export class Stop {
  /** Settles when everything is released. */
  readonly done: Promise<StopReport>;
  readonly #clock: Clock;
  readonly #target: Stopping;
  #deadline = Infinity;
  #timer: Timer | undefined;
  #isDue = false;
  #finished = 0;
  #reset = 0;

  /** Begins at once. */
  constructor(clock: Clock, target: Stopping, graceMs: number) {
    this.#clock = clock;
    this.#target = target;
    this.hasten(graceMs);
    this.done = this.#run();
  }

  /** The shorter grace wins. */
  hasten(graceMs: number): void {
    const deadline = this.#clock.now() + graceMs;
    if (deadline >= this.#deadline || this.#isDue) return;
    this.#deadline = deadline;
    this.#timer?.cancel();
    if (graceMs === 0) this.#expire();
    else if (graceMs !== Infinity) {
      this.#timer = this.#clock.start(graceMs, () => this.#expire());
    }
  }

  /** A connection ended meanwhile. */
  ended(wasReset: boolean): void {
    if (wasReset) this.#reset++;
    else this.#finished++;
  }

  #expire(): void {
    this.#isDue = true;
    this.#target.cutAll();
  }

  async #run(): Promise<StopReport> {
    this.#target.tellHandlers();
    await this.#takeWhatHasCome();
    await this.#target.closeListener();
    // What was taken when the grace was over already.
    if (this.#isDue) this.#target.cutAll();
    await this.#target.whenEmpty();
    this.#timer?.cancel();
    return { finished: this.#finished, reset: this.#reset };
  }

  /** Closing the listener resets what its queue holds. */
  async #takeWhatHasCome(): Promise<void> {
    const end = this.#clock.now() + LAST_CALL_MS;
    let before: number;
    do {
      if (this.#isDue) return;
      before = this.#target.taken;
      await nextTurn(this.#clock);
    } while (this.#target.taken > before && this.#clock.now() < end);
  }
}

/** Settles when the event loop has looked at the kernel. */
function nextTurn(clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    if (clock.afterPoll !== undefined) clock.afterPoll(resolve);
    else afterTurn(() => afterTurn(resolve));
  });
}
