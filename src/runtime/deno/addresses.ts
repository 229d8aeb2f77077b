/**
 * Addresses, from Deno's shapes and to them.
 *
 * @module
 */

import type { Address, HostAndPort } from "../../contracts.ts";
import { hostFor } from "../node/addresses.ts";
import { zonedEnd } from "../node/sender_zones.ts";
import type { DenoConn } from "./native.ts";

/** The address shapes of Deno. */
type DenoAddress =
  | {
    readonly transport: "tcp" | "udp";
    readonly hostname: string;
    readonly port: number;
  }
  | { readonly transport: string; readonly path: string | null };

/** Where to connect or listen. */
export function toDenoTarget(address: Address | HostAndPort): object {
  if ("path" in address) return { transport: "unix", path: address.path };
  const zone = "scopeId" in address && address.scopeId !== undefined
    ? `%${address.scopeId}`
    : "";
  return {
    transport: "tcp",
    hostname: address.hostname + zone,
    port: address.port,
  };
}

/** Where to bind a datagram socket of a family, or to send from it. */
export function toDenoDatagram(
  family: Address["family"],
  address: Address,
): object {
  if (address.family === "unix") {
    return { transport: "unixpacket", path: address.path };
  }
  const hostname = hostFor(family as "ipv4" | "ipv6", address);
  return { transport: "udp", hostname, port: address.port };
}

/** What a connection was made with: the one end or the other. */
export interface GivenEnds {
  /** The listener's address. */
  readonly local?: Address;
  /** Where it was connected to. */
  readonly remote?: Address | HostAndPort;
}

/** The peer; `undefined` if it can no longer be named. */
export function remoteOf(
  conn: DenoConn,
  { local, remote }: GivenEnds,
): Address | undefined {
  // Deno tells the name that the listener was made under.
  if (remote !== undefined && "path" in remote) return remote as Address;
  return zoned(conn.remoteAddr, conn, remote ?? local);
}

/** This end; `undefined` if it can no longer be named. */
export function localOf(
  conn: DenoConn,
  { local, remote }: GivenEnds,
): Address | undefined {
  if (local?.family === "unix") return local;
  return zoned(conn.localAddr, conn, local ?? remote);
}

/** Deno leaves zones out. */
function zoned(
  told: unknown,
  { localAddr }: DenoConn,
  given: Address | HostAndPort | undefined,
): Address | undefined {
  const { hostname } = (localAddr ?? {}) as { readonly hostname?: string };
  return zonedEnd(toAddress(told), given, { localAddress: hostname });
}

/** `undefined` if the peer can no longer be named. */
export function toAddress(told: unknown): Address | undefined {
  if (told === null || told === undefined) return undefined;
  const address = told as DenoAddress;
  if ("path" in address) return { family: "unix", path: address.path ?? "" };
  const { hostname, port } = address;
  const family = hostname.includes(":") ? "ipv6" : "ipv4";
  return { family, hostname, port };
}
