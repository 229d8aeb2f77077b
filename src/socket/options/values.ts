/**
 * The values of socket options: how they are read, each kind in one place, and
 * what they are to the kernel.
 *
 * @module
 */

import { show } from "../../address.ts";
import { toBytes } from "../../bytes.ts";
import type { Bytes } from "../../contracts.ts";
import { isPlain } from "../../deadline.ts";
import { type OptionKey, optionLabel } from "./names.ts";

/** A C structure, or an `int`, as bytes in this machine's order. */
export type OptionBytes = ArrayBufferView | ArrayBuffer;

/** A kind of value. */
export interface ValueType<V> {
  /** What is wanted, such as `"an integer, or its 1 or 4 bytes"`. */
  readonly wants: string;
  /** Reads a value, or throws: a TypeError of another type than is wanted. */
  read(value: unknown, key: OptionKey): V;
  /** What the kernel takes; `undefined` if words alone do not say it. */
  toBytes(value: V): Bytes | undefined;
}

/** The smallest and the largest `int`. */
const INT_RANGE = [-0x80000000, 0x7fffffff] as const;

/** A C `int` from `least` to `most`. */
export function within(least: number, most: number): ValueType<number> {
  const wants = "an integer, or its 1 or 4 bytes";
  return {
    wants,
    read(value, key) {
      const number = toNumber(value) ?? wrongType(value, key, wants);
      if (Number.isInteger(number) && number >= least && number <= most) {
        return number;
      }
      const range = `an integer from ${least} to ${most}`;
      throw new RangeError(`${optionLabel(key)} is ${range}: ${number}`);
    },
    toBytes: intBytes,
  };
}

/** Any C `int`. */
export const INT: ValueType<number> = within(...INT_RANGE);

/** On or off. */
export const FLAG: ValueType<0 | 1> = {
  wants: INT.wants,
  read: (value, key) => INT.read(value, key) === 0 ? 0 : 1,
  toBytes: intBytes,
};

/** Of an option that no row knows: an `int`, or whatever bytes it takes. */
export const RAW: ValueType<Bytes> = {
  wants: "an integer, or bytes",
  read(value, key) {
    const bytes = structure(value);
    if (bytes !== undefined) return new Uint8Array(bytes);
    if (typeof value === "number") return intBytes(INT.read(value, key));
    return wrongType(value, key, RAW.wants);
  },
  toBytes: (value) => value,
};

/** An `int`; `undefined` if it is neither a number nor 1 or 4 bytes. */
function toNumber(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  const bytes = structure(value);
  if (bytes?.length === 1) return bytes[0];
  return bytes?.length === 4 ? readInt(bytes) : undefined;
}

/** The `int` in front of a structure, in this machine's order. */
export function readInt(bytes: Uint8Array): number {
  return new Int32Array(bytes.slice(0, 4).buffer)[0]!;
}

/** An `int` as bytes in this machine's order. */
export function intBytes(value: number): Bytes {
  return new Uint8Array(new Int32Array([value]).buffer);
}

/** The bytes of a structure; `undefined` if the value is none. */
export function structure(value: unknown): Uint8Array | undefined {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer
    ? toBytes(value)
    : undefined;
}

/**
 * A structure in words: a plain object with members of these names alone, for
 * one misspelt would be lost. `undefined` if the value is none.
 */
export function inWords<K extends string>(
  value: unknown,
  known: readonly K[],
): Readonly<Partial<Record<K, unknown>>> | undefined {
  // A Map, or a promise that nobody awaited, has no members to look at.
  if (!isPlain(value)) return undefined;
  const names: readonly string[] = known;
  for (const name in value) if (!names.includes(name)) return undefined;
  return value as Readonly<Partial<Record<K, unknown>>>;
}

/** Throws the TypeError that says what an option takes. */
export function wrongType(
  value: unknown,
  key: OptionKey,
  wants: string,
): never {
  const bytes = structure(value);
  const given = bytes === undefined ? show(value) : `${bytes.length} bytes`;
  throw new TypeError(`${optionLabel(key)} is ${wants}: ${given}`);
}
