/**
 * Ways to be wrong that several saboteurs share.
 *
 * @module
 */

import type { WaitOptions } from "../../../src/contracts.ts";
import { SocketError, socketError } from "../../../src/errors.ts";
import { afterTurn } from "../../../src/turn.ts";
import type { Given, Right } from "../broken.ts";

/** Once the network has had a turn or two. */
export async function soon(): Promise<void> {
  for (let turns = 0; turns < 2; turns++) {
    await new Promise<void>((resolve) => afterTurn(resolve));
  }
}

/** What never settles. */
export function never(): Promise<never> {
  return new Promise(() => {});
}

/** Does nothing at all. */
export function nothing(): void {}

/** Settles at once, with nothing done. */
export function settles(): Promise<void> {
  return Promise.resolve();
}

/** Only the first argument counts. */
export function firstAlone(right: Right, [first]: Given): unknown {
  return right(first);
}

/** Fails with a code of its own, whatever went wrong, misuse too. */
export function failsWith(
  code: string,
): (right: Right, args: Given) => Promise<unknown> {
  return async (right, args) => {
    try {
      return await right(...args);
    } catch (error) {
      throw socketError(code, { op: opOf(error) });
    }
  };
}

/** Throws a code of its own, whatever went wrong, misuse too. */
export function throwsWith(
  code: string,
): (right: Right, args: Given) => unknown {
  return (right, args) => {
    try {
      return right(...args);
    } catch (error) {
      throw socketError(code, { op: opOf(error) });
    }
  };
}

/** Names itself in errors that are another call's. */
export function failsAs(
  op: string,
): (right: Right, args: Given) => Promise<unknown> {
  return async (right, args) => {
    try {
      return await right(...args);
    } catch (error) {
      if (!(error instanceof SocketError)) throw error;
      throw socketError(error.code, { op });
    }
  };
}

function opOf(error: unknown): string {
  return error instanceof SocketError ? error.op : "connect";
}

/** How long somebody who waits for another call lets pass between looks. */
const PATIENCE_MS = 10;

/** Waits where it should fail, until the other call is over. */
export async function queues(right: Right, args: Given): Promise<unknown> {
  for (;;) {
    try {
      return await right(...args);
    } catch (error) {
      const { code = "" } = error as Partial<SocketError>;
      if (!["EALREADY", "EBUSY"].includes(code)) throw error;
      await new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
    }
  }
}

/** Goes on behind its abort, and takes what comes. */
export function outlivesItsSignal(right: Right, args: Given): unknown {
  const options = args.findLast((each) => Object(each) === each);
  const { signal, ...others } = (options ?? {}) as WaitOptions;
  const result = right(...args.map((each) => each === options ? others : each));
  if (!(signal instanceof AbortSignal)) return result;
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
    if (signal.aborted) reject(signal.reason);
    (result as Promise<unknown>).then(resolve, reject);
  });
}

/** Ends behind the abort, when its listeners have long been called. */
export function endsBehindItsAbort(right: Right, args: Given): unknown {
  const options = args.findLast((each) => Object(each) === each);
  const { signal } = (options ?? {}) as WaitOptions;
  if (signal === undefined) return right(...args);
  const late = new AbortController();
  const abort = () => queueMicrotask(() => late.abort(signal.reason));
  signal.addEventListener("abort", abort);
  const others = { ...options as WaitOptions, signal: late.signal };
  return right(...args.map((each) => each === options ? others : each));
}

/** What close should end goes on for ever. */
export async function neverWakes(right: Right, args: Given): Promise<unknown> {
  try {
    return await right(...args);
  } catch (error) {
    if ((error as Partial<SocketError>).code === "EBADF") await never();
    throw error;
  }
}
