/**
 * How a call waits: the options that say so, checked in one place, and the
 * deadline and the signal that end it early. What a call is to do when its
 * time is up, the caller says.
 *
 * @module
 */

import { show } from "./address.ts";
import type { Clock, Timer } from "./clock.ts";
import type { CloseOptions, WaitOptions } from "./contracts.ts";

/** How long flushing and draining may take by default, in milliseconds. */
const DEFAULT_LINGER_MS = 2000;

/** How a call waits, with all defaults filled in. */
export interface Wait {
  /** Milliseconds; `null` for ever; `0` not at all. */
  readonly timeoutMs: number | null;
  /** Aborts the call. */
  readonly signal: AbortSignal | undefined;
  /** The file that calls; a call without is the socket's own. */
  readonly caller?: object;
  /**
   * Told when the call is rejected, in the same turn, before its promise can
   * tell: what it held is free again at once.
   */
  readonly onRejected?: () => void;
}

/** A call that nothing cuts short. */
export const FOREVER: Wait = { timeoutMs: null, signal: undefined };

/** How a call waits that has `timeoutMs` milliseconds, or `null` for ever. */
export function waitOf(timeoutMs: unknown): Wait {
  const checked = checkTimeout(timeoutMs);
  return checked === null ? FOREVER : { timeoutMs: checked, signal: undefined };
}

/** The options of every call that waits. */
export const WAIT_OPTIONS: readonly string[] = ["timeoutMs", "signal"];

/** Whether the call may be cut short before what it asked for has happened. */
export function isCancellable(wait: Wait): boolean {
  return wait.timeoutMs !== null || wait.signal !== undefined;
}

// ---- checking

/**
 * An object of options with known names: a limit misspelt is a limit lost.
 *
 * @throws {TypeError} for anything but a plain object, and for other names.
 */
export function checkOptions(
  options: unknown,
  known: readonly string[],
): asserts options is object {
  // It has a `signal`, and TypeScript takes it for options of a call.
  const isSignalled = known.includes("signal");
  if (isSignalled && options instanceof AbortController) return;
  if (!isPlain(options)) {
    throw new TypeError(
      `Options must be an object, such as { ${known[0]}: … }: ${show(options)}`,
    );
  }
  for (const name in options) {
    if (known.includes(name)) continue;
    throw new TypeError(
      `There is no option ${show(name)}; there is ${known.join(", ")}`,
    );
  }
}

/** Made by `{ … }` or without a prototype, in whichever realm. */
export function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * A timeout: `null` or milliseconds that are not negative. `Infinity` is
 * `null`.
 *
 * @throws {TypeError} | {RangeError} for anything else.
 */
export function checkTimeout(value: unknown): number | null {
  const timeoutMs = checkMilliseconds(value);
  if (timeoutMs !== null && timeoutMs < 0) {
    throw new RangeError(`timeoutMs must not be negative: ${timeoutMs}`);
  }
  return timeoutMs;
}

/**
 * Like {@linkcode checkTimeout}, for a call to which a negative number means
 * something.
 */
export function checkMilliseconds(value: unknown): number | null {
  if (value === null) return null;
  if (typeof value !== "number") {
    throw new TypeError(`timeoutMs must be a number or null: ${show(value)}`);
  }
  if (Number.isNaN(value)) {
    throw new RangeError("timeoutMs must be a number or null: NaN");
  }
  return value === Infinity ? null : value;
}

/**
 * A signal, or none.
 *
 * @throws {TypeError} for anything else.
 */
export function checkSignal(value: unknown): AbortSignal | undefined {
  if (value === undefined || value instanceof AbortSignal) return value;
  const hint = value instanceof AbortController
    ? "pass the controller's `signal`"
    : show(value);
  throw new TypeError(`signal must be an AbortSignal: ${hint}`);
}

/**
 * How a call waits, `fallback` being the default.
 *
 * @param known the names of all options that the call has
 */
export function toWait(
  options: WaitOptions | undefined,
  fallback: Wait,
  known: readonly string[] = WAIT_OPTIONS,
): Wait {
  if (options === undefined) return fallback;
  checkOptions(options, known);
  const { timeoutMs = fallback.timeoutMs, signal } = options as WaitOptions;
  return { timeoutMs: checkTimeout(timeoutMs), signal: checkSignal(signal) };
}

/** How long `close` may take, in milliseconds. */
export function toLinger(options: CloseOptions | undefined): number {
  if (options === undefined) return DEFAULT_LINGER_MS;
  checkOptions(options, ["lingerMs"]);
  const { lingerMs = DEFAULT_LINGER_MS } = options;
  if (typeof lingerMs !== "number") {
    throw new TypeError(`lingerMs must be a number: ${show(lingerMs)}`);
  }
  if (Number.isNaN(lingerMs)) {
    throw new RangeError("lingerMs must be a number: NaN");
  }
  if (lingerMs < 0) {
    throw new RangeError(`lingerMs must not be negative: ${lingerMs}`);
  }
  return lingerMs;
}

// ---- waiting

/**
 * So many looks at the kernel a late call gets at most, while each brings
 * something. The 6 MiB that Linux buffers for a connection come in 96 reads of
 * 64 KiB; a peer that goes on sending gets no more time than that.
 */
export const MOST_LATE_LOOKS = 96;

/**
 * Calls `expire` when `timeoutMs` have passed and what the kernel had by then
 * has been told, unless cancelled before.
 */
export function startDeadline(
  clock: Clock,
  timeoutMs: number,
  expire: () => void,
): Timer {
  let timer = clock.start(timeoutMs, () => {
    if (clock.afterPoll === undefined) expire();
    else timer = clock.afterPoll(expire);
  });
  return { cancel: () => timer.cancel(), ref: (flag) => timer.ref?.(flag) };
}

/** Settles after `delayMs`, or rejects with the reason of the abort. */
export function pause(
  clock: Clock,
  delayMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      timer.cancel();
      reject(signal?.reason);
    };
    const timer = clock.start(delayMs, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

// ---- racing

/**
 * The result of `work`, or the abort at once: for what cannot be called off
 * and leaves nothing behind, such as a look-up.
 */
export function unlessAborted<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    const forget = () => signal.removeEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort);
    work.then(resolve, reject).then(forget);
  });
}

/**
 * The result of `work`, or sooner the abort, or what `expired` makes when the
 * time is up. `work` itself goes on.
 */
export async function settleWithin<T>(
  work: Promise<T>,
  clock: Clock,
  wait: Wait,
  expired: () => unknown,
): Promise<T> {
  const deadline = new Deadline(clock, wait, undefined, expired);
  try {
    return await unlessAborted(work, deadline.signal);
  } finally {
    deadline.dispose();
  }
}

/** A deadline and signals, as one signal. */
export class Deadline {
  /** Aborted when it is over; `undefined` if nothing can end it early. */
  readonly signal: AbortSignal | undefined;
  readonly #controller: AbortController | undefined;
  readonly #sources: readonly AbortSignal[];
  readonly #timer: Timer | undefined;

  /**
   * Runs until `dispose`. `closing` is aborted when the socket is closed;
   * `expired` makes the reason of the abort when the time is up.
   */
  constructor(
    clock: Clock,
    wait: Wait,
    closing: AbortSignal | undefined,
    expired: () => unknown,
  ) {
    const { timeoutMs, signal } = wait;
    this.#sources = [closing, signal].filter((each) => each !== undefined);
    const [only, second] = this.#sources;
    if (timeoutMs === null && second === undefined) {
      this.signal = only;
      return;
    }
    const controller = this.#controller = new AbortController();
    this.signal = controller.signal;
    for (const source of this.#sources) {
      source.addEventListener("abort", this.#onAbort);
    }
    this.#onAbort(); // it may be over before it begins
    if (timeoutMs === null) return;
    const expire = () => controller.abort(expired());
    this.#timer = startDeadline(clock, timeoutMs, expire);
  }

  readonly #onAbort = (): void => {
    const source = this.#sources.find(({ aborted }) => aborted);
    if (source !== undefined) this.#controller?.abort(source.reason);
  };

  /** Stops the clock and forgets the signals. */
  dispose(): void {
    this.#timer?.cancel();
    if (this.#controller === undefined) return;
    for (const source of this.#sources) {
      source.removeEventListener("abort", this.#onAbort);
    }
  }
}
