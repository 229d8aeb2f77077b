/**
 * Names by `node:dns`, `node:os` and `node:fs`, for Node and for Bun; Deno
 * takes all but its permissions from here.
 *
 * @module
 */

import type {
  NameService,
  NetworkInterface,
  ResolvedHost,
  SystemFile,
} from "../seam/names.ts";
import { platformName } from "../platform.ts";
import { Fault } from "../seam/fault.ts";
import { builtin, builtinsReady } from "./builtins.ts";
import { lookupFault, nodeFault } from "./error_mapping.ts";
import { kernelInterfaces, listedInterfaces } from "./interface_table.ts";

/** The members of `node:dns` that are used. */
interface Dns {
  lookupService(
    address: string,
    port: number,
    done: (error: Error | null, hostname: string) => void,
  ): void;
  resolveCname(
    name: string,
    done: (error: Error | null, names: readonly string[]) => void,
  ): void;
}

/** The members of `node:os` that are used. */
interface Os {
  hostname(): string;
  networkInterfaces(): Readonly<
    Record<string, readonly { readonly address: string }[] | undefined>
  >;
}

/** The members of `node:fs/promises` that are used. */
interface Files {
  readFile(path: string, encoding: "utf8"): Promise<string>;
}

const WINDOWS_FOLDER = "C:\\Windows\\System32\\drivers\\etc\\";

/** Where the system keeps a file; `undefined` if it has none such. */
export function systemPath(file: SystemFile): string | undefined {
  if (platformName() !== "win32") return `/etc/${file}`;
  if (file === "resolv.conf") return undefined;
  return WINDOWS_FOLDER + (file === "protocols" ? "protocol" : file);
}

/** Answers of a name server that mean: it is no alias. */
const NO_ALIAS: ReadonlySet<string> = new Set(["ENODATA", "ENOTFOUND"]);

/** Failures to reach a name server that comes to an answer. */
const NO_ANSWER: ReadonlySet<string> = new Set([
  "EBADRESP",
  "ECANCELLED",
  "ECONNREFUSED",
  "EREFUSED",
  "ESERVFAIL",
  "ETIMEOUT",
  "UNKNOWN",
]);

class NodeNames implements NameService {
  hostname(): string {
    return builtin<Os>("node:os").hostname();
  }

  async reverse(address: string, port: number): Promise<string> {
    await builtinsReady();
    return await new Promise((resolve, reject) => {
      try {
        // The service is of no use here: `getnameinfo` has TCP's alone.
        builtin<Dns>("node:dns")
          .lookupService(address, port, (error, hostname) => {
            if (error) reject(lookupFault(error));
            else resolve(hostname);
          });
      } catch (error) {
        reject(lookupFault(error));
      }
    });
  }

  async alias(name: string): Promise<string | undefined> {
    await builtinsReady();
    return await new Promise((resolve, reject) => {
      try {
        builtin<Dns>("node:dns").resolveCname(
          name,
          (error, names) => {
            if (!error) return resolve(names[0]?.replace(/\.$/, ""));
            const { code = "" } = error as { code?: string };
            if (NO_ALIAS.has(code)) return resolve(undefined);
            reject(
              NO_ANSWER.has(code)
                ? new Fault("EAI_AGAIN", error)
                : lookupFault(error),
            );
          },
        );
      } catch (error) {
        reject(lookupFault(error));
      }
    });
  }

  mayAskServers(): boolean {
    return true;
  }

  addresses(): readonly ResolvedHost[] {
    let interfaces: ReturnType<Os["networkInterfaces"]>;
    try {
      interfaces = builtin<Os>("node:os").networkInterfaces();
    } catch (error) {
      throw nodeFault(error);
    }
    return Object.values(interfaces).flat().map((each) => {
      const hostname = each?.address ?? "";
      return { family: hostname.includes(":") ? "ipv6" : "ipv4", hostname };
    });
  }

  interfaces(): readonly NetworkInterface[] {
    return kernelInterfaces() ?? listedInterfaces();
  }

  async readSystemFile(file: SystemFile): Promise<string | undefined> {
    const path = systemPath(file);
    if (path === undefined) return undefined;
    try {
      return await builtin<Files>("node:fs/promises")
        .readFile(path, "utf8");
    } catch {
      // Missing or forbidden: both mean that nothing can be learnt from it.
      return undefined;
    }
  }
}

const NAMES: NameService = new NodeNames();

/** Names by the `node:` modules. Nothing is loaded until it is used. */
export function nodeNames(): NameService {
  return NAMES;
}
