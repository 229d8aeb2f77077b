/**
 * How sockets wait from the start, in the whole program.
 *
 * @module
 */

import { FOREVER, type Wait, waitOf } from "../deadline.ts";

let wait: Wait = FOREVER;

/**
 * Sets the timeout that sockets made later have from the start, accepted ones
 * and those of `connect` and `listen` included: milliseconds, or `null` to wait
 * for ever, as they do at first. `0` makes them non-blocking. What
 * `setTimeout` says to one socket goes before it, and so does the option
 * `timeoutMs` of one call.
 *
 * @throws {TypeError} if it is neither a number nor `null`.
 * @throws {RangeError} if it is negative or NaN.
 *
 * @example
 * ```ts
 * import { getDefaultTimeout, setDefaultTimeout } from "@anysock/anysock";
 *
 * setDefaultTimeout(10_000);
 * console.log(getDefaultTimeout()); // 10000
 * ```
 */
export function setDefaultTimeout(timeoutMs: number | null): void {
  wait = waitOf(timeoutMs);
}

/** The timeout of sockets made later, in milliseconds; `null` is for ever. */
export function getDefaultTimeout(): number | null {
  return wait.timeoutMs;
}

/** How a new socket waits. */
export function defaultWait(): Wait {
  return wait;
}
