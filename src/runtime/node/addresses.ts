/**
 * Addresses as `node:net` tells and takes them.
 *
 * @module
 */

import type { Address, HostAndPort, InetAddress } from "../../contracts.ts";
import type { NodeSocket } from "./native.ts";
import { zonedEnd } from "./sender_zones.ts";

/** The address of an Internet socket; `undefined` if it cannot be told. */
export function inetAddress(
  host: string | undefined,
  port: number | undefined,
): Address | undefined {
  if (host === undefined || port === undefined) return undefined;
  return toAddress(host, port);
}

/** The address of a numeric host, with its zone where it has one. */
export function toAddress(host: string, port: number): InetAddress {
  if (!host.includes(":")) return { family: "ipv4", hostname: host, port };
  const zone = host.indexOf("%");
  if (zone < 0) return { family: "ipv6", hostname: host, port };
  return {
    family: "ipv6",
    hostname: host.slice(0, zone),
    port,
    scopeId: host.slice(zone + 1),
  };
}

/** The host as `node:net` takes it: numeric with its zone, or a name. */
export function hostText(address: Address | HostAndPort): string {
  if ("path" in address) return address.path;
  return "scopeId" in address && address.scopeId !== undefined
    ? `${address.hostname}%${address.scopeId}`
    : address.hostname;
}

/**
 * The host as a datagram socket of a family takes it: Node takes no IPv4
 * address on an IPv6 socket, though the kernel does.
 */
export function hostFor(family: "ipv4" | "ipv6", to: InetAddress): string {
  if (family === "ipv6" && to.family === "ipv4") return `::ffff:${to.hostname}`;
  return to.scopeId === undefined ? to.hostname : hostText(to);
}

/** The part of the options that says where to connect or listen. */
export function target(address: Address | HostAndPort): object {
  return "path" in address
    ? { path: address.path }
    : { host: hostText(address), port: address.port };
}

/** The addresses of a stream, as far as they are known. */
export interface Ends {
  /** The address of the peer. */
  readonly remote: Address | undefined;
  /** The address of this end. */
  readonly local: Address | undefined;
}

/**
 * The addresses of an Internet socket, `given` one of them with its zone, which
 * Bun leaves out. Asking for `local` costs 1 µs.
 */
export function inetEnds(
  socket: NodeSocket,
  given?: Address | HostAndPort,
  local?: Address,
): Ends {
  const remote = inetAddress(socket.remoteAddress, socket.remotePort);
  return {
    remote: zonedEnd(remote, given, socket),
    local: local ??
      zonedEnd(
        inetAddress(socket.localAddress, socket.localPort),
        given,
        socket,
      ),
  };
}

/** Those of a Unix socket of which nothing is known: it has no names. */
export function unnamedEnds(): Ends {
  const unnamed: Address = { family: "unix", path: "" };
  return { remote: unnamed, local: unnamed };
}
