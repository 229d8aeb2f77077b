/**
 * The values of multicast options: groups, and the interface that multicast
 * leaves by.
 *
 * @module
 */

import { show } from "../../address.ts";
import type { Bytes } from "../../contracts.ts";
import { formatIPv4, formatIPv6, parseIPv4, parseIPv6 } from "../../ip.ts";
import type { RawMembership } from "../../runtime/seam/datagram.ts";
import { type OptionKey, optionLabel } from "./names.ts";
import {
  intBytes,
  inWords,
  readInt,
  structure,
  type ValueType,
  wrongType,
} from "./values.ts";

/** The interface that multicast leaves by: `struct in_addr` in words. */
export interface MulticastInterface {
  /**
   * The interface: its name, its index, or for IPv4 one of its addresses.
   * Without one the system chooses.
   */
  readonly interface?: string | number;
}

/** A multicast group: `struct ip_mreq` and its like in words. */
export interface Membership extends MulticastInterface {
  /** The group's numeric address. */
  readonly group: string;
  /** The one sender to hear (source-specific multicast). */
  readonly source?: string;
}

/** The version of the Internet protocol. */
type Version = 4 | 6;

/** Of `IP_MULTICAST_IF` and `IPV6_MULTICAST_IF`. */
export function multicastInterface(
  version: Version,
): ValueType<string | number> {
  const wants = version === 4
    ? "{ interface }, an address as a number or struct in_addr's 4 bytes"
    : "{ interface }, an index or its 4 bytes";
  return {
    wants,
    read(value, key) {
      const words = inWords(value, ["interface"]);
      if (words !== undefined) return toInterface(words.interface, key);
      const number = toNumber(value, version) ?? wrongType(value, key, wants);
      const most = version === 4 ? 0xffffffff : LARGEST_INDEX;
      if (!Number.isInteger(number) || number < 0 || number > most) {
        throw new RangeError(`${optionLabel(key)} is 0 to ${most}: ${number}`);
      }
      return version === 6 ? number : dotted(number);
    },
    toBytes: (value) => interfaceBytes(value, version),
  };
}

/** Of the options that join and leave. */
export function membership(
  version: Version,
  hasSource: boolean,
): ValueType<RawMembership> {
  const source = hasSource ? "source, " : "";
  const struct = version === 6
    ? "struct ipv6_mreq's 20 bytes"
    : hasSource
    ? "struct ip_mreq_source's 12 bytes"
    : "struct ip_mreq's 8 or 12 bytes";
  const wants = `{ group, ${source}interface } or ${struct}`;
  return {
    wants,
    read(value, key) {
      const read = fromWords(value, key) ??
        fromStructure(structure(value), version, hasSource);
      if (read === undefined) return wrongType(value, key, wants);
      if (hasSource && read.source === undefined) {
        throw new TypeError(`${optionLabel(key)} needs a source`);
      }
      checkGroup(read.group, version, key);
      if (read.source !== undefined) checkHost(read.source, version, key);
      return read;
    },
    toBytes: (value) => membershipBytes(value, version),
  };
}

// ---- words

function fromWords(value: unknown, key: OptionKey): RawMembership | undefined {
  const words = inWords(value, ["group", "interface", "source"]);
  const { group, interface: iface, source } = words ?? {};
  if (typeof group !== "string") return undefined;
  if (source !== undefined && typeof source !== "string") {
    throw new TypeError(
      `The source of ${optionLabel(key)} is a numeric address: ${show(source)}`,
    );
  }
  return { group, interface: toInterface(iface, key), source };
}

function toInterface(iface: unknown, key: OptionKey): string | number {
  if (iface === undefined) return 0;
  if (typeof iface === "string" && /^[^\s/%]{1,64}$/.test(iface)) return iface;
  if (isIndex(iface)) return iface;
  throw new TypeError(
    `The interface of ${optionLabel(key)} is a name or an index: ${
      show(iface)
    }`,
  );
}

/** The largest index of an interface: an `int`. */
const LARGEST_INDEX = 0x7fffffff;

function isIndex(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 &&
    (value as number) <= LARGEST_INDEX;
}

/** An index, or an address: in the network's order where it is bytes. */
function toNumber(value: unknown, version: Version): number | undefined {
  if (typeof value === "number") return value;
  const bytes = structure(value);
  if (bytes?.length !== 4) return undefined;
  if (version === 6) return readInt(bytes);
  return new DataView(bytes.slice().buffer).getUint32(0);
}

function dotted(number: number): string {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join(".");
}

function checkGroup(group: string, version: Version, key: OptionKey): void {
  const first = checkHost(group, version, key)[0]!;
  if (version === 4 ? first >> 4 === 14 : first === 255) return;
  throw new RangeError(
    `${optionLabel(key)} takes an address of a multicast group: ${group}`,
  );
}

function checkHost(
  text: string,
  version: Version,
  key: OptionKey,
): Uint8Array {
  const bytes = parseHost(text, version);
  if (bytes !== undefined) return bytes;
  throw new TypeError(
    `${optionLabel(key)} takes IPv${version} addresses: ${show(text)}`,
  );
}

function parseHost(text: string, version: Version): Uint8Array | undefined {
  return version === 4 ? parseIPv4(text) : parseIPv6(text);
}

// ---- structures

function fromStructure(
  bytes: Uint8Array | undefined,
  version: Version,
  hasSource: boolean,
): RawMembership | undefined {
  if (bytes === undefined) return undefined;
  return version === 6 ? ipv6Mreq(bytes) : ipMreq(bytes, hasSource);
}

/** `struct ip_mreq`, `ip_mreqn`, or `ip_mreq_source` in Linux's order. */
function ipMreq(
  bytes: Uint8Array,
  hasSource: boolean,
): RawMembership | undefined {
  if (bytes.length !== 12 && (hasSource || bytes.length !== 8)) {
    return undefined;
  }
  const group = formatIPv4(bytes);
  const local = formatIPv4(bytes.subarray(4));
  const index = bytes.length === 12 && !hasSource
    ? readInt(bytes.subarray(8)) >>> 0
    : 0;
  const iface = index !== 0 ? index : local === ANY ? 0 : local;
  const source = hasSource ? formatIPv4(bytes.subarray(8)) : undefined;
  return { group, interface: iface, source };
}

/** `struct ipv6_mreq`. */
function ipv6Mreq(bytes: Uint8Array): RawMembership | undefined {
  if (bytes.length !== 20) return undefined;
  return {
    group: formatIPv6(bytes),
    interface: readInt(bytes.subarray(16)) >>> 0,
    source: undefined,
  };
}

const ANY = "0.0.0.0";

/** `struct in_addr`, `struct ip_mreqn`, or an index. */
function interfaceBytes(
  value: string | number,
  version: Version,
): Bytes | undefined {
  if (version === 6) {
    return typeof value === "number" ? intBytes(value) : undefined;
  }
  if (value === 0) return new Uint8Array(4);
  if (typeof value === "string") return asBytes(parseIPv4(value));
  return joined(new Uint8Array(8), intBytes(value));
}

/** What the kernel takes. An interface by its name has no such form. */
function membershipBytes(
  { group, interface: iface, source }: RawMembership,
  version: Version,
): Bytes | undefined {
  const groupBytes = parseHost(group, version)!;
  if (version === 6) {
    if (source !== undefined || typeof iface === "string") return undefined;
    return joined(groupBytes, intBytes(iface));
  }
  const local = typeof iface === "string" ? parseIPv4(iface) : ANY_BYTES;
  if (local === undefined) return undefined;
  if (source === undefined) {
    const index = typeof iface === "number" ? iface : 0;
    return joined(groupBytes, local, intBytes(index));
  }
  const hasIndex = typeof iface === "number" && iface !== 0;
  return hasIndex ? undefined : joined(groupBytes, local, parseIPv4(source)!);
}

const ANY_BYTES = new Uint8Array(4);

function asBytes(bytes: Uint8Array | undefined): Bytes | undefined {
  return bytes === undefined ? undefined : new Uint8Array(bytes);
}

function joined(...parts: readonly Uint8Array[]): Bytes {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}
