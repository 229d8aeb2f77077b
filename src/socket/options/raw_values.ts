/**
 * Values as the kernel takes and gives them.
 *
 * @module
 */

import type { Bytes } from "../../contracts.ts";
import { toBytes } from "../../bytes.ts";
import { readNumber, toNumberBytes } from "./values.ts";
import type { StreamOptionValue } from "./table.ts";

/**
 * The bytes of a value: an `int` of a number, a structure as it is.
 *
 * @throws {TypeError} | {RangeError} if it is neither.
 */
export function toRaw(value: StreamOptionValue): Bytes {
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    return new Uint8Array(toBytes(value));
  }
  return toNumberBytes(checkInt(readNumber(value as number)));
}

/** What `getSockOpt` gives: the `int` in front, or at most `buflen` bytes. */
export function fromRaw(
  bytes: Bytes,
  buflen: number | undefined,
): number | Bytes {
  if (buflen !== undefined) return bytes.slice(0, buflen);
  if (bytes.length >= 4) return new Int32Array(bytes.slice(0, 4).buffer)[0]!;
  return bytes[0] ?? 0;
}

function checkInt(value: number): number {
  if (value >= -0x80000000 && value <= 0x7fffffff) return value;
  throw new RangeError(`An option's value is a C int: ${value}`);
}
