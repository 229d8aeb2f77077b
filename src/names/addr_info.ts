/**
 * `getaddrinfo`: a host and a service as socket addresses.
 *
 * @module
 */

import { show } from "../address.ts";
import {
  type AddressFamily,
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
  AI_ADDRCONFIG,
  AI_ALL,
  AI_CANONNAME,
  AI_NUMERICHOST,
  AI_NUMERICSERV,
  AI_PASSIVE,
  AI_V4MAPPED,
} from "../constants.ts";
import type { InetAddress } from "../contracts.ts";
import { Fault } from "../runtime/seam/fault.ts";
import type { ResolvedHost } from "../runtime/seam/names.ts";
import { canonicalName } from "./canonical.ts";
import {
  isHopeless,
  type NumericHost,
  numericHost,
  WRONG_FAMILY,
} from "./numeric.ts";
import { ask, NAME_OPTIONS, type NameOptions, type Query } from "./query.ts";
import { checkPort } from "./services.ts";
import { socketKinds } from "./socket_kinds.ts";

const HINTS = [...NAME_OPTIONS, "family", "type", "proto", "flags"];

/** What {@linkcode getAddrInfo} looks for. */
export interface AddrInfoHints extends NameOptions {
  /** `AF_INET` or `AF_INET6`; default: both. */
  readonly family?: AddressFamily;
  /** `SOCK_STREAM` and its like; default: every usual type. */
  readonly type?: number;
  /** `IPPROTO_TCP` and its like; default: the type's own. */
  readonly proto?: number;
  /** `AI_…`, or'ed together. */
  readonly flags?: number;
}

/** One answer of {@linkcode getAddrInfo}: what `socket()` and `connect` take. */
export interface AddrInfo {
  /** The family of the socket. */
  readonly family: AddressFamily;
  /** The type of the socket. */
  readonly type: number;
  /** The protocol of the socket. */
  readonly proto: number;
  /** The host's canonical name; with `AI_CANONNAME`, in the first answer. */
  readonly canonName?: string;
  /** The address. */
  readonly address: InetAddress;
}

interface Request {
  readonly host: string | null;
  readonly service: number | string | null;
  readonly family: number;
  readonly type: number;
  readonly proto: number;
  readonly flags: number;
}

const KNOWN_FLAGS = AI_ADDRCONFIG | AI_ALL | AI_CANONNAME | AI_NUMERICHOST |
  AI_NUMERICSERV | AI_PASSIVE | AI_V4MAPPED;

/**
 * The socket addresses of a host and a service, in the system's order, which
 * is the one to try them in.
 *
 * The host is a name, an address with or without a zone, or `null` for this
 * host: its loopback addresses, or its wildcards with `AI_PASSIVE`. The
 * service is a name, a port, or `null` for port 0. Names of services are found
 * as {@linkcode getServByName} does. `AI_CANONNAME` takes the hosts file's name
 * where that file may be read, else asks the name server for aliases.
 *
 * @throws {GaiError} `EAI_NONAME`, `EAI_AGAIN`, `EAI_SERVICE`… as C's
 *   `getaddrinfo`; `EAI_BADFLAGS` for a flag that is not known here
 * @throws {TimeoutError} | {BlockingIOError} as `timeoutMs` says
 * @throws {PermissionError} without the permission for the name
 * @throws {TypeError} | {RangeError} if an argument is of no use
 *
 * @example
 * ```ts
 * import { getAddrInfo, SOCK_STREAM } from "@anysock/anysock";
 *
 * const hints = { type: SOCK_STREAM, timeoutMs: 5_000 };
 * for (const { address } of await getAddrInfo("localhost", "http", hints)) {
 *   console.log(address); // { family: "ipv4", hostname: "127.0.0.1", port: 80 }
 * }
 * ```
 */
export function getAddrInfo(
  host: string | null,
  service: string | number | null,
  options: AddrInfoHints = {},
): Promise<AddrInfo[]> {
  return ask(options, {
    op: "getAddrInfo",
    known: HINTS,
    about: `${show(host)}, ${show(service)}`,
    work: (query) => answer(query, toRequest(host, service, options)),
  });
}

async function answer(query: Query, asked: Request): Promise<AddrInfo[]> {
  const request = narrowed(query, asked);
  const kinds = await socketKinds(query, request);
  const hosts = await findHosts(query, request);
  const infos = hosts.flatMap((host) =>
    kinds.map(({ type, proto, port }): AddrInfo => ({
      family: host.family === "ipv4" ? AF_INET : AF_INET6,
      type,
      proto,
      address: { ...host, port },
    }))
  );
  const [first] = infos;
  if (!(request.flags & AI_CANONNAME) || first === undefined) return infos;
  const canonName = await canonNameOf(query, request.host ?? "", hosts);
  return [{ ...first, canonName }, ...infos.slice(1)];
}

// ---- the question

function toRequest(
  host: unknown,
  service: unknown,
  options: AddrInfoHints,
): Request {
  const { family = AF_UNSPEC, type = 0, proto = 0, flags = 0 } = options;
  for (const [name, value] of Object.entries({ family, type, proto, flags })) {
    checkInteger(value, name);
  }
  if (host !== null && typeof host !== "string") {
    throw new TypeError(`A host is a string or null: ${show(host)}`);
  }
  const port = toService(service, flags);
  if (host === null && service === null) throw new Fault("EAI_NONAME");
  if (flags & ~KNOWN_FLAGS) throw new Fault("EAI_BADFLAGS");
  if (host === null && flags & AI_CANONNAME) throw new Fault("EAI_BADFLAGS");
  if (![AF_UNSPEC, AF_INET, AF_INET6].includes(family)) {
    throw new Fault("EAI_FAMILY");
  }
  return { host, service: port, family, type, proto, flags };
}

function toService(service: unknown, flags: number): number | string | null {
  if (service === null || service === "") return null;
  if (typeof service === "string" && !/^[0-9]+$/.test(service)) {
    if (flags & AI_NUMERICSERV) throw new Fault("EAI_NONAME");
    return service;
  }
  if (typeof service !== "string" && typeof service !== "number") {
    throw new TypeError(
      `A service is a string, a port or null: ${show(service)}`,
    );
  }
  checkPort(Number(service));
  return Number(service);
}

function checkInteger(value: unknown, name: string): void {
  if (typeof value !== "number") {
    throw new TypeError(`${name} must be a number: ${show(value)}`);
  }
  if (!Number.isInteger(value) || value < 0 || value > 0x7fffffff) {
    throw new RangeError(`${name} is no number of C: ${value}`);
  }
}

/** `AI_ADDRCONFIG`: only families that this host has addresses of. */
function narrowed(query: Query, request: Request): Request {
  if (!(request.flags & AI_ADDRCONFIG)) return request;
  const real = query.addresses()
    .filter(({ hostname }) => hostname !== "127.0.0.1" && hostname !== "::1");
  const hasIPv4 = real.some(({ family }) => family === "ipv4");
  const hasIPv6 = real.some(({ family }) => family === "ipv6");
  const { family } = request;
  if (family === AF_UNSPEC) {
    if (hasIPv4 === hasIPv6) return request;
    return { ...request, family: hasIPv4 ? AF_INET : AF_INET6 };
  }
  if (family === AF_INET ? hasIPv4 : hasIPv6) return request;
  throw new Fault("EAI_NONAME");
}

// ---- the hosts

async function findHosts(
  query: Query,
  request: Request,
): Promise<readonly NumericHost[]> {
  const { host, family, flags } = request;
  if (host === null) return ownHosts(request);
  const numeric = numericHost(host);
  if (numeric !== undefined) return [fitted(numeric, request)];
  if (flags & AI_NUMERICHOST || isHopeless(host)) throw new Fault("EAI_NONAME");
  if (family === AF_INET6 && flags & AI_V4MAPPED) {
    return await mappedHosts(query, host, (flags & AI_ALL) !== 0);
  }
  return await query.lookup(host, versionOf(family));
}

function versionOf(family: number): 0 | 4 | 6 {
  if (family === AF_UNSPEC) return 0;
  return family === AF_INET ? 4 : 6;
}

/** Loopbacks go IPv6 first, wildcards IPv4 first: glibc's order. */
function ownHosts({ family, flags }: Request): readonly NumericHost[] {
  const ipv4 = (hostname: string) => ({ family: "ipv4", hostname }) as const;
  const ipv6 = (hostname: string) => ({ family: "ipv6", hostname }) as const;
  const hosts = flags & AI_PASSIVE
    ? [ipv4("0.0.0.0"), ipv6("::")]
    : [ipv6("::1"), ipv4("127.0.0.1")];
  const version = versionOf(family);
  return hosts.filter((host) => !version || host.family === `ipv${version}`);
}

/** An address in the family that was asked for. */
function fitted(host: NumericHost, { family, flags }: Request): NumericHost {
  const own = host.family === "ipv4" ? AF_INET : AF_INET6;
  if (family === AF_UNSPEC || family === own) return host;
  if (own === AF_INET && flags & AI_V4MAPPED) return mapped(host);
  const inner = unmapped(host.hostname);
  if (own === AF_INET6 && inner !== host.hostname) {
    return { family: "ipv4", hostname: inner };
  }
  throw new Fault(WRONG_FAMILY);
}

function mapped(host: ResolvedHost): NumericHost {
  return { family: "ipv6", hostname: `::ffff:${host.hostname}` };
}

/** The IPv4 address in a mapped one; other texts as they are. */
function unmapped(hostname: string): string {
  return hostname.replace(/^::ffff:(?=[0-9.]+$)/, "");
}

/** `AI_V4MAPPED`: IPv6 addresses, or else, or besides, mapped IPv4 ones. */
async function mappedHosts(
  query: Query,
  name: string,
  isAll: boolean,
): Promise<readonly NumericHost[]> {
  const own = await lookupIfAny(query, name, 6);
  if (own.length > 0 && !isAll) return own;
  const others = await lookupIfAny(query, name, 4);
  const hosts = [...own, ...others.map(mapped)];
  if (hosts.length === 0) throw new Fault("EAI_NONAME");
  return hosts;
}

const NO_ADDRESS: ReadonlySet<string> = new Set([
  "EAI_ADDRFAMILY",
  "EAI_NODATA",
  "EAI_NONAME",
]);

async function lookupIfAny(
  query: Query,
  name: string,
  version: 4 | 6,
): Promise<readonly ResolvedHost[]> {
  try {
    return await query.lookup(name, version);
  } catch (error) {
    if (error instanceof Fault && NO_ADDRESS.has(error.code)) return [];
    throw error;
  }
}

/** An address is its own canonical name, as it was written. */
async function canonNameOf(
  query: Query,
  host: string,
  found: readonly NumericHost[],
): Promise<string> {
  if (numericHost(host) !== undefined) return host;
  const plain = found.map(({ family, hostname }): ResolvedHost => ({
    family,
    hostname: unmapped(hostname),
  }));
  return await canonicalName(query, host, plain);
}
