/**
 * Zones of IPv6 addresses: which interface a link-local address is meant on.
 *
 * @module
 */

import type { Address, HostAndPort } from "../../contracts.ts";
import { Fault } from "./fault.ts";

/** `fe80::/10`, and groups of the same scope. */
const LINK_LOCAL = /^fe[89ab][\da-f]:|^ff[\da-f]2:/;

/** Whether an address means nothing without its zone. */
export function isLinkLocal(hostname: string): boolean {
  return LINK_LOCAL.test(hostname);
}

/** The zone of an address; `undefined` if it has none, which 0 means, too. */
export function zoneOf(address: Address | HostAndPort): string | undefined {
  const zone = "scopeId" in address ? address.scopeId : undefined;
  return zone === undefined || /^0+$/.test(zone) ? undefined : zone;
}

/** Whether a zone is the index of an interface, not its name. */
export function isIndex(zone: string): boolean {
  return /^\d+$/.test(zone);
}

/** What `getaddrinfo` says of a zone that names no interface. */
export function unknownZone(zone: string): Fault {
  return new Fault("EAI_NONAME", undefined, `no interface is named ${zone}`);
}

/**
 * Throws a Fault `EAI_NONAME` for a name of an interface where none belongs:
 * `getaddrinfo` takes it for link-local addresses alone, and only some
 * runtimes ask that.
 */
export function demandZone(address: Address | HostAndPort): void {
  const zone = zoneOf(address);
  if (zone === undefined || isIndex(zone)) return;
  if ("hostname" in address && isLinkLocal(address.hostname)) return;
  const reason = `${zone} is a zone, and the address is not link-local`;
  throw new Fault("EAI_NONAME", undefined, reason);
}
