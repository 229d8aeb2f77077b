/**
 * Python's `struct`: values into bytes by a format, and back.
 *
 * @module
 */

import type { Bytes } from "../contracts.ts";
import { viewBytes } from "../bytes.ts";
import { compile, type Layout } from "./format.ts";
import type { Packable, StructInput, Unpacked } from "./format_types.ts";

/** What can be unpacked from and packed into. */
export type StructBuffer = ArrayBufferView | ArrayBufferLike;

/**
 * A compiled format. One may be used from everywhere at once: it holds no
 * state but the format.
 *
 * A format is a byte order (`<` little-endian, `>` or `!` big-endian, `=` this
 * machine's) and characters: `x` padding, `c` one byte, `b B` 8 bits, `?` a
 * boolean, `h H` 16, `i I l L` 32, `q Q` 64 bits as bigint (capitals are
 * unsigned), `e f d` floats of 16, 32, 64 bits, `s` bytes, `p` Pascal string.
 * A number before a character repeats it; before `s` and `p` it is their size.
 * Nothing is aligned.
 *
 * @example
 * ```ts
 * import { Struct } from "@anysock/anysock/byteorder";
 *
 * const header = new Struct("!BHI");
 * const bytes = header.pack(1, 512, 70_000);
 * const [kind, flags, length] = header.unpack(bytes);
 * console.log(header.size, kind, flags, length); // 7 1 512 70000
 * ```
 */
export class Struct<const Format extends string = string> {
  /** The format as given. */
  readonly format: Format;
  /** Bytes of the structure. */
  readonly size: number;
  readonly #layout: Layout;

  /**
   * Compiles a format.
   *
   * @throws {TypeError} if it is no format, or says no byte order
   */
  constructor(format: Format) {
    this.#layout = compile(format);
    this.format = format;
    this.size = this.#layout.size;
  }

  /**
   * The values as bytes.
   *
   * @throws {TypeError} if the count or the type of the values is wrong
   * @throws {RangeError} if a number is out of range
   */
  pack(...values: Packable<Format>): Bytes {
    const bytes = new Uint8Array(this.size);
    this.#write(bytes, 0, values);
    return bytes;
  }

  /**
   * Packs into a buffer, from `offset` on; a negative offset counts from the
   * end. Padding is written as zeros. What was written before a value that
   * fails stays written.
   *
   * @throws {TypeError} if the count or the type of the values is wrong
   * @throws {RangeError} if a number is out of range or the room too small
   */
  packInto(
    buffer: StructBuffer,
    offset: number,
    ...values: Packable<Format>
  ): void {
    const bytes = viewBytes(buffer);
    const at = this.#place(bytes, offset, "pack into");
    this.#check(values);
    bytes.fill(0, at, at + this.size);
    this.#write(bytes, at, values);
  }

  /**
   * The values of a buffer of exactly `size` bytes.
   *
   * @throws {RangeError} if it has another size
   */
  unpack(buffer: StructBuffer): Unpacked<Format> {
    const bytes = viewBytes(buffer);
    if (bytes.length !== this.size) {
      throw new RangeError(
        `Unpacking ${this.format} takes ${this.size} bytes: ${bytes.length}`,
      );
    }
    return this.#read(bytes, 0);
  }

  /**
   * The values from `offset` on; a negative offset counts from the end.
   *
   * @throws {RangeError} if fewer than `size` bytes are there
   */
  unpackFrom(buffer: StructBuffer, offset: number = 0): Unpacked<Format> {
    const bytes = viewBytes(buffer);
    return this.#read(bytes, this.#place(bytes, offset, "unpack from"));
  }

  /**
   * Structure after structure of a buffer.
   *
   * @throws {RangeError} if its length is no multiple of `size`, or `size` 0
   */
  iterUnpack(buffer: StructBuffer): IterableIterator<Unpacked<Format>> {
    const bytes = viewBytes(buffer);
    if (this.size === 0) {
      throw new RangeError("Nothing can be iterated by a format of 0 bytes");
    }
    if (bytes.length % this.size !== 0) {
      throw new RangeError(
        `Iterating ${this.format} takes a multiple of ${this.size} bytes: ` +
          `${bytes.length}`,
      );
    }
    let at = 0;
    return {
      next: () => {
        if (at === bytes.length) return { done: true, value: undefined };
        const value = this.#read(bytes, at);
        at += this.size;
        return { done: false, value };
      },
      [Symbol.iterator]() {
        return this;
      },
    };
  }

  #check(values: readonly StructInput[]): void {
    const expected = this.#layout.fields.length;
    if (values.length !== expected) {
      throw new TypeError(
        `Packing ${this.format} takes ${expected} values: ${values.length}`,
      );
    }
  }

  #place(bytes: Uint8Array, offset: number, what: string): number {
    if (!Number.isInteger(offset)) {
      throw new TypeError(`An offset is an integer: ${String(offset)}`);
    }
    const at = offset < 0 ? bytes.length + offset : offset;
    if (at < 0 || at + this.size > bytes.length) {
      throw new RangeError(
        `Cannot ${what} ${this.size} bytes at offset ${offset} ` +
          `of ${bytes.length}`,
      );
    }
    return at;
  }

  #write(bytes: Uint8Array, at: number, values: readonly StructInput[]): void {
    this.#check(values);
    const { fields, little } = this.#layout;
    const view = dataView(bytes);
    for (let i = 0; i < fields.length; i++) {
      const { kind, offset, size } = fields[i]!;
      kind.put(view, at + offset, values[i]!, little, size);
    }
  }

  #read(bytes: Uint8Array, at: number): Unpacked<Format> {
    const { fields, little } = this.#layout;
    const view = dataView(bytes);
    const values = fields.map(({ kind, offset, size }) =>
      kind.get(view, at + offset, little, size)
    );
    // The type is computed from the same characters as the fields.
    return values as Unpacked<Format>;
  }
}

function dataView(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** As many compiled formats are kept as CPython keeps. */
const CACHE_SIZE = 100;
const cache: Map<string, Struct> = new Map();

function compiled<const Format extends string>(format: Format): Struct<Format> {
  let struct = cache.get(format);
  if (struct === undefined) {
    struct = new Struct<string>(format);
    if (cache.size === CACHE_SIZE) cache.clear();
    cache.set(format, struct);
  }
  // The map's key is the format of its value.
  return struct as unknown as Struct<Format>;
}

/**
 * The values as bytes, by a format; see {@linkcode Struct}.
 *
 * @example
 * ```ts
 * import { pack, unpack } from "@anysock/anysock/byteorder";
 *
 * const bytes = pack("!H4sQ", 80, "GET", 1n);
 * const [port, verb, count] = unpack("!H4sQ", bytes);
 * console.log(port, verb.length, count); // 80 4 1n
 * ```
 *
 * @throws {TypeError} if the format, the count or the type of values is wrong
 * @throws {RangeError} if a number is out of range
 */
export function pack<const Format extends string>(
  format: Format,
  ...values: Packable<Format>
): Bytes {
  return compiled(format).pack(...values);
}

/**
 * Packs into a buffer, from `offset` on; a negative offset counts from the end.
 *
 * @throws {TypeError} if the format, the count or the type of values is wrong
 * @throws {RangeError} if a number is out of range or the room too small
 */
export function packInto<const Format extends string>(
  format: Format,
  buffer: StructBuffer,
  offset: number,
  ...values: Packable<Format>
): void {
  compiled(format).packInto(buffer, offset, ...values);
}

/**
 * The values of a buffer that has exactly the format's size.
 *
 * @throws {TypeError} if the format is wrong
 * @throws {RangeError} if the buffer has another size
 */
export function unpack<const Format extends string>(
  format: Format,
  buffer: StructBuffer,
): Unpacked<Format> {
  return compiled(format).unpack(buffer);
}

/**
 * The values from `offset` on; a negative offset counts from the end.
 *
 * @throws {TypeError} if the format is wrong
 * @throws {RangeError} if the buffer is too short
 */
export function unpackFrom<const Format extends string>(
  format: Format,
  buffer: StructBuffer,
  offset: number = 0,
): Unpacked<Format> {
  return compiled(format).unpackFrom(buffer, offset);
}

/**
 * Structure after structure of a buffer.
 *
 * @example
 * ```ts
 * import { iterUnpack } from "@anysock/anysock/byteorder";
 *
 * for (const [x, y] of iterUnpack("<2b", new Uint8Array([1, 255, 2, 254]))) {
 *   console.log(x, y); // 1 -1, then 2 -2
 * }
 * ```
 *
 * @throws {TypeError} if the format is wrong
 * @throws {RangeError} if the length is no multiple of the format's size
 */
export function iterUnpack<const Format extends string>(
  format: Format,
  buffer: StructBuffer,
): IterableIterator<Unpacked<Format>> {
  return compiled(format).iterUnpack(buffer);
}

/**
 * The bytes that a format takes.
 *
 * @throws {TypeError} if the format is wrong
 */
export function calcSize(format: string): number {
  return compiled(format).size;
}
