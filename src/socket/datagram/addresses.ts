/**
 * Addresses as datagram sockets need them.
 *
 * @module
 */

import type { AddressFamily } from "../../constants.ts";
import { AF_INET } from "../../constants.ts";
import type { Address, HostAndPort } from "../../contracts.ts";
import { socketError } from "../../errors.ts";
import {
  MAX_IPV4_PAYLOAD_BYTES,
  MAX_IPV6_PAYLOAD_BYTES,
} from "../../runtime/seam/datagram.ts";
import type { ResolvedHost } from "../../runtime/seam/names.ts";
import type { Runtime } from "../../runtime/seam/runtime.ts";
import { Fault } from "../../runtime/seam/fault.ts";

/** As a destination the wildcard is this host, as the kernel has it. */
export function reachable(to: Address): Address {
  if (to.family === "unix") return to;
  if (to.family === "ipv4" && to.hostname === "0.0.0.0") {
    return { ...to, hostname: "127.0.0.1" };
  }
  return to.hostname === "::" ? { ...to, hostname: "::1" } : to;
}

/**
 * The address that a name stands for. An IPv6 socket takes an IPv4 address if
 * there is no other.
 *
 * @throws {Fault} `EAI_…`, by rejecting.
 */
export async function resolveName(
  runtime: Runtime,
  { hostname, port }: HostAndPort,
  family: AddressFamily,
): Promise<Address> {
  const version = family === AF_INET ? 4 : 6;
  let hosts: readonly ResolvedHost[];
  try {
    hosts = await runtime.lookup(hostname, version);
  } catch (error) {
    if (version === 4) throw error;
    hosts = await runtime.lookup(hostname, 4);
  }
  const [host] = hosts;
  if (host === undefined) throw new Fault("EAI_NONAME");
  return { ...host, port };
}

/** Throws `EMSGSIZE` for what is too long for one datagram to an address. */
export function demandFits(bytes: number, to: Address, op: string): void {
  if (bytes <= MAX_IPV4_PAYLOAD_BYTES || to.family === "unix") return;
  const isIPv4 = to.family === "ipv4" || to.hostname.startsWith("::ffff:");
  if (!isIPv4 && bytes <= MAX_IPV6_PAYLOAD_BYTES) return;
  throw socketError("EMSGSIZE", { op, address: to });
}
