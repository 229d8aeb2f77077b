/**
 * Zones of addresses that a runtime tells without: what the socket was given
 * is known.
 *
 * @module
 */

import type { Address, HostAndPort, InetAddress } from "../../contracts.ts";
import { isLinkLocal } from "../seam/zones.ts";
import { interfacesAt, linkLocalInterfaces } from "./interfaces.ts";
import { mayListInterfaces } from "./permission.ts";

/** So many senders are remembered. */
const MAX_KNOWN = 1024;

/** The link-local address with its zone; any other as it is. */
export function withZone<T extends Address>(
  address: T,
  zone: string | undefined,
): T {
  const isIt = zone !== undefined && address.family === "ipv6" &&
    address.scopeId === undefined && isLinkLocal(address.hostname);
  return isIt ? { ...address, scopeId: zone } : address;
}

/** What tells the address of this end; asking costs. */
interface LocalEnd {
  readonly localAddress?: string | undefined;
}

/**
 * An end of a connection as the program can use it again. A link-local one has
 * the zone of the address that the connection was made with, else that of the
 * interface which has the local address of the connection.
 */
export function zonedEnd(
  told: Address | undefined,
  given: Address | HostAndPort | undefined,
  ends: LocalEnd = {},
): Address | undefined {
  const isBare = told?.family === "ipv6" && told.scopeId === undefined &&
    isLinkLocal(told.hostname);
  if (!isBare) return told;
  const zone = given !== undefined && "scopeId" in given
    ? given.scopeId
    : undefined;
  return withZone(told, zone ?? interfaceAt(ends.localAddress));
}

/** The interface of a link-local address, if it is one's only. */
function interfaceAt(hostname = ""): string | undefined {
  // Bun before 1.2.10 tells another address, of another interface.
  if (!isLinkLocal(hostname)) return undefined;
  return only(() => interfacesAt(hostname));
}

/** The one interface that is found, where the program can and may look. */
function only(find: () => readonly string[]): string | undefined {
  if (!mayListInterfaces()) return undefined;
  try {
    const [first, second] = find();
    return second === undefined ? first : undefined;
  } catch {
    // Deno 2.0 may not have loaded what lists them.
    return undefined;
  }
}

/** The zones that one datagram socket has to do with. */
export class SenderZones {
  /** The zone it is bound to: nobody else is heard. */
  readonly #own: string | undefined;
  readonly #known: Map<string, string> = new Map();

  /** For a socket that is bound to an address. */
  constructor(local: Address) {
    this.#own = local.family === "ipv6" ? local.scopeId : undefined;
  }

  /** The program has named an address, perhaps with its zone. */
  given(to: Address): void {
    if (to.family !== "ipv6" || to.scopeId === undefined) return;
    if (this.#own === undefined) this.#remember(to.hostname, to.scopeId);
  }

  /** A sender as the program can answer it. */
  complete(from: Address): Address {
    if (from.family !== "ipv6" || !isLinkLocal(from.hostname)) return from;
    return withZone(from, this.#zoneOf(from));
  }

  #zoneOf({ hostname }: InetAddress): string | undefined {
    const known = this.#own ?? this.#known.get(hostname);
    if (known !== undefined) return known;
    const found = only(linkLocalInterfaces);
    if (found !== undefined) this.#remember(hostname, found);
    return found;
  }

  #remember(hostname: string, zone: string): void {
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.set(hostname, zone);
  }
}
