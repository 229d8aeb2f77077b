/**
 * What the `node:dgram` of each host does in its own way, and what it gets
 * wrong: one record a host, as of `node:net` in `quirks.ts`.
 *
 * @module
 */

import { nodeHost } from "./native.ts";

/** How one host's `node:dgram` is. */
export interface DatagramQuirks {
  /** Sends that are not awaited leave in reverse. */
  readonly reversesSends: boolean;
  /** A datagram comes in 64 KiB of memory, however small. */
  readonly lendsMemory: boolean;
  /** `connect` tells the kernel nothing: neither filter nor refusal. */
  readonly connectsNothing: boolean;
  /** An earlier datagram's ICMP error fails the next send, to whomever. */
  readonly tellsStrangersErrors: boolean;
  /** `ENOBUFS` for a datagram that a full queue on the way has dropped. */
  readonly tellsDrops: boolean;
  /** `EINVAL` to a group joined twice or never. */
  readonly tellsGroupsAsInvalid: boolean;
  /** Zones are given to the kernel as they are, and left out when told. */
  readonly asksForZones: boolean;
  /** A hop limit of 0 is refused, which keeps multicast on the host. */
  readonly refusesNoHops: boolean;
}

/** Node's own. */
const NODE: DatagramQuirks = {
  reversesSends: false,
  lendsMemory: false,
  connectsNothing: false,
  tellsStrangersErrors: false,
  tellsDrops: false,
  tellsGroupsAsInvalid: false,
  asksForZones: false,
  refusesNoHops: false,
};

/** Bun's own. */
const BUN: DatagramQuirks = {
  ...NODE,
  tellsStrangersErrors: true,
  tellsDrops: true,
  refusesNoHops: true,
};

/** Deno's own. */
const DENO: DatagramQuirks = {
  reversesSends: true,
  lendsMemory: true,
  connectsNothing: true,
  tellsStrangersErrors: false,
  tellsDrops: false,
  tellsGroupsAsInvalid: true,
  asksForZones: true,
  refusesNoHops: true,
};

/** How the `node:dgram` of this host is. */
export function datagramQuirks(): DatagramQuirks {
  const { name } = nodeHost();
  if (name === "deno") return DENO;
  return name === "bun" ? BUN : NODE;
}
