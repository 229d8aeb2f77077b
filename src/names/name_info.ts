/**
 * `getnameinfo`: a socket address as the names of a host and a service.
 *
 * @module
 */

import { show, toEndpoint } from "../address.ts";
import {
  NI_DGRAM,
  NI_NAMEREQD,
  NI_NOFQDN,
  NI_NUMERICHOST,
  NI_NUMERICSERV,
} from "../constants.ts";
import type { AddressLike, InetAddress } from "../contracts.ts";
import { Fault } from "../runtime/seam/fault.ts";
import { fullName } from "./host.ts";
import { ask, type NameOptions, type Query } from "./query.ts";
import { serviceAt, services } from "./services.ts";

const KNOWN_FLAGS = NI_DGRAM | NI_NAMEREQD | NI_NOFQDN | NI_NUMERICHOST |
  NI_NUMERICSERV;

/**
 * The names of the host and of the service at a numeric address. What has no
 * name is given as a number, the host with its zone.
 *
 * @param flags `NI_…`, or'ed together: `NI_NUMERICHOST` and `NI_NUMERICSERV`
 *   look nothing up, `NI_NAMEREQD` fails where the host has no name,
 *   `NI_NOFQDN` cuts this host's own domain off, `NI_DGRAM` means the service
 *   of UDP
 * @throws {GaiError} `EAI_NONAME` for a host that is no address, or has no
 *   name with `NI_NAMEREQD`; `EAI_AGAIN` if the name server does not answer;
 *   `EAI_BADFLAGS` for a flag that is not known here
 * @throws {TimeoutError} | {BlockingIOError} as `timeoutMs` says
 * @throws {TypeError} | {RangeError} if an argument is of no use
 *
 * @example
 * ```ts
 * import { getNameInfo, NI_NUMERICHOST } from "@anysock/anysock";
 *
 * const [host, service] = await getNameInfo("[::1]:443", NI_NUMERICHOST);
 * console.log(host, service); // ::1 https
 * ```
 */
export function getNameInfo(
  address: AddressLike,
  flags = 0,
  options: NameOptions = {},
): Promise<[host: string, service: string]> {
  return ask(options, {
    op: "getNameInfo",
    about: show(address),
    work: async (query) => {
      const inet = toInetAddress(address);
      checkFlags(flags);
      return [
        await hostName(query, inet, flags),
        await serviceName(query, inet.port, flags),
      ];
    },
  });
}

function toInetAddress(address: AddressLike): InetAddress {
  const endpoint = toEndpoint(address, "inet");
  if ("family" in endpoint) return endpoint as InetAddress;
  throw new Fault("EAI_NONAME");
}

function checkFlags(flags: unknown): void {
  if (typeof flags !== "number") {
    throw new TypeError(`flags must be a number: ${show(flags)}`);
  }
  if (flags & ~KNOWN_FLAGS || !Number.isInteger(flags)) {
    throw new Fault("EAI_BADFLAGS");
  }
}

async function hostName(
  query: Query,
  address: InetAddress,
  flags: number,
): Promise<string> {
  const { hostname, port, scopeId } = address;
  const numeric = scopeId === undefined ? hostname : `${hostname}%${scopeId}`;
  if (flags & NI_NUMERICHOST) {
    if (flags & NI_NAMEREQD) throw new Fault("EAI_NONAME");
    return numeric;
  }
  try {
    const name = await query.reverse(hostname, port);
    return flags & NI_NOFQDN ? await withoutOwnDomain(query, name) : name;
  } catch (error) {
    const isNameless = error instanceof Fault && error.code === "EAI_NONAME";
    if (isNameless && !(flags & NI_NAMEREQD)) return numeric;
    throw error;
  }
}

async function withoutOwnDomain(query: Query, name: string): Promise<string> {
  if (!name.includes(".")) return name;
  const own = await fullName(query, query.hostname());
  const domain = own.replace(/^[^.]*/, "");
  return domain.length > 1 && name.endsWith(domain)
    ? name.slice(0, -domain.length)
    : name;
}

async function serviceName(
  query: Query,
  port: number,
  flags: number,
): Promise<string> {
  if (flags & NI_NUMERICSERV) return String(port);
  const proto = flags & NI_DGRAM ? "udp" : "tcp";
  return serviceAt(await services(query), port, proto) ?? String(port);
}
