/**
 * Addresses as Bun tells and takes them.
 *
 * @module
 */

import type { Address, HostAndPort } from "../../contracts.ts";
import { hostText } from "../node/addresses.ts";
import { zonedEnd } from "../node/sender_zones.ts";
import { Fault } from "../seam/fault.ts";
import type { BunListener, BunSocket } from "./native.ts";

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

/** The address that Bun tells, with no zone; `undefined` if it cannot. */
function toInetAddress(
  hostname: string | undefined,
  port: number | undefined,
): Address | undefined {
  if (hostname === undefined || port === undefined) return undefined;
  const family = hostname.includes(":") ? "ipv6" : "ipv4";
  return { family, hostname, port };
}

/** The address that a listener has got. */
export function boundOf(
  listener: BunListener,
  asked: HostAndPort,
): Address | undefined {
  const { getsockname, port } = listener;
  const bound: { address?: string; port?: number } = {};
  // Bun before 1.2.23 tells the port alone, and of a foreign descriptor none.
  if (getsockname === undefined) {
    bound.address = asked.hostname;
    bound.port = port;
  } else getsockname.call(listener, bound);
  return zonedEnd(toInetAddress(bound.address, bound.port), asked);
}

/**
 * The peer of an Internet socket; `undefined` once it is gone. Bun before
 * 1.2.10 tells no port: it is the one `asked` for. What was `given` for one of
 * the ends has its zone.
 */
export function remoteOf(
  socket: BunSocket,
  asked?: Address | HostAndPort,
  given: Address | HostAndPort | undefined = asked,
): Address | undefined {
  const { remoteAddress, remotePort } = socket;
  const askedPort = asked !== undefined && "port" in asked
    ? asked.port
    : undefined;
  const told = toInetAddress(remoteAddress, remotePort ?? askedPort);
  return zonedEnd(told, given, socket);
}

/** This end of an Internet socket; what was `given` for one has its zone. */
export function localOf(
  socket: BunSocket,
  given?: Address | HostAndPort,
): Address | undefined {
  const told = toInetAddress(socket.localAddress, socket.localPort);
  return zonedEnd(told, given, socket);
}

/** Whether Bun is of before 1.2.10, and the socket connected. */
export function tellsPortAlone(socket: BunSocket): boolean {
  return socket.localAddress === undefined && (socket.localPort ?? 0) > 0;
}

/** Whether it stands for every address of this machine. */
export function isWildcard(hostname: string): boolean {
  return hostname === "0.0.0.0" || hostname === "::";
}
