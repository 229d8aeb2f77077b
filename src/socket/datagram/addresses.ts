/**
 * The addresses that a datagram socket is given: checked, looked up where they
 * are names, and judged as destinations.
 *
 * @module
 */

import type { Endpoint } from "../../address.ts";
import { toEndpoint } from "../../address.ts";
import type { AddressFamily } from "../../constants.ts";
import { AF_INET } from "../../constants.ts";
import type {
  Address,
  AddressLike,
  HostAndPort,
  InetAddress,
} from "../../contracts.ts";
import { socketError } from "../../errors.ts";
import {
  MAX_IPV4_PAYLOAD_BYTES,
  MAX_IPV6_PAYLOAD_BYTES,
} from "../../runtime/seam/datagram.ts";
import { toError } from "../../runtime/seam/error_mapping.ts";
import { Fault } from "../../runtime/seam/fault.ts";
import type { ResolvedHost } from "../../runtime/seam/names.ts";
import type { Runtime } from "../../runtime/seam/runtime.ts";
import { demandZone } from "../../runtime/seam/zones.ts";
import { familyName, hasNoHost, isPickedName, wildcard } from "../family.ts";
import type { Target } from "./outbox.ts";

/** The peer of a connected socket. */
export interface PeerHolder {
  /** The peer; `undefined` without one. */
  readonly peer: Address | undefined;
  /** Whether an address is the peer's. */
  isPeer(address: Address): boolean;
}

/** Reads what callers write for addresses, for one socket. */
export class AddressReader {
  readonly #runtime: Runtime;
  readonly #family: AddressFamily;
  readonly #own: PeerHolder;
  /** The last address that was read and found right. */
  #known: InetAddress | HostAndPort | undefined;

  /** For a socket of a family, which may have a peer. */
  constructor(runtime: Runtime, family: AddressFamily, own: PeerHolder) {
    this.#runtime = runtime;
    this.#family = family;
    this.#own = own;
  }

  /**
   * The checked address: most go where the last one went, read once.
   *
   * @throws {TypeError} | {RangeError} if it is none.
   * @throws {SocketError} `EAFNOSUPPORT` if it is of another family.
   */
  read(op: string, address: AddressLike): Endpoint {
    if (op === "bind") return this.#check(op, address);
    const known = this.#known;
    if (known !== undefined && isSamePlace(address, known)) return known;
    const endpoint = this.#check(op, address);
    this.#known = "port" in endpoint ? endpoint : undefined;
    return endpoint;
  }

  #check(op: string, address: AddressLike): Endpoint {
    const any = wildcard(this.#family);
    if (isPickedName(op, this.#family, address)) return any;
    const endpoint = toEndpoint(address, familyName(this.#family));
    try {
      demandZone(endpoint);
    } catch (error) {
      throw toError(error, { op, address: endpoint });
    }
    if (!("family" in endpoint) || endpoint.family === any.family) {
      return endpoint;
    }
    if (any.family === "ipv6" && endpoint.family === "ipv4") {
      if (hasNoHost(address)) return { ...any, port: endpoint.port };
      // An IPv6 socket reaches IPv4 hosts by their mapped addresses.
      if (op !== "bind") return endpoint;
    }
    throw socketError("EAFNOSUPPORT", { op, address: endpoint });
  }

  /** The numeric address. Rejects with a Fault `EAI_…`. */
  resolve(endpoint: Endpoint): Promise<Address> {
    if ("family" in endpoint) return Promise.resolve(endpoint);
    return resolveName(this.#runtime, endpoint, this.#family);
  }

  /**
   * Where a datagram goes; `undefined` is the peer.
   *
   * @throws {TypeError} | {RangeError} if it is no address.
   * @throws {SocketError} `EDESTADDRREQ`, `EAFNOSUPPORT`, `EINVAL`, `EISCONN`,
   *   `EMSGSIZE`; also by rejecting, where a name is looked up.
   */
  target(op: string, address: AddressLike | undefined, bytes: number): Target {
    const { peer } = this.#own;
    if (address === undefined) {
      if (peer === undefined) throw socketError("EDESTADDRREQ", { op });
      demandFits(bytes, peer, op);
      return undefined;
    }
    const endpoint = this.read(op, address);
    if ("family" in endpoint) {
      return this.#checkTarget(op, reachable(endpoint), bytes);
    }
    const resolved = this.resolve(endpoint).then(
      (found) => this.#checkTarget(op, found, bytes) ?? found,
      (error) => {
        throw toError(error, { op, address: endpoint });
      },
    );
    // The call may have ended before.
    resolved.catch(() => {});
    return resolved;
  }

  #checkTarget(op: string, to: Address, bytes: number): Address | undefined {
    if (to.family !== "unix" && to.port === 0) {
      throw socketError("EINVAL", { op, address: to });
    }
    demandFits(bytes, to, op);
    if (this.#own.peer === undefined) return to;
    if (this.#own.isPeer(to)) return undefined;
    throw socketError("EISCONN", { op, address: to });
  }
}

/** Whether what a caller wrote says the same as an endpoint read before. */
function isSamePlace(
  address: AddressLike,
  known: InetAddress | HostAndPort,
): boolean {
  if (typeof address !== "object" || address === null) return false;
  if (Array.isArray(address)) {
    return address.length === 2 && address[0] === known.hostname &&
      address[1] === known.port &&
      (known as InetAddress).scopeId === undefined;
  }
  const { hostname, port, family, scopeId } = address as Partial<InetAddress>;
  return hostname === known.hostname && port === known.port &&
    scopeId === (known as InetAddress).scopeId &&
    (family === undefined || family === (known as InetAddress).family);
}

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
async function resolveName(
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
function demandFits(bytes: number, to: Address, op: string): void {
  if (bytes <= MAX_IPV4_PAYLOAD_BYTES || to.family === "unix") return;
  const isIPv4 = to.family === "ipv4" || to.hostname.startsWith("::ffff:");
  if (!isIPv4 && bytes <= MAX_IPV6_PAYLOAD_BYTES) return;
  throw socketError("EMSGSIZE", { op, address: to });
}
