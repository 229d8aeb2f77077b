/**
 * Host order to network order and back, for whole numbers.
 *
 * @module
 */

/** Whether this machine stores the low byte first. */
export function isLittleEndian(): boolean {
  return new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
}

function check(value: number, name: string, largest: number): number {
  if (typeof value !== "number" || !Number.isInteger(value)) {
    if (typeof value === "number" && Math.abs(value) === Infinity) {
      throw new RangeError(`${name} takes 0 to ${largest}: ${value}`);
    }
    throw new TypeError(`${name} takes an integer: ${String(value)}`);
  }
  if (value < 0 || value > largest) {
    throw new RangeError(`${name} takes 0 to ${largest}: ${value}`);
  }
  return value;
}

function swap16(value: number): number {
  return ((value & 0xff) << 8) | (value >>> 8);
}

function swap32(value: number): number {
  return ((swap16(value & 0xffff) << 16) | swap16(value >>> 16)) >>> 0;
}

function convert16(value: number, name: string): number {
  check(value, name, 0xffff);
  return isLittleEndian() ? swap16(value) : value;
}

function convert32(value: number, name: string): number {
  check(value, name, 0xffffffff);
  return isLittleEndian() ? swap32(value) : value;
}

function convert64(value: bigint, name: string): bigint {
  if (typeof value !== "bigint") {
    throw new TypeError(`${name} takes a bigint: ${String(value)}`);
  }
  if (value < 0n || value > 0xffff_ffff_ffff_ffffn) {
    throw new RangeError(`${name} takes 0 to 2**64 - 1: ${value}`);
  }
  if (!isLittleEndian()) return value;
  const low = swap32(Number(value & 0xffff_ffffn));
  const high = swap32(Number(value >> 32n));
  return (BigInt(low) << 32n) | BigInt(high);
}

/**
 * A 16-bit number from host to network order.
 *
 * @example
 * ```ts
 * import { htons, ntohs } from "@anysock/anysock/byteorder";
 *
 * console.log(ntohs(htons(80)) === 80);
 * ```
 *
 * @throws {RangeError} outside 0 to 65,535
 * @throws {TypeError} if it is no integer
 */
export function htons(value: number): number {
  return convert16(value, "htons");
}

/**
 * A 32-bit number from host to network order.
 *
 * @example
 * ```ts
 * import { htonl, ntohl } from "@anysock/anysock/byteorder";
 *
 * console.log(ntohl(htonl(0x7f000001)) === 0x7f000001);
 * ```
 *
 * @throws {RangeError} outside 0 to 4,294,967,295
 * @throws {TypeError} if it is no integer
 */
export function htonl(value: number): number {
  return convert32(value, "htonl");
}

/**
 * A 64-bit number from host to network order.
 *
 * @example
 * ```ts
 * import { htonll, ntohll } from "@anysock/anysock/byteorder";
 *
 * console.log(ntohll(htonll(1n)) === 1n);
 * ```
 *
 * @throws {RangeError} outside 0 to 2**64 − 1
 * @throws {TypeError} if it is no bigint
 */
export function htonll(value: bigint): bigint {
  return convert64(value, "htonll");
}

/**
 * A 16-bit number from network to host order: the same swap as `htons`.
 *
 * @throws {RangeError} outside 0 to 65,535
 * @throws {TypeError} if it is no integer
 */
export function ntohs(value: number): number {
  return convert16(value, "ntohs");
}

/**
 * A 32-bit number from network to host order: the same swap as `htonl`.
 *
 * @throws {RangeError} outside 0 to 4,294,967,295
 * @throws {TypeError} if it is no integer
 */
export function ntohl(value: number): number {
  return convert32(value, "ntohl");
}

/**
 * A 64-bit number from network to host order: the same swap as `htonll`.
 *
 * @throws {RangeError} outside 0 to 2**64 − 1
 * @throws {TypeError} if it is no bigint
 */
export function ntohll(value: bigint): bigint {
  return convert64(value, "ntohll");
}
