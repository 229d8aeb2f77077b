/**
 * The network interfaces and their indexes: all of them from Linux itself, or
 * those that the runtime tells of.
 *
 * @module
 */

import { platformName } from "../platform.ts";
import type { NetworkInterface } from "../seam/names.ts";
import { builtin } from "./builtins.ts";
import { nodeFault } from "./error_mapping.ts";

/** The members of `node:fs` that are used. */
interface Files {
  readdirSync(path: string): string[];
  readFileSync(path: string, encoding: "utf8"): string;
}

/** One address of an interface, as `node:os` has it. */
interface InterfaceAddress {
  /** Of link-local IPv6 addresses the index, of others 0. */
  readonly scopeid?: number | null;
  /** Whether it is the loopback. */
  readonly internal: boolean;
}

/** The members of `node:os` that are used. */
interface Os {
  networkInterfaces(): Readonly<
    Record<string, readonly InterfaceAddress[] | undefined>
  >;
}

const FOLDER = "/sys/class/net";

/** Linux gives it to the loopback of every network namespace. */
const LOOPBACK_INDEX = 1;

/** Every interface; `undefined` where the kernel's list cannot be read. */
export function kernelInterfaces(): readonly NetworkInterface[] | undefined {
  if (platformName() !== "linux") return undefined;
  try {
    const fs = builtin<Files>("node:fs");
    return fs.readdirSync(FOLDER).flatMap((name) => {
      const index = indexOf(fs, name);
      return index === undefined ? [] : [{ name, index }];
    });
  } catch {
    // Missing or forbidden: nothing can be learnt there.
    return undefined;
  }
}

/** The index of a name there; `undefined` if it is no interface, or gone. */
function indexOf(fs: Files, name: string): number | undefined {
  try {
    return Number(fs.readFileSync(`${FOLDER}/${name}/ifindex`, "utf8"));
  } catch {
    return undefined;
  }
}

/** The interfaces that have an address. Throws a Fault without permission. */
export function listedInterfaces(): readonly NetworkInterface[] {
  try {
    const all = builtin<Os>("node:os").networkInterfaces();
    return Object.entries(all).map(([name, addresses = []]) => {
      return { name, index: indexIn(addresses) };
    });
  } catch (error) {
    throw nodeFault(error);
  }
}

function indexIn(addresses: readonly InterfaceAddress[]): number | undefined {
  for (const { scopeid } of addresses) if (scopeid) return scopeid;
  const isLoopback = addresses.some(({ internal }) => internal);
  return isLoopback && platformName() === "linux" ? LOOPBACK_INDEX : undefined;
}
