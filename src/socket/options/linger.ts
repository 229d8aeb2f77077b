/**
 * The value of `SO_LINGER`.
 *
 * @module
 */

import { show } from "../../address.ts";
import type { Bytes } from "../../contracts.ts";
import { toBytes } from "../../bytes.ts";

/** The value of `SO_LINGER`: C's `struct linger` in words. */
export interface Linger {
  /** `l_onoff`. */
  readonly on: boolean;
  /** `l_linger`, in seconds; 0 makes every close a reset. */
  readonly seconds: number;
}

/** The largest `l_linger`: an `int`. */
const LARGEST_SECONDS = 0x7fffffff;

/**
 * Reads `struct linger` (two `int`s) or its words.
 *
 * @throws {TypeError} | {RangeError} if it is neither.
 */
export function readLinger(value: unknown): Linger {
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    const bytes = toBytes(value);
    if (bytes.length !== 8) {
      throw new TypeError(`struct linger has 8 bytes: ${bytes.length}`);
    }
    const [on, seconds] = new Int32Array(bytes.slice().buffer);
    return checked(on !== 0, seconds);
  }
  const { on, seconds } = (value ?? {}) as Partial<Linger>;
  if (typeof on !== "boolean") {
    throw new TypeError(
      `SO_LINGER is { on, seconds } or the 8 bytes of struct linger: ${
        show(value)
      }`,
    );
  }
  return checked(on, seconds);
}

function checked(on: boolean, seconds: unknown): Linger {
  const isFine = Number.isInteger(seconds) && (seconds as number) >= 0 &&
    (seconds as number) <= LARGEST_SECONDS;
  if (isFine) return { on, seconds: seconds as number };
  throw new RangeError(
    `The seconds of SO_LINGER are 0 to ${LARGEST_SECONDS}: ${show(seconds)}`,
  );
}

/** `struct linger` in this machine's order. */
export function toLingerBytes({ on, seconds }: Linger): Bytes {
  return new Uint8Array(new Int32Array([on ? 1 : 0, seconds]).buffer);
}
