/**
 * A cursor that writes.
 *
 * @module
 */

import type { Bytes, BytesLike } from "../contracts.ts";
import { toBytes } from "../bytes.ts";

/** What a writer begins with, in bytes. */
const FIRST_SIZE = 64;

/** Up to this many bytes a loop copies faster than `set()`. */
const SHORT_COPY = 12;

/**
 * Writes numbers, bytes and text one after the other into memory that grows.
 * Numbers are big-endian (network order) unless the name ends in `le`, and are
 * checked: one that does not fit throws and writes nothing.
 *
 * @example
 * ```ts
 * import { ByteWriter } from "@anysock/anysock/byteorder";
 *
 * const writer = new ByteWriter();
 * writer.u8(1).u16(2).utf8("hi");
 * console.log(writer.finish()); // 01 00 02 68 69
 * ```
 */
export class ByteWriter {
  #bytes: Bytes;
  #view: DataView;
  #offset = 0;

  /** Begins with room for `size` bytes; default 64. */
  constructor(size: number = FIRST_SIZE) {
    if (!Number.isInteger(size) || size < 0) {
      throw new RangeError(`A count of bytes is 0 or more: ${String(size)}`);
    }
    this.#bytes = new Uint8Array(size);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Bytes written so far. */
  get offset(): number {
    return this.#offset;
  }

  /**
   * All that was written, in an array of its own. The writer goes on behind
   * it; a later call gives everything again.
   */
  finish(): Bytes {
    return this.#bytes.slice(0, this.#offset);
  }

  /** All that was written: a view, valid until the next write. */
  view(): Bytes {
    return this.#bytes.subarray(0, this.#offset);
  }

  /** Forgets what was written beyond the first `offset` bytes. */
  rewind(offset: number): void {
    if (!Number.isInteger(offset) || offset < 0 || offset > this.#offset) {
      throw new RangeError(
        `Cannot rewind to ${String(offset)} of ${this.#offset}`,
      );
    }
    this.#offset = offset;
  }

  /** Makes room for `size` bytes and gives the place they begin at. */
  #step(size: number): number {
    const at = this.#offset;
    if (at + size > this.#bytes.length) this.#grow(at + size);
    this.#offset = at + size;
    return at;
  }

  #grow(size: number): void {
    const bytes = new Uint8Array(Math.max(size, this.#bytes.length * 2));
    bytes.set(this.#bytes.subarray(0, this.#offset));
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }

  /** An unsigned 8-bit number. */
  u8(value: number): this {
    checkInteger(value, 0, 0xff);
    const at = this.#step(1);
    this.#view.setUint8(at, value);
    return this;
  }

  /** A signed 8-bit number. */
  i8(value: number): this {
    checkInteger(value, -0x80, 0x7f);
    const at = this.#step(1);
    this.#view.setInt8(at, value);
    return this;
  }

  /** An unsigned 16-bit number. */
  u16(value: number): this {
    checkInteger(value, 0, 0xffff);
    const at = this.#step(2);
    this.#view.setUint16(at, value);
    return this;
  }

  /** An unsigned 16-bit number, little-endian. */
  u16le(value: number): this {
    checkInteger(value, 0, 0xffff);
    const at = this.#step(2);
    this.#view.setUint16(at, value, true);
    return this;
  }

  /** A signed 16-bit number. */
  i16(value: number): this {
    checkInteger(value, -0x8000, 0x7fff);
    const at = this.#step(2);
    this.#view.setInt16(at, value);
    return this;
  }

  /** A signed 16-bit number, little-endian. */
  i16le(value: number): this {
    checkInteger(value, -0x8000, 0x7fff);
    const at = this.#step(2);
    this.#view.setInt16(at, value, true);
    return this;
  }

  /** An unsigned 32-bit number. */
  u32(value: number): this {
    // The same as the check, for the lengths in front of frames: fast.
    if (value >>> 0 !== value) checkInteger(value, 0, 0xffffffff);
    const at = this.#step(4);
    this.#view.setUint32(at, value);
    return this;
  }

  /** An unsigned 32-bit number, little-endian. */
  u32le(value: number): this {
    checkInteger(value, 0, 0xffffffff);
    const at = this.#step(4);
    this.#view.setUint32(at, value, true);
    return this;
  }

  /** A signed 32-bit number. */
  i32(value: number): this {
    checkInteger(value, -0x80000000, 0x7fffffff);
    const at = this.#step(4);
    this.#view.setInt32(at, value);
    return this;
  }

  /** A signed 32-bit number, little-endian. */
  i32le(value: number): this {
    checkInteger(value, -0x80000000, 0x7fffffff);
    const at = this.#step(4);
    this.#view.setInt32(at, value, true);
    return this;
  }

  /** An unsigned 64-bit number. */
  u64(value: bigint): this {
    checkBig(value, 0n, 2n ** 64n - 1n);
    const at = this.#step(8);
    this.#view.setBigUint64(at, value);
    return this;
  }

  /** An unsigned 64-bit number, little-endian. */
  u64le(value: bigint): this {
    checkBig(value, 0n, 2n ** 64n - 1n);
    const at = this.#step(8);
    this.#view.setBigUint64(at, value, true);
    return this;
  }

  /** A signed 64-bit number. */
  i64(value: bigint): this {
    checkBig(value, -(2n ** 63n), 2n ** 63n - 1n);
    const at = this.#step(8);
    this.#view.setBigInt64(at, value);
    return this;
  }

  /** A signed 64-bit number, little-endian. */
  i64le(value: bigint): this {
    checkBig(value, -(2n ** 63n), 2n ** 63n - 1n);
    const at = this.#step(8);
    this.#view.setBigInt64(at, value, true);
    return this;
  }

  /** A floating-point 32-bit number. */
  f32(value: number): this {
    checkSingle(value);
    const at = this.#step(4);
    this.#view.setFloat32(at, value);
    return this;
  }

  /** A floating-point 32-bit number, little-endian. */
  f32le(value: number): this {
    checkSingle(value);
    const at = this.#step(4);
    this.#view.setFloat32(at, value, true);
    return this;
  }

  /** A floating-point 64-bit number. */
  f64(value: number): this {
    checkReal(value);
    const at = this.#step(8);
    this.#view.setFloat64(at, value);
    return this;
  }

  /** A floating-point 64-bit number, little-endian. */
  f64le(value: number): this {
    checkReal(value);
    const at = this.#step(8);
    this.#view.setFloat64(at, value, true);
    return this;
  }

  /**
   * An unsigned number, 7 bits a byte, the low ones first (LEB128).
   *
   * @throws {RangeError} unless it is an integer from 0 to 2**53 − 1
   */
  varint(value: number): this {
    checkInteger(value, 0, Number.MAX_SAFE_INTEGER);
    while (value >= 0x80) {
      this.#bytes[this.#step(1)] = (value % 0x80) | 0x80;
      value = Math.floor(value / 0x80);
    }
    this.#bytes[this.#step(1)] = value;
    return this;
  }

  /** Bytes as they are; a string as UTF-8. They are copied. */
  bytes(data: BytesLike): this {
    const source = data instanceof Uint8Array ? data : toBytes(data);
    const size = source.length;
    if (size >= this.referenceSize && this.refer(source)) return this;
    const at = this.#step(size);
    const target = this.#bytes;
    if (size > SHORT_COPY) target.set(source, at);
    else for (let i = 0; i < size; i++) target[at + i] = source[i]!;
    return this;
  }

  /**
   * Bytes from this size on are offered to `refer`; a writer of frames has it.
   *
   * @internal
   */
  protected readonly referenceSize: number = Infinity;

  /**
   * Takes bytes without copying them, or not.
   *
   * @internal
   */
  protected refer(_bytes: Uint8Array): boolean {
    return false;
  }

  /** Text as UTF-8. */
  utf8(text: string): this {
    return this.bytes(String(text));
  }
}

function checkInteger(value: number, low: number, high: number): void {
  checkReal(value);
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new RangeError(`${value} is no integer from ${low} to ${high}`);
  }
}

function checkBig(value: bigint, low: bigint, high: bigint): void {
  if (typeof value !== "bigint") {
    throw new TypeError(`A bigint is expected: ${String(value)}`);
  }
  if (value < low || value > high) {
    throw new RangeError(`${value} is not from ${low} to ${high}`);
  }
}

function checkReal(value: number): void {
  if (typeof value === "number") return;
  throw new TypeError(`A number is expected: ${String(value)}`);
}

function checkSingle(value: number): void {
  checkReal(value);
  if (Number.isFinite(value) && !Number.isFinite(Math.fround(value))) {
    throw new RangeError(`${value} is beyond 32-bit floats`);
  }
}
