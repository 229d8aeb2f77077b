/**
 * What ends the opening of a socket early: a deadline, a signal, its close.
 *
 * @module
 */

import type { Clock, Timer } from "../../clock.ts";
import { Fault } from "../../runtime/runtime.ts";
import type { Wait } from "../gate.ts";

/** A deadline and signals, as one signal. */
export class Limit {
  /** Aborted when it is over; `undefined` if nothing can end it early. */
  readonly signal: AbortSignal | undefined;
  readonly #controller: AbortController | undefined;
  readonly #sources: readonly AbortSignal[];
  readonly #timer: Timer | undefined;

  /** Runs until `dispose`. `closing` is aborted when the socket is closed. */
  constructor(clock: Clock, wait: Wait, closing: AbortSignal | undefined) {
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
    const expire = () => controller.abort(new Fault("ETIMEDOUT"));
    this.#timer = clock.start(timeoutMs, expire);
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
