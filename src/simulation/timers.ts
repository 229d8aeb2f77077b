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
  readonly #callback: Callback;
  readonly #args: readonly unknown[];
  readonly #repeats: boolean;
  #timer: Timer | undefined;
  #isReferenced = true;
  /** Its number, once somebody has asked for it. */
  #id: number | undefined;

  /** Starts it. */
  constructor(
    part: Inside,
    delayMs: number,
    callback: Callback,
    args: readonly unknown[],
    repeats = false,
  ) {
    this.#part = part;
    this.#delayMs = delayMs;
    this.#callback = callback;
    this.#args = args;
    this.#repeats = repeats;
    this.refresh();
  }

  /** Starts it anew. */
  refresh(): this {
    const part = this.#part;
    this.#timer?.cancel();
    if (this.#id !== undefined) byId.set(this.#id, this);
    // What awaits a promise runs where it began to: in this part, and with
    // whatever else the program keeps in an `AsyncLocalStorage`.
    let isDue!: () => void;
    void new Promise<void>((resolve) => isDue = resolve).then(this.#fire);
    const admit = () => part.admit(isDue);
    this.#timer = part.kernel.after(this.#delayMs, admit);
    return this;
  }

  readonly #fire = (): void => {
    if (this.#timer === undefined) return;
    if (this.#repeats) this.refresh();
    else this.close();
    try {
      this.#callback(...this.#args);
    } catch (error) {
      this.#part.kernel.fail(error);
    }
  };

  /** Stops it. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#id !== undefined) byId.delete(this.#id);
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
    if (this.#id !== undefined) return this.#id;
    this.#id = ++ids;
    if (this.#timer !== undefined) byId.set(this.#id, this);
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
  return new VirtualTimer(part, delayMs, callback, args, kind === "interval");
}

/** Stops one, if it is one of these. */
export function stopTimer(timer: unknown): boolean {
  const own = timer instanceof VirtualTimer
    ? timer
    : inside() && byId.get(Number(timer));
  own?.close();
  return own !== undefined;
}
