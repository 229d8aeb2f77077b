/**
 * Waiting that can be cut short.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type { WaitOptions } from "../contracts.ts";
import { socketError } from "../errors.ts";

/** Checks the options of a waiting call. */
export function checkWait(options: WaitOptions): void {
  const { timeoutMs, signal } = options;
  if (timeoutMs !== undefined && timeoutMs !== null) {
    if (typeof timeoutMs !== "number") {
      throw new TypeError(`timeoutMs is a number: ${String(timeoutMs)}`);
    }
    // NaN is no number of milliseconds either.
    if (!(timeoutMs >= 0)) {
      throw new RangeError(`timeoutMs is 0 or more: ${timeoutMs}`);
    }
  }
  signal?.throwIfAborted();
}

/**
 * Settles as `work` does, or rejects when the time is up or the signal
 * aborts. `work` itself goes on.
 */
export function within<T>(
  work: Promise<T>,
  options: WaitOptions,
  op: string,
  clock: Clock,
): Promise<T> {
  const { timeoutMs, signal } = options;
  const hasDeadline = timeoutMs !== undefined && timeoutMs !== null &&
    timeoutMs !== Infinity;
  if (!hasDeadline && signal === undefined) return work;
  return new Promise<T>((resolve, reject) => {
    const abort = () => settle(() => reject(signal?.reason));
    const timer = hasDeadline
      ? clock.start(
        timeoutMs,
        () =>
          settle(() =>
            reject(
              socketError(timeoutMs === 0 ? "EAGAIN" : "ETIMEDOUT", { op }),
            )
          ),
      )
      : undefined;
    const settle = (how: () => void) => {
      timer?.cancel();
      signal?.removeEventListener("abort", abort);
      how();
    };
    signal?.addEventListener("abort", abort);
    work.then(
      (value) => settle(() => resolve(value)),
      (error) => settle(() => reject(error)),
    );
  });
}
