/**
 * Failures, as a program hears of them.
 *
 * @module
 */

import { SocketError } from "../errors.ts";

/**
 * Tells `onError` of a failure, with what it is about. Without one, what is no
 * `SocketError` is written to the console. What `onError` throws is written
 * there, too, and harms nobody.
 */
export function report<T>(
  onError: ((error: unknown, about: T) => unknown) | undefined,
  error: unknown,
  about: T,
): void {
  if (onError !== undefined) void settled(() => onError(error, about));
  else if (!(error instanceof SocketError)) console.error(error);
}

async function settled(call: () => unknown): Promise<void> {
  try {
    await call();
  } catch (error) {
    console.error(error);
  }
}
