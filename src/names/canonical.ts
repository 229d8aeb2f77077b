/**
 * Canonical names: of the hosts file, else of the name server.
 *
 * @module
 */

import { Fault } from "../runtime/seam/fault.ts";
import type { ResolvedHost } from "../runtime/seam/names.ts";
import type { Query } from "./query.ts";
import { rowsOf } from "./table.ts";

/** A host as the hosts file has it. */
export interface HostEntry {
  /** Its canonical name. */
  readonly name: string;
  /** Its other names. */
  readonly aliases: readonly string[];
}

/** So many aliases of aliases are followed, as in glibc. */
const LONGEST_CHAIN = 16;

/**
 * The names of a host in the text of a hosts file: of all lines with one of
 * its addresses that bear the name. The first line's first name is canonical.
 */
export function hostEntry(
  text: string,
  name: string,
  addresses: readonly string[],
): HostEntry | undefined {
  const wanted = name.toLowerCase();
  const names = rowsOf(text)
    .filter(([address = ""]) => addresses.includes(address))
    .map((row) => row.slice(1))
    .filter((row) => row.some((each) => each.toLowerCase() === wanted))
    .flat();
  const [canonical, ...others] = new Set(names);
  if (canonical === undefined) return undefined;
  return { name: canonical, aliases: others };
}

/**
 * The names that a name leads to by the name server, itself first and the
 * canonical one last.
 *
 * @throws {Fault} `EAI_FAIL` if the aliases go round in a circle
 */
export async function aliasChain(
  query: Query,
  name: string,
): Promise<readonly string[]> {
  // RFC 6761, 6.3: these never go to a name server.
  if (/^(.*\.)?localhost\.?$/i.test(name)) return [name];
  const chain = [name];
  while (chain.length <= LONGEST_CHAIN) {
    const next = await query.alias(chain.at(-1) ?? name);
    if (next === undefined) return chain;
    chain.push(next);
  }
  throw new Fault("EAI_FAIL", undefined, "too many aliases of aliases");
}

/** The canonical name of a host that has been looked up. */
export async function canonicalName(
  query: Query,
  name: string,
  hosts: readonly ResolvedHost[],
): Promise<string> {
  const addresses = hosts.map(({ hostname }) => hostname);
  const entry = hostEntry(await query.file("hosts") ?? "", name, addresses);
  if (entry !== undefined) return entry.name;
  const full = await completeName(query, name, addresses);
  return (await aliasChain(query, full)).at(-1) ?? full;
}

/** A name without dots, with the search domain under which it was found. */
async function completeName(
  query: Query,
  name: string,
  addresses: readonly string[],
): Promise<string> {
  if (name.includes(".") || name.toLowerCase() === "localhost") return name;
  const text = await query.file("resolv.conf") ?? "";
  for (const domain of searchDomains(text)) {
    const full = `${name}.${domain}`;
    // The dot at its end keeps the system from searching again.
    if (await leadsTo(query, `${full}.`, addresses)) return full;
  }
  return name;
}

/** The last `search` or `domain` line decides, as in `resolv.conf(5)`. */
function searchDomains(text: string): readonly string[] {
  const last = rowsOf(text.replace(/;.*/g, ""))
    .filter(([key]) => key === "search" || key === "domain")
    .at(-1);
  return (last ?? []).slice(1).map((domain) => domain.replace(/\.$/, ""))
    .filter((domain) => domain !== "");
}

async function leadsTo(
  query: Query,
  name: string,
  addresses: readonly string[],
): Promise<boolean> {
  try {
    const hosts = await query.lookup(name, 0);
    return hosts.some(({ hostname }) => addresses.includes(hostname));
  } catch (error) {
    if (error instanceof Fault && error.code === "EAI_NONAME") return false;
    throw error;
  }
}
