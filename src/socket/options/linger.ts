/**
 * The value of `SO_LINGER`.
 *
 * @module
 */

import { show } from "../../address.ts";
import type { Bytes } from "../../contracts.ts";
import { type OptionKey, optionLabel } from "./names.ts";
import { inWords, structure, type ValueType, wrongType } from "./values.ts";

/** The value of `SO_LINGER`: C's `struct linger` in words. */
export interface Linger {
  /** `l_onoff`. */
  readonly on: boolean;
  /** `l_linger`, in seconds; 0 makes every close a reset. */
  readonly seconds: number;
}

/** The largest `l_linger`: an `int`. */
const LARGEST_SECONDS = 0x7fffffff;

/** `struct linger` (two `int`s), or its words. */
export const LINGER: ValueType<Linger> = {
  wants: "{ on, seconds } or struct linger's 8 bytes",
  read(value, key) {
    const bytes = structure(value);
    if (bytes?.length === 8) {
      const [on, seconds] = new Int32Array(bytes.slice().buffer);
      return { on: on !== 0, seconds: checkSeconds(seconds, key) };
    }
    const { on, seconds } = inWords(value, ["on", "seconds"]) ?? {};
    if (typeof on !== "boolean") return wrongType(value, key, LINGER.wants);
    return { on, seconds: checkSeconds(seconds, key) };
  },
  toBytes: lingerBytes,
};

function checkSeconds(seconds: unknown, key: OptionKey): number {
  const isNumber = typeof seconds === "number";
  const isFine = isNumber && Number.isInteger(seconds) && seconds >= 0 &&
    seconds <= LARGEST_SECONDS;
  if (isFine) return seconds;
  const range = `an integer from 0 to ${LARGEST_SECONDS}`;
  throw new (isNumber ? RangeError : TypeError)(
    `The seconds of ${optionLabel(key)} are ${range}: ${show(seconds)}`,
  );
}

/** `struct linger` in this machine's order. */
export function lingerBytes({ on, seconds }: Linger): Bytes {
  return new Uint8Array(new Int32Array([on ? 1 : 0, seconds]).buffer);
}
