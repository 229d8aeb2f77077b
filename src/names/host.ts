/**
 * Hosts by name and by address, in the classic forms.
 *
 * @module
 */

import { show } from "../address.ts";
import { checkOptions } from "../deadline.ts";
import { chosenRuntime } from "../runtime/detect.ts";
import { toError } from "../runtime/seam/error_mapping.ts";
import { Fault } from "../runtime/seam/fault.ts";
import { aliasChain, type HostEntry, hostEntry } from "./canonical.ts";
import {
  isHopeless,
  type NumericHost,
  numericHost,
  WRONG_FAMILY,
} from "./numeric.ts";
import { ask, hError, type NameOptions, type Query } from "./query.ts";

/** A host with all its names and addresses, as C's `struct hostent`. */
export interface HostInfo {
  /** Its canonical name. */
  readonly hostname: string;
  /** Its other names. */
  readonly aliases: readonly string[];
  /** Its addresses. */
  readonly addresses: readonly string[];
}

/**
 * The name of this host, as the system has it: with a domain or without.
 *
 * @throws {PermissionError} on Deno without `--allow-sys=hostname`
 *
 * @example
 * ```ts
 * import { getHostName } from "@anysock/anysock";
 *
 * console.log(`This is ${getHostName()}`);
 * ```
 */
export function getHostName(
  options: Pick<NameOptions, "runtime"> = {},
): string {
  checkOptions(options, ["runtime"]);
  const runtime = chosenRuntime(options.runtime);
  try {
    return runtime.names.hostname();
  } catch (error) {
    throw toError(error, { op: "getHostName" });
  }
}

/**
 * A name with its domain: the first name with a dot that the system gives for
 * the address of `name`; the name itself if that leads to nothing.
 *
 * @param name a name or an address; default: this host's name
 * @throws {TimeoutError} | {BlockingIOError} as `timeoutMs` says
 * @throws {PermissionError} without the permission for the name
 *
 * @example
 * ```ts
 * import { getFqdn } from "@anysock/anysock";
 *
 * console.log(await getFqdn("127.0.0.1")); // localhost
 * ```
 */
export function getFqdn(
  name = "",
  options: NameOptions = {},
): Promise<string> {
  return ask(options, {
    op: "getFqdn",
    about: show(name),
    work: (query) => {
      checkName(name);
      const plain = name.trim();
      const isOwn = plain === "" || plain === "0.0.0.0" || plain === "::";
      return fullName(query, isOwn ? query.hostname() : plain);
    },
  });
}

/** The name with a domain of a host, or its name. */
export async function fullName(query: Query, name: string): Promise<string> {
  try {
    const { hostname, aliases } = await hostByAddress(query, name);
    return [hostname, ...aliases].find((each) => each.includes(".")) ??
      hostname;
  } catch (error) {
    if (error instanceof Fault && error.code.startsWith("EAI_")) return name;
    throw error;
  }
}

/**
 * The first IPv4 address of a name. An address is returned unchanged, its
 * short forms written out; `""` is `0.0.0.0` and `"<broadcast>"` is
 * `255.255.255.255`.
 *
 * @throws {GaiError} `EAI_NONAME` if the name has none, `EAI_AGAIN` if the
 *   name server does not answer, `EAI_ADDRFAMILY` for an IPv6 address
 * @throws {TimeoutError} | {BlockingIOError} as `timeoutMs` says
 * @throws {PermissionError} without the permission for the name
 *
 * @example
 * ```ts
 * import { getHostByName } from "@anysock/anysock";
 *
 * console.log(await getHostByName("localhost")); // 127.0.0.1
 * ```
 */
export function getHostByName(
  name: string,
  options: NameOptions = {},
): Promise<string> {
  return ask(options, {
    op: "getHostByName",
    about: show(name),
    work: async (query) => {
      checkName(name);
      if (name === "") return "0.0.0.0";
      if (name === "<broadcast>") return "255.255.255.255";
      const [first = ""] = await addressesOf(query, name);
      return first;
    },
  });
}

/**
 * A host by its name: its canonical name, other names and IPv4 addresses. The
 * names come from the hosts file where that may be read with no question to
 * the user; otherwise from the name server, on Deno only with `--allow-net`
 * for every host, and else there is just the name given.
 *
 * @throws {HError} `HOST_NOT_FOUND`, `TRY_AGAIN`, `NO_RECOVERY`, `NO_DATA`
 * @throws {TimeoutError} | {BlockingIOError} as `timeoutMs` says
 * @throws {PermissionError} without the permission for the name
 *
 * @example
 * ```ts
 * import { getHostByNameEx } from "@anysock/anysock";
 *
 * const { hostname, addresses } = await getHostByNameEx("localhost");
 * console.log(hostname, addresses); // localhost [ "127.0.0.1" ]
 * ```
 */
export function getHostByNameEx(
  name: string,
  options: NameOptions = {},
): Promise<HostInfo> {
  return ask(options, {
    op: "getHostByNameEx",
    about: show(name),
    makeError: hError,
    work: async (query) => {
      checkName(name);
      const addresses = await addressesOf(query, name);
      const entry = await namesOf(query, name, addresses);
      return { hostname: entry.name, aliases: entry.aliases, addresses };
    },
  });
}

/**
 * A host by its address, or by the first address of its name: the name that
 * the system has for that address, its other names from the hosts file where
 * that may be read with no question to the user, and that address.
 *
 * @throws {HError} `HOST_NOT_FOUND`, `TRY_AGAIN`, `NO_RECOVERY`, `NO_DATA`
 * @throws {TimeoutError} | {BlockingIOError} as `timeoutMs` says
 * @throws {PermissionError} without the permission for it
 *
 * @example
 * ```ts
 * import { getHostByAddr } from "@anysock/anysock";
 *
 * const { hostname } = await getHostByAddr("127.0.0.1");
 * console.log(hostname); // localhost
 * ```
 */
export function getHostByAddr(
  addressOrName: string,
  options: NameOptions = {},
): Promise<HostInfo> {
  return ask(options, {
    op: "getHostByAddr",
    about: show(addressOrName),
    makeError: hError,
    work: (query) => {
      checkName(addressOrName);
      return hostByAddress(query, addressOrName);
    },
  });
}

async function hostByAddress(query: Query, text: string): Promise<HostInfo> {
  const numeric = numericHost(text);
  if (numeric === undefined && isHopeless(text)) throw new Fault("EAI_NONAME");
  const host: NumericHost | undefined = numeric ??
    (await query.lookup(text, 0))[0];
  if (host === undefined) throw new Fault("EAI_NONAME");
  const address = host.hostname;
  const hostname = await query.reverse(address, 0);
  const hosts = await query.file("hosts") ?? "";
  const { aliases = [] } = hostEntry(hosts, hostname, [address]) ?? {};
  return {
    hostname,
    aliases: aliases.filter((each) => each !== hostname),
    addresses: [address],
  };
}

/** The IPv4 addresses of a name or an address. */
async function addressesOf(
  query: Query,
  name: string,
): Promise<readonly string[]> {
  const numeric = numericHost(name);
  if (numeric?.family === "ipv6") throw new Fault(WRONG_FAMILY);
  if (numeric !== undefined) return [numeric.hostname];
  if (isHopeless(name)) throw new Fault("EAI_NONAME");
  return (await query.lookup(name, 4)).map(({ hostname }) => hostname);
}

async function namesOf(
  query: Query,
  name: string,
  addresses: readonly string[],
): Promise<HostEntry> {
  if (numericHost(name) !== undefined) return { name, aliases: [] };
  const entry = hostEntry(await query.file("hosts") ?? "", name, addresses);
  if (entry !== undefined) return entry;
  if (!query.mayAskServers()) return { name, aliases: [] };
  const chain = [...await aliasChain(query, name)];
  return { name: chain.pop() ?? name, aliases: chain };
}

function checkName(name: unknown): void {
  if (typeof name === "string") return;
  throw new TypeError(`A host is named by a string: ${show(name)}`);
}
