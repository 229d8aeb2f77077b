/**
 * Addresses as Bun tells and takes them.
 *
 * @module
 */

import type { Address, HostAndPort } from "../../contracts.ts";
import { hostText } from "../node/addresses.ts";
import { Fault } from "../seam/fault.ts";
import type { BunSocket } from "./native.ts";

/** The name of a Unix socket that has none. */
export const UNNAMED: Address = { family: "unix", path: "" };

/** The part of the options that says where to connect or listen. */
export function toBunTarget(address: Address | HostAndPort): object {
  if ("path" in address) return { unix: address.path };
  return { hostname: hostText(address), port: address.port };
}

/** The part of the options that says what to bind to first. */
export function toBunSource(
  target: Address | HostAndPort,
  source: Address | undefined,
): object {
  if (source === undefined) return {};
  if (source.family === "unix") {
    throw new Fault("EOPNOTSUPP", undefined, "Bun cannot name a Unix client");
  }
  // Bun would say that nobody listens.
  if ("family" in target && target.family !== source.family) {
    throw new Fault("EAFNOSUPPORT");
  }
  // Bun takes no notice of a `localPort` alone.
  return { localAddress: hostText(source), localPort: source.port };
}

/**
 * The address that Bun tells; `undefined` if it cannot. Bun leaves the zone
 * out: it is the one of the address `asked` for.
 */
export function toInetAddress(
  hostname: string | undefined,
  port: number | undefined,
  asked?: Address | HostAndPort,
): Address | undefined {
  if (hostname === undefined || port === undefined) return undefined;
  if (!hostname.includes(":")) return { family: "ipv4", hostname, port };
  const scopeId = asked !== undefined && "scopeId" in asked
    ? asked.scopeId
    : undefined;
  return scopeId === undefined
    ? { family: "ipv6", hostname, port }
    : { family: "ipv6", hostname, port, scopeId };
}

/**
 * The peer of an Internet socket; `undefined` once it is gone. Bun before
 * 1.2.10 tells no port: it is the one `asked` for.
 */
export function remoteOf(
  socket: BunSocket,
  asked?: Address | HostAndPort,
): Address | undefined {
  const { remoteAddress, remotePort } = socket;
  const askedPort = asked !== undefined && "port" in asked
    ? asked.port
    : undefined;
  return toInetAddress(remoteAddress, remotePort ?? askedPort, asked);
}

/** This end of an Internet socket. */
export function localOf(
  socket: BunSocket,
  asked?: Address | HostAndPort,
): Address | undefined {
  return toInetAddress(socket.localAddress, socket.localPort, asked);
}

/** Whether Bun is of before 1.2.10, and the socket connected. */
export function tellsPortAlone(socket: BunSocket): boolean {
  return socket.localAddress === undefined && (socket.localPort ?? 0) > 0;
}

/** Whether it stands for every address of this machine. */
export function isWildcard(hostname: string): boolean {
  return hostname === "0.0.0.0" || hostname === "::";
}
