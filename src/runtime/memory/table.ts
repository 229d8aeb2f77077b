/**
 * Which addresses a memory network has, and who listens where: the rules of
 * Linux for claiming ports and paths.
 *
 * @module
 */

import type { Address, InetAddress } from "../../contracts.ts";
import { Fault } from "../seam/fault.ts";
import type { RawListenOptions } from "../seam/stream.ts";
import type { MemoryListener } from "./listener.ts";

/** The range that IANA sets aside for ephemeral ports (RFC 6335). */
const FIRST_EPHEMERAL_PORT = 49_152;
const LAST_PORT = 65_535;

const MAPPED = "::ffff:";

/** An address that a listener holds. */
export interface Claim {
  readonly address: Address;
  readonly reusePort: boolean;
  readonly ipv6Only: boolean;
  listener: MemoryListener | undefined;
}

/** An IPv4 address as an IPv6 socket sees it, and back. */
export function mapped(address: InetAddress): InetAddress {
  const { hostname, port } = address;
  return { family: "ipv6", hostname: MAPPED + hostname, port };
}

/** The IPv4 address within a mapped IPv6 one; anything else as it is. */
export function unmapped(address: Address): Address {
  if (address.family !== "ipv6" || !address.hostname.startsWith(MAPPED)) {
    return address;
  }
  const hostname = address.hostname.slice(MAPPED.length);
  return { family: "ipv4", hostname, port: address.port };
}

/** Whether this is `INADDR_ANY` or `in6addr_any`. */
export function isWildcard(address: Address): boolean {
  if (address.family === "unix") return false;
  return address.hostname === (address.family === "ipv4" ? "0.0.0.0" : "::");
}

/** Whether a stream can go there at all: a group of hosts is no peer. */
export function isGroup(address: Address): boolean {
  const plain = unmapped(address);
  if (plain.family === "unix") return false;
  if (plain.family === "ipv6") return /^ff[0-9a-f]{2}:/.test(plain.hostname);
  const first = Number(plain.hostname.split(".")[0]);
  return (first >= 224 && first < 240) ||
    plain.hostname === "255.255.255.255";
}

/** The claimed addresses of one host. */
export class AddressTable {
  readonly #hosts: ReadonlySet<string>;
  readonly #claims: Map<string, Claim[]> = new Map();
  /** Local ends of connections, as `host:port`. */
  readonly #bound: Set<string> = new Set();
  #nextPort = FIRST_EPHEMERAL_PORT;
  #turn = 0;

  /** A table for a host with these numeric addresses besides loopback. */
  constructor(hosts: Iterable<string>) {
    this.#hosts = new Set(hosts);
  }

  /** Whether the host has the address. */
  has(address: Address): boolean {
    const plain = unmapped(address);
    if (plain.family === "unix" || isWildcard(plain)) return true;
    const { family, hostname } = plain;
    const isLoopback = family === "ipv4"
      ? hostname.startsWith("127.")
      : hostname === "::1";
    return isLoopback || this.#hosts.has(hostname);
  }

  /** Claims the address of a listener and gives it, port filled in. */
  claim(
    address: Address,
    options: Pick<RawListenOptions, "reusePort" | "ipv6Only">,
  ): Claim {
    if (!this.has(address)) throw new Fault("EADDRNOTAVAIL");
    const claim: Claim = {
      address: this.#withPort(address),
      reusePort: options.reusePort ?? false,
      ipv6Only: options.ipv6Only ?? false,
      listener: undefined,
    };
    const others = this.#at(claim.address);
    const isTaken = others.some((other) =>
      overlaps(other, claim) && !(other.reusePort && claim.reusePort)
    );
    if (isTaken) throw new Fault("EADDRINUSE");
    this.#claims.set(placeOf(claim.address), [...others, claim]);
    return claim;
  }

  /** Gives a listener's address back. */
  release(claim: Claim): void {
    const place = placeOf(claim.address);
    const rest = this.#at(claim.address).filter((other) => other !== claim);
    if (rest.length === 0) this.#claims.delete(place);
    else this.#claims.set(place, rest);
  }

  /** Who answers at an address: the most specific, and those in rotation. */
  find(address: Address): MemoryListener | undefined {
    const claims = this.#at(address);
    const exact = claims.filter((claim) => isSame(claim.address, address));
    const found = exact.length > 0
      ? exact
      : claims.filter((claim) => covers(claim, address));
    return found[this.#turn++ % found.length]?.listener;
  }

  /** Claims the local end of a connection and gives it, port filled in. */
  bind(address: InetAddress): InetAddress {
    if (!this.has(address)) throw new Fault("EADDRNOTAVAIL");
    const bound = this.#withPort(address) as InetAddress;
    if (this.#isBusy(bound)) throw new Fault("EADDRINUSE");
    this.#bound.add(keyOf(bound));
    return bound;
  }

  /** Gives the local end of a connection back. */
  unbind(address: InetAddress): void {
    this.#bound.delete(keyOf(address));
  }

  #at(address: Address): Claim[] {
    return this.#claims.get(placeOf(address)) ?? [];
  }

  #isBusy(address: InetAddress): boolean {
    if (this.#bound.has(keyOf(address))) return true;
    const claim = { address, ipv6Only: false };
    return this.#at(address).some((other) => overlaps(other, claim));
  }

  #withPort(address: Address): Address {
    if (address.family === "unix" || address.port !== 0) return address;
    for (let i = FIRST_EPHEMERAL_PORT; i <= LAST_PORT; i++) {
      const candidate = { ...address, port: this.#nextPort };
      this.#nextPort = this.#nextPort === LAST_PORT
        ? FIRST_EPHEMERAL_PORT
        : this.#nextPort + 1;
      if (!this.#isBusy(candidate)) return candidate;
    }
    throw new Fault("EADDRNOTAVAIL", undefined, "every port is in use");
  }
}

/** Claims can only meet at the same port or the same path. */
function placeOf(address: Address): string {
  return address.family === "unix" ? `/${address.path}` : `:${address.port}`;
}

function keyOf(address: InetAddress): string {
  return `${address.hostname}:${address.port}`;
}

function isSame(one: Address, other: Address): boolean {
  if (one.family === "unix" || other.family === "unix") {
    return one.family === other.family;
  }
  return one.family === other.family && one.hostname === other.hostname;
}

/** Whether a listener's wildcard stands for an address too. */
function covers(
  claim: Pick<Claim, "address" | "ipv6Only">,
  address: Address,
): boolean {
  if (!isWildcard(claim.address)) return false;
  if (claim.address.family === address.family) return true;
  return claim.address.family === "ipv6" && !claim.ipv6Only;
}

function overlaps(
  one: Pick<Claim, "address" | "ipv6Only">,
  other: Pick<Claim, "address" | "ipv6Only">,
): boolean {
  return isSame(one.address, other.address) || covers(one, other.address) ||
    covers(other, one.address);
}
