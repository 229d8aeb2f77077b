/**
 * Compiles a format into fields that read and write themselves.
 *
 * @module
 */

import { toBytes } from "../bytes.ts";
import type { StructInput, StructValue } from "./format_types.ts";
import { fromHalfBits, toHalfBits } from "./half.ts";
import { isLittleEndian } from "./swap.ts";

/** One value at its place. */
export interface Field {
  /** Bytes from the start of the structure. */
  readonly offset: number;
  /** Bytes that it takes. */
  readonly size: number;
  /** How it is read and written. */
  readonly kind: Kind;
}

/** How the values of one format character are read and written. */
export interface Kind {
  /** The format character. */
  readonly char: string;
  /** Bytes of one value; of one byte of it for `s` and `p`. */
  readonly size: number;
  /** Checks and stores a value. */
  put(
    view: DataView,
    at: number,
    value: StructInput,
    little: boolean,
    size: number,
  ): void;
  /** Reads a value. */
  get(view: DataView, at: number, little: boolean, size: number): StructValue;
}

/** A format ready for use. */
export interface Layout {
  /** Bytes of the whole structure. */
  readonly size: number;
  /** Whether the low byte comes first. */
  readonly little: boolean;
  /** Its values in order; padding is no value. */
  readonly fields: readonly Field[];
}

/** The names that `DataView` has for numbers, behind `get` and `set`. */
type NumberName =
  | "Int8"
  | "Uint8"
  | "Int16"
  | "Uint16"
  | "Int32"
  | "Uint32"
  | "Float64";

type Put = (view: DataView, at: number, value: number, little: boolean) => void;
type Get = (view: DataView, at: number, little: boolean) => number;

function getter(name: NumberName): Get {
  const get = DataView.prototype[`get${name}`];
  return (view, at, little) => get.call(view, at, little);
}

function setter(name: NumberName): Put {
  const set = DataView.prototype[`set${name}`];
  return (view, at, value, little) => set.call(view, at, value, little);
}

function checkRange<T extends number | bigint>(
  char: string,
  value: T,
  low: T,
  high: T,
): void {
  if (value >= low && value <= high) return;
  throw new RangeError(
    `${value} is out of range for ${char} (${low} to ${high})`,
  );
}

function integer(char: string, size: number, name: NumberName): Kind {
  const span = 2 ** (size * 8);
  const low = name.startsWith("I") ? -span / 2 : 0;
  const high = low + span - 1;
  const set = setter(name);
  return {
    char,
    size,
    get: getter(name),
    put(view, at, value, little) {
      if (typeof value !== "number" || !Number.isInteger(value)) {
        throw new TypeError(`${char} takes an integer: ${String(value)}`);
      }
      checkRange(char, value, low, high);
      set(view, at, value, little);
    },
  };
}

function bigInteger(char: string, name: "BigInt64" | "BigUint64"): Kind {
  const low = name === "BigInt64" ? -(2n ** 63n) : 0n;
  const high = low + 2n ** 64n - 1n;
  const set = DataView.prototype[`set${name}`];
  const get = DataView.prototype[`get${name}`];
  return {
    char,
    size: 8,
    get: (view, at, little) => get.call(view, at, little),
    put(view, at, value, little) {
      if (typeof value !== "bigint") {
        throw new TypeError(`${char} takes a bigint: ${String(value)}`);
      }
      checkRange(char, value, low, high);
      set.call(view, at, value, little);
    },
  };
}

function real(char: string, size: number, put: Put, get: Get): Kind {
  return {
    char,
    size,
    get,
    put(view, at, value, little) {
      if (typeof value !== "number") {
        throw new TypeError(`${char} takes a number: ${String(value)}`);
      }
      put(view, at, value, little);
    },
  };
}

function putHalf(view: DataView, at: number, v: number, le: boolean): void {
  view.setUint16(at, toHalfBits(v), le);
}

function getHalf(view: DataView, at: number, le: boolean): number {
  return fromHalfBits(view.getUint16(at, le));
}

function getSingle(view: DataView, at: number, le: boolean): number {
  return view.getFloat32(at, le);
}

function putSingle(view: DataView, at: number, v: number, le: boolean): void {
  if (Number.isFinite(v) && !Number.isFinite(Math.fround(v))) {
    throw new RangeError(`${v} is out of range for f`);
  }
  view.setFloat32(at, v, le);
}

function bytesOf(char: string, value: StructInput): Uint8Array {
  if (value instanceof Uint8Array || typeof value === "string") {
    return toBytes(value);
  }
  throw new TypeError(`${char} takes bytes or a string: ${String(value)}`);
}

function window(view: DataView, at: number, size: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + at, size);
}

const CHAR: Kind = {
  char: "c",
  size: 1,
  put(view, at, value) {
    const bytes = bytesOf("c", value);
    if (bytes.length !== 1) {
      throw new RangeError(`c takes exactly one byte: ${bytes.length} given`);
    }
    view.setUint8(at, bytes[0] ?? 0);
  },
  get: (view, at) => window(view, at, 1).slice(),
};

const BOOL: Kind = {
  char: "?",
  size: 1,
  put(view, at, value) {
    // Its truth, as in Python: whatever is true packs as 1.
    view.setUint8(at, value ? 1 : 0);
  },
  get: (view, at) => view.getUint8(at) !== 0,
};

const STRING: Kind = {
  char: "s",
  size: 1,
  put(view, at, value, _little, size) {
    const target = window(view, at, size);
    const bytes = bytesOf("s", value).subarray(0, size);
    target.set(bytes);
    target.fill(0, bytes.length);
  },
  get: (view, at, _little, size) => window(view, at, size).slice(),
};

const PASCAL: Kind = {
  char: "p",
  size: 1,
  put(view, at, value, little, size) {
    const bytes = bytesOf("p", value);
    if (size === 0) return;
    STRING.put(view, at + 1, bytes, little, size - 1);
    view.setUint8(at, Math.min(bytes.length, size - 1, 255));
  },
  get(view, at, _little, size) {
    if (size === 0) return new Uint8Array(0);
    const length = Math.min(view.getUint8(at), size - 1);
    return window(view, at + 1, length).slice();
  },
};

const KINDS: ReadonlyMap<string, Kind> = new Map(
  [
    CHAR,
    BOOL,
    STRING,
    PASCAL,
    integer("b", 1, "Int8"),
    integer("B", 1, "Uint8"),
    integer("h", 2, "Int16"),
    integer("H", 2, "Uint16"),
    integer("i", 4, "Int32"),
    integer("I", 4, "Uint32"),
    integer("l", 4, "Int32"),
    integer("L", 4, "Uint32"),
    bigInteger("q", "BigInt64"),
    bigInteger("Q", "BigUint64"),
    real("e", 2, putHalf, getHalf),
    real("f", 4, putSingle, getSingle),
    real("d", 8, setter("Float64"), getter("Float64")),
  ].map((kind) => [kind.char, kind]),
);

/** A structure longer than this is a mistake, not a format: 2^31 − 1 bytes. */
const LARGEST_SIZE = 0x7fffffff;

/**
 * Compiles a format.
 *
 * @throws {TypeError} if it is no format, or says no byte order
 * @throws {RangeError} if the structure would be longer than 2**31 − 1 bytes
 */
export function compile(format: string): Layout {
  const order = typeof format === "string" ? format[0] : undefined;
  if (order === undefined || !"<>!=".includes(order)) {
    throw new TypeError(
      `A format begins with its byte order (<, >, ! or =): ${show(format)}`,
    );
  }
  const fields: Field[] = [];
  let offset = 0;
  for (const [count, char] of items(format)) {
    const kind = KINDS.get(char);
    const isOneValue = char === "s" || char === "p";
    const size = (kind?.size ?? 1) * count;
    if (offset + size > LARGEST_SIZE) {
      throw new RangeError(`The structure is too long: ${show(format)}`);
    }
    if (kind && isOneValue) fields.push({ offset, size, kind });
    else if (kind) {
      for (let i = 0; i < count; i++) {
        fields.push({ offset: offset + i * kind.size, size: kind.size, kind });
      }
    }
    offset += size;
  }
  const little = order === "<" || (order === "=" && isLittleEndian());
  return { size: offset, little, fields };
}

/** The counts and characters of a format, checked. */
function* items(format: string): Generator<[count: number, char: string]> {
  const pattern = /(\d*)([A-Za-z?])|[ \t\n\r\f\v]+/y;
  pattern.lastIndex = 1;
  while (pattern.lastIndex < format.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(format);
    const char = match?.[2];
    if (!match || (char && char !== "x" && !KINDS.has(char))) {
      throw new TypeError(
        `Bad character at ${at} of the format ${show(format)}`,
      );
    }
    if (char) yield [match[1] ? Number(match[1]) : 1, char];
  }
}

function show(format: unknown): string {
  return typeof format === "string" ? JSON.stringify(format) : typeof format;
}
