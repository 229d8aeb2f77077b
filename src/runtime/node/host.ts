/**
 * The process, as the built-in modules tell of it: on Node, and on Bun and Deno
 * as well.
 *
 * @module
 */

import type { DiagnosticsChannel, Host, SignalName } from "../seam/host.ts";
import type { WorkerHost } from "../seam/workers.ts";
import { builtin } from "./builtins.ts";
import { nodeWorkers } from "./workers/host.ts";

/** The members of `node:fs` that are used. */
interface Files {
  readFileSync(path: string, encoding: "utf8"): string;
  readdirSync(path: string): string[];
}

/** The members of `process` that are used. */
interface Process {
  readonly platform: string;
  readonly pid: number;
  readonly env: Record<string, string | undefined>;
  readonly report?: {
    excludeNetwork?: boolean;
    getReport(): {
      readonly userLimits?: {
        readonly open_files?: { readonly soft: number | string };
      };
    };
  };
  on(name: SignalName, listener: () => void): unknown;
  off(name: SignalName, listener: () => void): unknown;
}

/** The members of `node:diagnostics_channel` that are used. */
interface Diagnostics {
  channel(name: string): DiagnosticsChannel;
}

/** Where a system lists the descriptors of the process that asks. */
const DESCRIPTORS: Readonly<Record<string, string | undefined>> = {
  linux: "/proc/self/fd",
  darwin: "/dev/fd",
};

function current(): Process {
  // dnt-shim-ignore
  return (globalThis as unknown as { process: Process }).process;
}

class NodeHost implements Host {
  readonly workers: WorkerHost = nodeWorkers();

  descriptorLimit(): { readonly soft: number } | undefined {
    return limitOfSystem() ?? limitOfReport();
  }

  openDescriptors(): number | undefined {
    const folder = DESCRIPTORS[current().platform];
    if (folder === undefined) return undefined;
    try {
      // One of them is the folder's own.
      return builtin<Files>("node:fs").readdirSync(folder).length - 1;
    } catch {
      return undefined;
    }
  }

  get pid(): number {
    return current().pid;
  }

  variable(name: string): string | undefined {
    return current().env[name];
  }

  unsetVariable(name: string): void {
    delete current().env[name];
  }

  onSignal(name: SignalName, told: () => void): () => void {
    const listener = () => told();
    current().on(name, listener);
    return () => void current().off(name, listener);
  }

  diagnosticsChannel(name: string): DiagnosticsChannel | undefined {
    try {
      return builtin<Diagnostics>("node:diagnostics_channel").channel(name);
    } catch {
      return undefined; // an old runtime has none, and nobody misses it
    }
  }
}

/** Ten times as quick as a report, where the system has it. */
function limitOfSystem(): { readonly soft: number } | undefined {
  if (current().platform !== "linux") return undefined;
  try {
    const text = builtin<Files>("node:fs")
      .readFileSync("/proc/self/limits", "utf8");
    return limitOf(/^Max open files +(\S+)/m.exec(text)?.[1]);
  } catch {
    return undefined;
  }
}

function limitOfReport(): { readonly soft: number } | undefined {
  const { report } = current();
  if (report === undefined) return undefined;
  const { excludeNetwork } = report;
  try {
    // Else it may ask name servers for the peers of all sockets.
    report.excludeNetwork = true;
    return limitOf(report.getReport().userLimits?.open_files?.soft);
  } catch {
    return undefined;
  } finally {
    if (excludeNetwork !== undefined) report.excludeNetwork = excludeNetwork;
  }
}

function limitOf(value: unknown): { readonly soft: number } | undefined {
  const soft = value === "unlimited" ? Infinity : Number(value);
  return soft > 0 ? { soft } : undefined;
}

const HOST: Host = new NodeHost();

/** The process. Nothing is loaded until it is asked. */
export function nodeProcess(): Host {
  return HOST;
}
