/**
 * The faults and arguments of `setSockOpt`, `getSockOpt` and `fileno`.
 *
 * @module
 */

import { show } from "../../address.ts";
import type { Address } from "../../contracts.ts";
import { toError } from "../../runtime/seam/fault.ts";

/** The largest structure that is asked for, in bytes. */
const MAX_BUFLEN = 65_536;

/** What `act` gives; a Fault becomes the error of the method `op`. */
export function withErrors<T>(
  op: string,
  address: Address | undefined,
  act: () => T,
): T {
  try {
    return act();
  } catch (error) {
    throw toError(error, { op, address });
  }
}

/** How many bytes `getSockOpt` may give. */
export function checkBuflen(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "number") {
    throw new TypeError(`buflen is a number: ${show(value)}`);
  }
  if (Number.isInteger(value) && value >= 1 && value <= MAX_BUFLEN) {
    return value;
  }
  throw new RangeError(`buflen is 1 to ${MAX_BUFLEN}: ${value}`);
}
