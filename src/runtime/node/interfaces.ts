/**
 * Network interfaces as the runtimes take them: by a local IPv4 address for
 * IPv4 groups, as `"::%name"` for IPv6 groups. A name that does not exist is
 * silently the default interface on Node, so names are checked here.
 *
 * @module
 */

import { parseIPv4 } from "../../ip.ts";
import { Fault } from "../seam/fault.ts";
import { isLinkLocal } from "../seam/zones.ts";
import { networkInterfaces, systemIndex } from "./dgram_module.ts";
import { nodeFault } from "./error_mapping.ts";

/**
 * What the runtimes take for an interface; `undefined` is the default one.
 *
 * @throws {Fault} `ENODEV` if there is no such interface, `EPERM` if Deno may
 *   not tell.
 */
export function interfaceText(
  iface: string | number,
  family: "ipv4" | "ipv6",
): string | undefined {
  if (iface === 0 || iface === "") return undefined;
  if (family === "ipv6") return `::%${nameOf(iface)}`;
  if (typeof iface === "string" && parseIPv4(iface) !== undefined) return iface;
  return addressOf(nameOf(iface));
}

/**
 * The name of an interface by its name or index; `undefined` if there is no
 * such interface.
 *
 * @throws {Fault} `EPERM` if Deno may not tell.
 */
export function findInterface(iface: string | number): string | undefined {
  if (typeof iface === "string") {
    // One without an address is not listed.
    const isThere = isListed(iface) || systemIndex(iface) !== undefined;
    return isThere ? iface : undefined;
  }
  for (const [name, addresses = []] of Object.entries(listed())) {
    const isIt = addresses.some((each) => each.scopeid === iface) ||
      systemIndex(name) === iface;
    if (isIt) return name;
  }
  return undefined;
}

/** Whether an interface is named so and has an address. */
export function isListed(name: string): boolean {
  return Object.hasOwn(listed(), name);
}

/** The interfaces that have an address. */
export function interfacesAt(hostname: string): readonly string[] {
  return Object.entries(listed())
    .filter(([, all = []]) => all.some((each) => each.address === hostname))
    .map(([name]) => name);
}

/** The interfaces that have link-local addresses. */
export function linkLocalInterfaces(): readonly string[] {
  return Object.entries(listed())
    .filter(([, all = []]) => all.some((each) => isLinkLocal(each.address)))
    .map(([name]) => name);
}

function nameOf(iface: string | number): string {
  const isNumber = typeof iface === "number";
  const name = isNumber || isListed(iface) ? findInterface(iface) : undefined;
  if (name !== undefined) return name;
  const what = isNumber ? "has the index" : "is named";
  throw new Fault("ENODEV", undefined, `no interface ${what} ${iface}`);
}

function addressOf(name: string): string {
  for (const { address } of listed()[name] ?? []) {
    if (parseIPv4(address) !== undefined) return address;
  }
  const reason = `the interface ${name} has no IPv4 address`;
  throw new Fault("EADDRNOTAVAIL", undefined, reason);
}

function listed(): ReturnType<typeof networkInterfaces> {
  try {
    return networkInterfaces();
  } catch (error) {
    throw nodeFault(error);
  }
}
