/**
 * The text forms of IP addresses: strict parsing and canonical formatting.
 * Pure; no names, no I/O.
 *
 * @module
 */

import type { Bytes } from "./contracts.ts";

const DECIMAL = /^(0|[1-9][0-9]{0,2})$/;
const HEX_GROUP = /^[0-9a-fA-F]{1,4}$/;

/** The 4 bytes of a dotted quad, or `undefined`. No leading zeros, no short forms. */
export function parseIPv4(text: string): Bytes | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  const bytes = new Uint8Array(4);
  for (const [index, part] of parts.entries()) {
    const value = DECIMAL.test(part) ? Number(part) : 256;
    if (value > 255) return undefined;
    bytes[index] = value;
  }
  return bytes;
}

/** The 16 bytes of an IPv6 address without zone, or `undefined`. */
export function parseIPv6(text: string): Bytes | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] ?? "", halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? "", true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const given = head.length + tail.length;
  // "::" stands for one zero group at least.
  if (halves.length === 2 ? given > 14 : given !== 16) return undefined;
  const bytes = new Uint8Array(16);
  bytes.set(head, 0);
  bytes.set(tail, 16 - tail.length);
  return bytes;
}

/** The bytes of colon-separated groups; the last may be a dotted quad. */
function parseGroups(text: string, isLast: boolean): number[] | undefined {
  if (text === "") return [];
  const bytes: number[] = [];
  const groups = text.split(":");
  for (const [index, group] of groups.entries()) {
    if (HEX_GROUP.test(group)) {
      const value = parseInt(group, 16);
      bytes.push(value >> 8, value & 255);
      continue;
    }
    const quad = isLast && index === groups.length - 1
      ? parseIPv4(group)
      : undefined;
    if (quad === undefined) return undefined;
    bytes.push(...quad);
  }
  return bytes;
}

/** The dotted quad of 4 bytes. */
export function formatIPv4(bytes: Uint8Array): string {
  return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}`;
}

/** The canonical text of 16 bytes: RFC 5952, as `inet_ntop` writes it. */
export function formatIPv6(bytes: Uint8Array): string {
  const groups = Array.from(
    { length: 8 },
    (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0),
  );
  const quad = embeddedIPv4(groups, bytes);
  const hex = groups.slice(0, quad === undefined ? 8 : 6)
    .map((group) => group.toString(16));
  if (quad !== undefined) hex.push(quad);
  return compress(hex);
}

/** The quad that `inet_ntop` shows: of ::ffff:0:0/96 and of ::/96 above 0xffff. */
function embeddedIPv4(
  groups: readonly number[],
  bytes: Uint8Array,
): string | undefined {
  if (groups.slice(0, 5).some((group) => group !== 0)) return undefined;
  const isMapped = groups[5] === 0xffff;
  const isCompatible = groups[5] === 0 && groups[6] !== 0;
  return isMapped || isCompatible ? formatIPv4(bytes.subarray(12)) : undefined;
}

/** Replaces the first longest run of two or more zero groups by "::". */
function compress(groups: readonly string[]): string {
  let best = { at: -1, length: 1 };
  let at = 0;
  while (at < groups.length) {
    let end = at;
    while (groups[end] === "0") end++;
    if (end - at > best.length) best = { at, length: end - at };
    at = end + 1;
  }
  if (best.at < 0) return groups.join(":");
  const head = groups.slice(0, best.at).join(":");
  const tail = groups.slice(best.at + best.length).join(":");
  return `${head}::${tail}`;
}
