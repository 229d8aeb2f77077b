/**
 * The names of a network in memory.
 *
 * @module
 */

import type {
  NameService,
  NetworkInterface,
  ResolvedHost,
  SystemFile,
} from "../seam/names.ts";
import { Fault } from "../seam/fault.ts";

/** What a network in memory knows of names, besides its hosts. */
export interface MemoryNames {
  /** This host's own name; default `"localhost"`. */
  readonly hostname?: string;
  /** DNS aliases: name → the name that it stands for. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Texts of the system's files; default: none. */
  readonly files?: Readonly<Partial<Record<SystemFile, string>>>;
  /** The network interfaces; default `lo` with the index 1. */
  readonly interfaces?: readonly NetworkInterface[];
}

const LOOPBACK: NetworkInterface = { name: "lo", index: 1 };

/** The names of one network: its hosts, and what it is told besides. */
export function memoryNames(
  hosts: ReadonlyMap<string, readonly ResolvedHost[]>,
  options: MemoryNames = {},
): NameService {
  const { hostname = "localhost", aliases = {}, files = {} } = options;
  const { interfaces = [LOOPBACK] } = options;
  const all = [...hosts.values()].flat();
  return {
    hostname: () => hostname,
    // deno-lint-ignore require-await -- a Fault must reject, not throw
    async reverse(address) {
      for (const [name, addresses] of hosts) {
        if (addresses.some((each) => each.hostname === address)) return name;
      }
      throw new Fault("EAI_NONAME");
    },
    alias: (name) => Promise.resolve(own(aliases, name.toLowerCase())),
    mayAskServers: () => true,
    addresses: () => all,
    interfaces: () => interfaces,
    readSystemFile: (file) => Promise.resolve(own(files, file)),
  };
}

function own<T>(
  record: Readonly<Record<string, T>>,
  key: string,
): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
