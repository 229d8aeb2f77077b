/**
 * The timers of a simulation, as programs know them: objects that clear,
 * refresh and hold, though no process waits for them.
 *
 * @module
 */

import type { Timer } from "../clock.ts";
import { type Inside, inside } from "./bubble.ts";
import { TURN_MS } from "./kernel.ts";

type Callback = (...args: unknown[]) => unknown;

/** The longest delay that the runtimes' own timers keep; a longer one is 1. */
const LONGEST_DELAY_MS = 0x7fffffff;

let ids = 0;

/** Those that may be cleared by their number. */
const byId: Map<number, VirtualTimer> = new Map();

/** What `setTimeout`, `setInterval` and `setImmediate` give inside. */
export class VirtualTimer {
  readonly #part: Inside;
  readonly #delayMs: number;
  readonly #call: () => unknown;
  readonly #repeats: boolean;
  readonly #id: number = ++ids;
  #timer: Timer | undefined;
  #isReferenced = true;

  /** Starts it. */
  constructor(
    part: Inside,
    delayMs: number,
    call: () => unknown,
    repeats = false,
  ) {
    this.#part = part;
    this.#delayMs = delayMs;
    this.#call = call;
    this.#repeats = repeats;
    this.refresh();
  }

  /** Starts it anew. */
  refresh(): this {
    this.#timer?.cancel();
    byId.set(this.#id, this);
    const { kernel } = this.#part;
    this.#timer = kernel.after(this.#delayMs, () => this.#part.run(this.#fire));
    return this;
  }

  readonly #fire = (): void => {
    if (this.#timer === undefined) return;
    if (this.#repeats) this.refresh();
    else this.close();
    this.#call();
  };

  /** Stops it. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    byId.delete(this.#id);
  }

  /** No process waits for it: it only remembers. */
  ref(): this {
    this.#isReferenced = true;
    return this;
  }

  /** No process waits for it: it only remembers. */
  unref(): this {
    this.#isReferenced = false;
    return this;
  }

  /** What was said last. */
  hasRef(): boolean {
    return this.#isReferenced;
  }

  /** Its number, by which it can be cleared, too. */
  [Symbol.toPrimitive](): number {
    return this.#id;
  }

  /** Stops it. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/** Whole milliseconds, 1 at least, as every runtime has it. */
function delayOf(value: unknown): number {
  const delayMs = Math.trunc(Number(value));
  return delayMs >= 1 && delayMs <= LONGEST_DELAY_MS ? delayMs : 1;
}

/** Starts one, if the code at hand is inside; else `undefined`. */
export function startTimer(
  kind: "timeout" | "interval" | "immediate",
  callback: Callback,
  delay: unknown,
  args: readonly unknown[],
): VirtualTimer | undefined {
  const part = inside();
  if (part === undefined) return undefined;
  const delayMs = kind === "immediate" ? TURN_MS : delayOf(delay);
  const call = () => callback(...args);
  return new VirtualTimer(part, delayMs, call, kind === "interval");
}

/** Stops one, if it is one of these. */
export function stopTimer(timer: unknown): boolean {
  const own = timer instanceof VirtualTimer
    ? timer
    : inside() && byId.get(Number(timer));
  own?.close();
  return own !== undefined;
}
