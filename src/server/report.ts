/**
 * Failures, as a program hears of them.
 *
 * @module
 */

import { SocketError } from "../errors.ts";

/**
 * Tells `onError` of a failure, with what it is about. Without one, what is no
 * `SocketError` is written to the console. What `onError` throws is written
 * there, too. Never throws: what was thrown may be anything, such as an object
 * that fails when it is looked at.
 */
export function report<T>(
  onError: ((error: unknown, about: T) => unknown) | undefined,
  error: unknown,
  about: T,
): void {
  if (onError !== undefined) void settled(() => onError(error, about));
  else if (!isOfTheWorld(error)) write(error);
}

async function settled(call: () => unknown): Promise<void> {
  try {
    await call();
  } catch (error) {
    write(error);
  }
}

function isOfTheWorld(error: unknown): boolean {
  try {
    return error instanceof SocketError;
  } catch {
    return false; // a proxy that does not let itself be asked
  }
}

function write(error: unknown): void {
  try {
    console.error(error);
  } catch {
    console.error("Something was thrown that cannot be written");
  }
}
