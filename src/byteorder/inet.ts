/**
 * Internet addresses as text and as packed bytes in network order.
 *
 * @module
 */

import { AF_INET, AF_INET6 } from "../constants.ts";
import type { Bytes } from "../contracts.ts";
import { socketError } from "../errors.ts";
import { formatIPv4, formatIPv6, parseIPv4, parseIPv6 } from "../ip.ts";
import { viewBytes } from "../bytes.ts";
import type { StructBuffer } from "./pack.ts";

/** One part of a classic address: decimal, octal or hexadecimal, as in C. */
const PART = /^(?:0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/;

function text(value: string, op: string): string {
  if (typeof value === "string") return value;
  throw new TypeError(`${op} takes a string: ${String(value)}`);
}

function invalid(op: string, value: string): Error {
  const reason = `${JSON.stringify(value)} is no address`;
  return socketError("EINVAL", { op, reason });
}

/**
 * The four bytes of an IPv4 address, as C's `inet_aton` reads it: `"127.1"`,
 * `"0x7f.1"`, `"017700000001"` and `"2130706433"` are addresses too. Nothing
 * may follow it.
 *
 * @example
 * ```ts
 * import { inetAton, inetNtoa } from "@anysock/anysock";
 *
 * console.log(inetNtoa(inetAton("127.1"))); // 127.0.0.1
 * ```
 *
 * @throws {SocketError} `EINVAL` if the text is no address
 * @throws {TypeError} if it is no text
 */
export function inetAton(address: string): Bytes {
  const parts = text(address, "inetAton").split(".");
  const values = parts.map((part) => PART.test(part) ? read(part) : NaN);
  // The last part fills all the bytes that the others leave.
  const last = 2 ** (8 * (5 - parts.length));
  const isAddress = parts.length <= 4 &&
    values.every((value, i) => value < (i === parts.length - 1 ? last : 256));
  if (!isAddress) throw invalid("inetAton", address);
  const bytes = new Uint8Array(4);
  const tail = values.pop() ?? 0;
  new DataView(bytes.buffer).setUint32(0, tail);
  bytes.set(values);
  return bytes;
}

function read(part: string): number {
  if (/^0[xX]/.test(part)) return parseInt(part.slice(2), 16);
  return parseInt(part, part.startsWith("0") ? 8 : 10);
}

/**
 * The dotted text of the four bytes of an IPv4 address.
 *
 * @throws {TypeError} unless it is 4 bytes
 */
export function inetNtoa(packed: StructBuffer): string {
  return formatIPv4(sized(packed, 4, "inetNtoa"));
}

/**
 * The bytes of an address: 4 for `AF_INET`, 16 for `AF_INET6`. Strict: a
 * dotted quad without short forms and leading zeros, or an IPv6 address
 * without zone.
 *
 * @throws {SocketError} `EINVAL` if the text is no address of the family,
 * `EAFNOSUPPORT` for another family
 * @throws {TypeError} if it is no text
 */
export function inetPton(family: number, address: string): Bytes {
  checkFamily(family, "inetPton");
  const parse = family === AF_INET ? parseIPv4 : parseIPv6;
  const bytes = parse(text(address, "inetPton"));
  if (bytes === undefined) throw invalid("inetPton", address);
  return bytes;
}

/**
 * The text of a packed address, as `inet_ntop` writes it (RFC 5952).
 *
 * @example
 * ```ts
 * import { AF_INET6, inetNtop, inetPton } from "@anysock/anysock";
 *
 * console.log(inetNtop(AF_INET6, inetPton(AF_INET6, "0:0:0::1"))); // ::1
 * ```
 *
 * @throws {SocketError} `EAFNOSUPPORT` unless the family is `AF_INET` or
 * `AF_INET6`
 * @throws {TypeError} if the count of bytes is not the family's
 */
export function inetNtop(family: number, packed: StructBuffer): string {
  checkFamily(family, "inetNtop");
  return family === AF_INET
    ? formatIPv4(sized(packed, 4, "inetNtop"))
    : formatIPv6(sized(packed, 16, "inetNtop"));
}

function checkFamily(family: number, op: string): void {
  if (family === AF_INET || family === AF_INET6) return;
  throw socketError("EAFNOSUPPORT", {
    op,
    reason: `family ${String(family)} is neither AF_INET nor AF_INET6`,
  });
}

function sized(packed: StructBuffer, size: number, op: string): Uint8Array {
  const bytes = viewBytes(packed);
  if (bytes.length === size) return bytes;
  throw new TypeError(`${op} takes ${size} bytes: ${bytes.length} given`);
}
