/**
 * Where `node:dgram` does less than it says, runtime by runtime: options that
 * do not reach the kernel are refused, lost error codes are worked out again.
 *
 * @module
 */

import type { Address, InetAddress } from "../../contracts.ts";
import type { DatagramOptionName, RawMembership } from "../seam/datagram.ts";
import type { DatagramFeature, DatagramSupports } from "../seam/supports.ts";
import { Fault, refuseOption } from "../seam/fault.ts";
import { isIndex, isLinkLocal, unknownZone, zoneOf } from "../seam/zones.ts";
import { datagramQuirks } from "./datagram_quirks.ts";
import { nodeFault } from "./error_mapping.ts";
import { isListed } from "./interfaces.ts";
import { type Host, nodeHost } from "./native.ts";
import { mayListInterfaces } from "./permission.ts";

/** Why a runtime without Unix datagrams has none. */
export const NO_UNIX_DATAGRAMS =
  "node:dgram has no Unix datagram sockets (nodejs/node#29339)";

type Gaps = Readonly<Partial<Record<DatagramFeature, string>>>;

const FORGETS: Gaps = {
  udpReconnect: "forgets a port that the kernel chose when the peer changes",
};

/** What the `node:dgram` of each host lacks, as said behind its name. */
const GAPS: Readonly<Record<Host["name"], Gaps>> = {
  bun: FORGETS,
  deno: {
    udpBufferSizes: "keeps buffer sizes to itself",
    udpConnRefused: "does not connect in the kernel",
    udpIpv6Hops: "does not set IPv6 hop limits",
    udpIpv6SourceMembership: "has no source-specific IPv6 groups",
    udpReusePort: "has no reusePort",
    udpSendErrors: "tells failures to send as ENETUNREACH",
  },
  node: FORGETS,
};

/** What the datagram sockets of `node:dgram` can do, on each runtime. */
export function nodeDatagramSupports(host: Host): DatagramSupports {
  const label = host.label.replace("node:net", "node:dgram");
  const gaps = { ...GAPS[host.name], ...olderGaps(host) };
  const support = (feature: DatagramFeature): true | string =>
    gaps[feature] === undefined || `${label} ${gaps[feature]}`;
  return {
    udpBufferSizes: support("udpBufferSizes"),
    udpConnRefused: support("udpConnRefused"),
    udpIpv6Hops: support("udpIpv6Hops"),
    udpIpv6SourceMembership: support("udpIpv6SourceMembership"),
    udpReconnect: support("udpReconnect"),
    udpReusePort: support("udpReusePort"),
    udpSendErrors: support("udpSendErrors"),
    unixDatagrams: NO_UNIX_DATAGRAMS,
  };
}

/** What a Node lacks that is older than others. */
function olderGaps(host: Host): Gaps {
  const has = host.name !== "node" || host.has("node", 23, 1) ||
    (host.has("node", 22, 12) && !host.has("node", 23, 0));
  return has ? {} : { udpReusePort: "ignores reusePort" };
}

/** Throws a Fault `ENOPROTOOPT` where `reusePort` would be ignored. */
export function demandReusePort(): void {
  const support = nodeDatagramSupports(nodeHost()).udpReusePort;
  if (typeof support === "string") refuseOption(support);
}

/** Throws a Fault `ENOPROTOOPT` where an option does not reach the kernel. */
export function demandOption(
  host: Host,
  family: "ipv4" | "ipv6",
  name: DatagramOptionName,
  value: number,
): void {
  const supports = nodeDatagramSupports(host);
  const isSize = name === "receiveBuffer" || name === "sendBuffer";
  const isHops = name === "ttl" || name === "multicastTtl";
  const support = isSize
    ? supports.udpBufferSizes
    : isHops && family === "ipv6"
    ? supports.udpIpv6Hops
    : true;
  if (typeof support === "string") refuseOption(support);
  if (isHops && value === 0 && datagramQuirks().refusesNoHops) {
    refuseOption(`${host.label.replace("net", "dgram")} refuses 0 hops`);
  }
}

/** Throws a Fault `ENOPROTOOPT` where one sender cannot be chosen. */
export function demandSource(host: Host, family: "ipv4" | "ipv6"): void {
  const support = nodeDatagramSupports(host).udpIpv6SourceMembership;
  if (family === "ipv6" && typeof support === "string") refuseOption(support);
}

/** The groups that were joined, for a runtime that says `EINVAL` to it all. */
export class MembershipLedger {
  readonly #joined: Set<string> = new Set();

  /** Throws what the kernel says to a second join. */
  demandAbsent(membership: RawMembership): void {
    if (this.#joined.has(keyOf(membership))) throw new Fault("EADDRINUSE");
  }

  /** Throws what the kernel says to leaving a group never joined. */
  demandPresent(membership: RawMembership): void {
    if (!this.#joined.has(keyOf(membership))) throw new Fault("EADDRNOTAVAIL");
  }

  /** Remembers a group. */
  joined(membership: RawMembership): void {
    this.#joined.add(keyOf(membership));
  }

  /** Forgets a group. */
  left(membership: RawMembership): void {
    this.#joined.delete(keyOf(membership));
  }
}

function keyOf({ group, interface: iface, source }: RawMembership): string {
  return `${group} ${iface} ${source ?? ""}`;
}

/** What is known of a send that failed with no code. */
export interface FailedSend {
  /** Where it was sent from. */
  readonly local: Address;
  /** Where it was to go. */
  readonly to: Address;
  /** Whether the socket may broadcast. */
  readonly isBroadcast: boolean;
}

/**
 * What a send failed of, by the kernel's own rules: Deno's `node:dgram` says
 * `UNKNOWN` to everything but `EMSGSIZE`.
 */
export function sendFault(error: unknown, failed: FailedSend): Fault {
  return new Fault(sendCode(failed), error);
}

function sendCode({ local, to, isBroadcast }: FailedSend): string {
  if (to.family === "unix" || local.family === "unix") return "EINVAL";
  const host = to.hostname.replace(/^::ffff:/, "");
  if (/^(24\d|25[0-4])\./.test(host)) return "EINVAL";
  // All hosts of the network, or most likely so.
  if (/\.255$/.test(host) && !isBroadcast) return "EACCES";
  if (unknownZoneOf(to) !== undefined) return "EAI_NONAME";
  const isFromLoopback = /^127\.|^::1$|^::ffff:127\./.test(local.hostname);
  const isToLoopback = /^127\.|^::1$/.test(host);
  if (isFromLoopback && !isToLoopback) {
    return to.family === "ipv4" ? "EINVAL" : "ENETUNREACH";
  }
  return "ENETUNREACH";
}

/** The zone that names no interface, as far as the program may ask. */
function unknownZoneOf(to: InetAddress): string | undefined {
  const zone = zoneOf(to);
  if (zone === undefined || isIndex(zone) || !mayListInterfaces()) {
    return undefined;
  }
  return isListed(zone) ? undefined : zone;
}

/** Throws a Fault `EAI_NONAME` that no kernel is asked for. */
export function demandKnownZone(peer: InetAddress): void {
  const zone = unknownZoneOf(peer);
  if (zone !== undefined) throw unknownZone(zone);
}

/** What a bind failed of with no code: only the zone was not checked. */
export function bindFault(error: unknown, address: InetAddress): Fault {
  const { code } = error as { readonly code?: string };
  const zone = zoneOf(address);
  const isZone = code === "UNKNOWN" && zone !== undefined &&
    isLinkLocal(address.hostname);
  if (!isZone) return nodeFault(error);
  return isIndex(zone) ? new Fault("ENODEV", error) : unknownZone(zone);
}
