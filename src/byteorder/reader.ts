/**
 * A cursor that reads.
 *
 * @module
 */

import type { Bytes } from "../contracts.ts";
import { slice, viewBytes } from "../bytes.ts";
import type { StructBuffer } from "./pack.ts";

/** A varint of a safe integer has at most 8 bytes; 10 carry 64 bits. */
const LONGEST_VARINT = 10;

/**
 * Reads numbers, bytes and text one after the other. Numbers are big-endian
 * (network order) unless the name ends in `le`. A read beyond the end throws
 * and moves nothing.
 *
 * @example
 * ```ts
 * import { ByteReader } from "@anysock/anysock/byteorder";
 *
 * const reader = new ByteReader(new Uint8Array([1, 0, 2, 104, 105]));
 * console.log(reader.u8(), reader.u16(), reader.utf8(reader.remaining)); // 1 2 hi
 * ```
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  /** Reads `data` from its beginning, without copying it. */
  constructor(data: StructBuffer) {
    this.#bytes = viewBytes(data);
    const { buffer, byteOffset, byteLength } = this.#bytes;
    this.#view = new DataView(buffer, byteOffset, byteLength);
  }

  /** Bytes read so far. */
  get offset(): number {
    return this.#offset;
  }

  /** Bytes that are left. */
  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  /** Moves past `size` bytes and gives the place they begin at. */
  #step(size: number): number {
    const at = this.#offset;
    if (size > this.#bytes.length - at) {
      throw new RangeError(
        `Cannot read ${size} bytes at offset ${at} of ${this.#bytes.length}`,
      );
    }
    this.#offset = at + size;
    return at;
  }

  /** An unsigned 8-bit number. */
  u8(): number {
    return this.#view.getUint8(this.#step(1));
  }

  /** A signed 8-bit number. */
  i8(): number {
    return this.#view.getInt8(this.#step(1));
  }

  /** An unsigned 16-bit number. */
  u16(): number {
    return this.#view.getUint16(this.#step(2));
  }

  /** An unsigned 16-bit number, little-endian. */
  u16le(): number {
    return this.#view.getUint16(this.#step(2), true);
  }

  /** A signed 16-bit number. */
  i16(): number {
    return this.#view.getInt16(this.#step(2));
  }

  /** A signed 16-bit number, little-endian. */
  i16le(): number {
    return this.#view.getInt16(this.#step(2), true);
  }

  /** An unsigned 32-bit number. */
  u32(): number {
    return this.#view.getUint32(this.#step(4));
  }

  /** An unsigned 32-bit number, little-endian. */
  u32le(): number {
    return this.#view.getUint32(this.#step(4), true);
  }

  /** A signed 32-bit number. */
  i32(): number {
    return this.#view.getInt32(this.#step(4));
  }

  /** A signed 32-bit number, little-endian. */
  i32le(): number {
    return this.#view.getInt32(this.#step(4), true);
  }

  /** An unsigned 64-bit number. */
  u64(): bigint {
    return this.#view.getBigUint64(this.#step(8));
  }

  /** An unsigned 64-bit number, little-endian. */
  u64le(): bigint {
    return this.#view.getBigUint64(this.#step(8), true);
  }

  /** A signed 64-bit number. */
  i64(): bigint {
    return this.#view.getBigInt64(this.#step(8));
  }

  /** A signed 64-bit number, little-endian. */
  i64le(): bigint {
    return this.#view.getBigInt64(this.#step(8), true);
  }

  /** A floating-point 32-bit number. */
  f32(): number {
    return this.#view.getFloat32(this.#step(4));
  }

  /** A floating-point 32-bit number, little-endian. */
  f32le(): number {
    return this.#view.getFloat32(this.#step(4), true);
  }

  /** A floating-point 64-bit number. */
  f64(): number {
    return this.#view.getFloat64(this.#step(8));
  }

  /** A floating-point 64-bit number, little-endian. */
  f64le(): number {
    return this.#view.getFloat64(this.#step(8), true);
  }

  /**
   * An unsigned number of 7 bits a byte, the low ones first (LEB128).
   *
   * @throws {RangeError} beyond the end, or above 2**53 − 1
   */
  varint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < LONGEST_VARINT; i++) {
      const byte = this.#bytes[this.#offset + i];
      if (byte === undefined) break;
      value += (byte & 0x7f) * scale;
      scale *= 0x80;
      if (byte >= 0x80) continue;
      if (value > Number.MAX_SAFE_INTEGER) break;
      this.#offset += i + 1;
      return value;
    }
    throw new RangeError(
      value > Number.MAX_SAFE_INTEGER || this.remaining >= LONGEST_VARINT
        ? `The varint at offset ${this.#offset} is above 2**53 - 1`
        : `Cannot read a varint at offset ${this.#offset} ` +
          `of ${this.#bytes.length}`,
    );
  }

  /**
   * The next `size` bytes: a view of the memory that is read, no copy.
   *
   * @throws {RangeError} if fewer are left
   */
  bytes(size: number): Bytes {
    if (!Number.isInteger(size) || size < 0) {
      throw new RangeError(`A count of bytes is 0 or more: ${String(size)}`);
    }
    const at = this.#step(size);
    return slice(this.#bytes, at, at + size);
  }

  /**
   * The next `size` bytes as UTF-8 text. U+FEFF survives.
   *
   * @throws {RangeError} if fewer are left
   * @throws {TypeError} if they are not UTF-8
   */
  utf8(size: number): string {
    const before = this.#offset;
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
        .decode(this.bytes(size));
    } catch (error) {
      this.#offset = before;
      throw error;
    }
  }
}
