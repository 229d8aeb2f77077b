/**
 * The values of socket options: numbers, C structures as bytes, and the
 * members of a multicast group in words.
 *
 * @module
 */

import { show } from "../../address.ts";
import type { Bytes } from "../../contracts.ts";
import { formatIPv4, formatIPv6, parseIPv4, parseIPv6 } from "../../ip.ts";
import type { RawMembership } from "../../runtime/seam/datagram.ts";
import { toBytes } from "../../bytes.ts";

/** A multicast group, or the interface that multicast leaves by. */
export interface Membership {
  /** The group's numeric address; not for `IP_MULTICAST_IF`. */
  readonly group?: string;
  /**
   * The interface: its name, its index, or for IPv4 one of its addresses.
   * Without one the system chooses.
   */
  readonly interface?: string | number;
  /** The one sender to hear (source-specific multicast). */
  readonly source?: string;
}

/** What `setSockOpt` takes: a number, a C structure's bytes, or words. */
export type OptionValue = number | ArrayBufferView | ArrayBuffer | Membership;

/** An `int`, as a number or as 1 or 4 bytes in this machine's order. */
export function readNumber(value: OptionValue): number {
  if (typeof value === "number") {
    if (Number.isInteger(value)) return value;
    throw new RangeError(`An option's value is an integer: ${value}`);
  }
  const bytes = structure(value);
  if (bytes?.length === 1) return bytes[0]!;
  if (bytes?.length === 4) return new Int32Array(bytes.slice().buffer)[0]!;
  throw new TypeError(
    `This option's value is an integer, or 1 or 4 bytes: ${show(value)}`,
  );
}

/** An `int` as bytes in this machine's order. */
export function toNumberBytes(value: number): Bytes {
  return new Uint8Array(new Int32Array([value]).buffer);
}

/**
 * The interface for `IP_MULTICAST_IF` (`struct in_addr`, or a number such as
 * `INADDR_LOOPBACK`) and `IPV6_MULTICAST_IF` (an index).
 */
export function readInterface(
  value: OptionValue,
  version: 4 | 6,
): string | number {
  if (version === 6) {
    return isWords(value)
      ? checkInterface(value.interface)
      : checkInterface(readNumber(value));
  }
  if (isWords(value)) return checkInterface(value.interface);
  if (typeof value === "number") {
    const [a, b, c, d] = [24, 16, 8, 0].map((shift) => (value >>> shift) & 255);
    return `${a}.${b}.${c}.${d}`;
  }
  const bytes = structure(value)!;
  if (bytes.length === 4) return formatIPv4(bytes);
  throw new TypeError(`struct in_addr has 4 bytes: ${bytes.length}`);
}

function checkInterface(value: unknown): string | number {
  if (value === undefined) return 0;
  if (typeof value === "string" && /^[^\s/%]{1,64}$/.test(value)) return value;
  if (Number.isInteger(value) && (value as number) >= 0) return value as number;
  throw new TypeError(`Not the name or index of an interface: ${show(value)}`);
}

/** The group of a membership option. */
export function readMembership(
  value: OptionValue,
  version: 4 | 6,
  hasSource: boolean,
): RawMembership {
  if (typeof value === "number") {
    throw new TypeError(`A membership is no number: ${value}`);
  }
  const read = isWords(value)
    ? inWords(value)
    : version === 6
    ? ipv6Mreq(structure(value)!)
    : ipMreq(structure(value)!, hasSource);
  checkGroup(read.group, version);
  if (read.source !== undefined) checkHost(read.source, version);
  if (hasSource && read.source === undefined) {
    throw new TypeError("This option needs a source");
  }
  return read;
}

function inWords(value: Membership): RawMembership {
  const { group, source } = value;
  if (typeof group !== "string") {
    throw new TypeError(`A membership has a group: ${show(value)}`);
  }
  return { group, interface: checkInterface(value.interface), source };
}

/** `struct ip_mreq`, `ip_mreqn`, or `ip_mreq_source` in Linux's order. */
function ipMreq(bytes: Uint8Array, hasSource: boolean): RawMembership {
  if (bytes.length !== 12 && (hasSource || bytes.length !== 8)) {
    const sizes = hasSource ? "12" : "8 or 12";
    throw new TypeError(`struct ip_mreq has ${sizes} bytes: ${bytes.length}`);
  }
  const group = formatIPv4(bytes);
  const local = formatIPv4(bytes.subarray(4));
  const index = bytes.length === 12 && !hasSource
    ? readNumber(bytes.slice(8))
    : 0;
  const iface = index !== 0 ? index : local === "0.0.0.0" ? 0 : local;
  const source = hasSource ? formatIPv4(bytes.subarray(8)) : undefined;
  return { group, interface: iface, source };
}

/** `struct ipv6_mreq`. */
function ipv6Mreq(bytes: Uint8Array): RawMembership {
  if (bytes.length !== 20) {
    throw new TypeError(`struct ipv6_mreq has 20 bytes: ${bytes.length}`);
  }
  return {
    group: formatIPv6(bytes),
    interface: readNumber(bytes.slice(16)),
    source: undefined,
  };
}

function checkGroup(group: string, version: 4 | 6): void {
  const first = checkHost(group, version)[0]!;
  if (version === 4 ? first >> 4 === 14 : first === 255) return;
  throw new RangeError(`Not a multicast group: ${group}`);
}

function checkHost(text: string, version: 4 | 6): Uint8Array {
  const bytes = version === 4 ? parseIPv4(text) : parseIPv6(text);
  if (bytes !== undefined) return bytes;
  throw new TypeError(`Not an IPv${version} address: ${show(text)}`);
}

function isWords(value: OptionValue): value is Membership {
  return typeof value === "object" && value !== null &&
    structure(value) === undefined;
}

function structure(value: OptionValue): Uint8Array | undefined {
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    return toBytes(value);
  }
  return undefined;
}
