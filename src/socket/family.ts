/**
 * What the address family of a socket says of its addresses.
 *
 * @module
 */

import type { Endpoint, FamilyName } from "../address.ts";
import { toEndpoint } from "../address.ts";
import type { AddressFamily } from "../constants.ts";
import { AF_INET, AF_INET6, AF_UNIX } from "../constants.ts";
import type { Address, AddressLike, InetAddress } from "../contracts.ts";
import { socketError } from "../errors.ts";

/**
 * The endpoint that a caller of `op` has named for a socket of this family.
 *
 * @throws {TypeError} | {RangeError} if it is no address.
 * @throws {SocketError} `EAFNOSUPPORT` if it is of another family.
 */
export function endpointFor(
  op: string,
  family: AddressFamily,
  address: AddressLike,
): Endpoint {
  if (isPickedName(op, family, address)) return wildcard(family);
  const endpoint = toEndpoint(address, familyName(family));
  if (!("family" in endpoint)) return endpoint;
  if (endpoint.family === addressFamily(family)) return endpoint;
  if (family === AF_INET6 && hasNoHost(address)) {
    return { ...wildcard(family), port: (endpoint as InetAddress).port };
  }
  throw socketError("EAFNOSUPPORT", { op, address: endpoint });
}

/** Whether it is `bind("")` of a Unix socket, for a name that is picked. */
export function isPickedName(
  op: string,
  family: AddressFamily,
  address: AddressLike,
): boolean {
  if (family !== AF_UNIX || op !== "bind") return false;
  if (typeof address !== "object" || address === null) return address === "";
  return "path" in address && address.path === "";
}

/** Whether the host is `""`, which means any address of the family. */
export function hasNoHost(address: AddressLike): boolean {
  if (typeof address === "string") return address.startsWith(":");
  if (Array.isArray(address)) return address[0] === "";
  return "hostname" in address && address.hostname === "";
}

/** The address of an unbound socket. */
export function wildcard(family: AddressFamily): Address {
  if (family === AF_UNIX) return { family: "unix", path: "" };
  return family === AF_INET
    ? { family: "ipv4", hostname: "0.0.0.0", port: 0 }
    : { family: "ipv6", hostname: "::", port: 0 };
}

/** The address of a peer that was gone before it had a name. */
export function unnamed(family: AddressFamily): Address {
  if (family === AF_UNIX) return { family: "unix", path: "" };
  const name = family === AF_INET6 ? "ipv6" : "ipv4";
  return { family: name, hostname: "", port: 0 };
}

/** Which kind of address a socket of this family takes. */
export function familyName(family: AddressFamily): FamilyName {
  return family === AF_UNIX ? "unix" : "inet";
}

/** What addresses of this family are called. */
export function addressFamily(family: AddressFamily): Address["family"] {
  if (family === AF_UNIX) return "unix";
  return family === AF_INET6 ? "ipv6" : "ipv4";
}

/** The family of an address. A host that is a name counts as `AF_INET`. */
export function familyOf(endpoint: Endpoint): AddressFamily {
  if ("path" in endpoint) return AF_UNIX;
  return endpoint.hostname.includes(":") ? AF_INET6 : AF_INET;
}
