/**
 * Names on Deno: those of the `node:` modules, with Deno's permissions kept in
 * mind. Only what a call cannot do without may lead to a question.
 *
 * @module
 */

import type {
  NameService,
  NetworkInterface,
  ResolvedHost,
  SystemFile,
} from "../seam/names.ts";
import { nodeFault } from "../node/error_mapping.ts";
import { kernelInterfaces, listedInterfaces } from "../node/interface_table.ts";
import { nodeNames, systemPath } from "../node/names.ts";
import { Fault } from "../seam/fault.ts";

/** The members of the `Deno` namespace that are used. */
interface DenoNamespace {
  hostname(): string;
  networkInterfaces(): readonly { readonly address: string }[];
  readTextFile(path: string): Promise<string>;
  readonly permissions: {
    querySync(descriptor: object): { readonly state: string };
  };
}

function deno(): DenoNamespace {
  // dnt-shim-ignore
  return (globalThis as unknown as { Deno: DenoNamespace }).Deno;
}

const NO_SERVER = "the name server may not be asked without --allow-net";

/** Deno's `node:dns` does not say that a permission was missing. */
function isRefused(error: unknown): boolean {
  const { cause } = error as Fault;
  const { code } = (cause ?? {}) as { readonly code?: unknown };
  return code === "UNKNOWN" && !isGranted({ name: "net" });
}

/** Whether a permission is there, without asking anybody for it. */
export function isGranted(descriptor: object): boolean {
  return deno().permissions.querySync(descriptor).state === "granted";
}

/** What `--allow-all` grants together. */
const EVERYTHING = ["read", "write", "net", "env", "run", "sys", "ffi"];

/**
 * Whether `/sys` may be read with no question to the user: Deno lets nobody
 * read there who may not do everything.
 */
export function mayReadEverything(): boolean {
  return EVERYTHING.every((name) => isGranted({ name }));
}

class DenoNames implements NameService {
  hostname(): string {
    try {
      return deno().hostname();
    } catch (error) {
      throw nodeFault(error);
    }
  }

  reverse(address: string, port: number): Promise<string> {
    return nodeNames().reverse(address, port);
  }

  async alias(name: string): Promise<string | undefined> {
    try {
      return await nodeNames().alias(name);
    } catch (error) {
      throw isRefused(error) ? new Fault("EPERM", error, NO_SERVER) : error;
    }
  }

  mayAskServers(): boolean {
    // Which server is asked is not known here, so all must be permitted.
    return isGranted({ name: "net" });
  }

  addresses(): readonly ResolvedHost[] {
    try {
      return deno().networkInterfaces().map(({ address }) => ({
        family: address.includes(":") ? "ipv6" : "ipv4",
        hostname: address,
      }));
    } catch (error) {
      throw nodeFault(error);
    }
  }

  interfaces(): readonly NetworkInterface[] {
    const all = mayReadEverything() ? kernelInterfaces() : undefined;
    return all ?? listedInterfaces();
  }

  async readSystemFile(file: SystemFile): Promise<string | undefined> {
    const path = systemPath(file);
    if (path === undefined || !isGranted({ name: "read", path })) {
      return undefined;
    }
    try {
      return await deno().readTextFile(path);
    } catch {
      return undefined;
    }
  }
}

const NAMES: NameService = new DenoNames();

/** Names on Deno. Made without touching the runtime. */
export function denoNames(): NameService {
  return NAMES;
}
