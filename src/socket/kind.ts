/**
 * Which kinds of sockets there are.
 *
 * @module
 */

import { show } from "../address.ts";
import type { AddressFamily } from "../constants.ts";
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  IPPROTO_TCP,
  IPPROTO_UDP,
  SOCK_DGRAM,
  SOCK_STREAM,
} from "../constants.ts";
import { socketError } from "../errors.ts";

/**
 * Checks family, type and protocol for the call `op`.
 *
 * @throws {TypeError} if one of them is no number.
 * @throws {SocketError} `EOPNOTSUPP` for other types, `EAFNOSUPPORT` for
 *   other families, `EPROTONOSUPPORT` for other protocols.
 */
export function checkKind(
  op: string,
  family: unknown,
  type: unknown,
  proto: unknown,
): void {
  for (const value of [family, type, proto]) {
    if (typeof value === "number") continue;
    throw new TypeError(`Family, type and proto are numbers: ${show(value)}`);
  }
  if (![AF_INET, AF_INET6, AF_UNIX].includes(family as AddressFamily)) {
    const reason = `no sockets of address family ${family}`;
    throw socketError("EAFNOSUPPORT", { op, reason });
  }
  if (type !== SOCK_STREAM && type !== SOCK_DGRAM) {
    const reason = `no runtime has sockets of type ${type}`;
    throw socketError("EOPNOTSUPP", { op, reason });
  }
  const usual = type === SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP;
  if (proto !== 0 && (proto !== usual || family === AF_UNIX)) {
    const kind = type === SOCK_STREAM ? "streams" : "datagrams";
    const reason = `${kind} have no protocol ${proto}`;
    throw socketError("EPROTONOSUPPORT", { op, reason });
  }
}
