/** Where and with what a benchmark ran: part of every result. */

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";
import {
  environment,
  findRuntime,
  type RuntimeName,
} from "../../tests/runtimes.ts";

/** The machine of a result. */
export interface Machine {
  /** What the processor calls itself. */
  readonly cpu: string;
  /** How many processors the kernel offers. */
  readonly cores: number;
  /** Memory in bytes. */
  readonly memoryBytes: number;
  /** Operating system, its release, and the architecture. */
  readonly system: string;
  /** Its load in the last five minutes, in runs that have noted it. */
  readonly load?: number;
}

/** The machine that this runs on. */
export function machine(): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? "unknown",
    cores: all.length,
    memoryBytes: totalmem(),
    system: `${process.platform} ${release()} ${process.arch}`,
    load: loadavg()[1] ?? 0,
  };
}

/** More than a benchmark and what it measures make by themselves. */
const QUIET_LOAD = 3;

/** The machine in words, and whether others used it at the same time. */
export function machineText({ cpu, cores, system, load = 0 }: Machine): string {
  const text = `${cpu}, ${cores} cores, ${system}`;
  return load <= QUIET_LOAD ? text : `${text}, ` +
    `**busy with other work** (load ${load.toFixed(1)}), which costs all alike`;
}

/** The version of each runtime that is installed, as it says itself. */
export function versions(
  names: readonly RuntimeName[],
): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, version(name)]));
}

function version(name: RuntimeName): string {
  const runtime = findRuntime(name);
  if (typeof runtime === "string") return runtime;
  const { stdout } = spawnSync(runtime.command, ["--version"], {
    encoding: "utf8",
    env: environment(),
  });
  return /\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? stdout.trim();
}

/**
 * Refuses to go on elsewhere than on Linux.
 *
 * @throws {Error} with the system's name
 */
export function requireLinux(): void {
  if (process.platform === "linux") return;
  throw new Error(`This needs Linux's /proc, and here is ${process.platform}`);
}

/** The commit that was measured, `+` if files differ from it. */
export function commit(): string {
  const git = (...args: string[]): string =>
    spawnSync("git", args, { encoding: "utf8" }).stdout?.trim() ?? "";
  const dirty = git("status", "--porcelain", "--", "src", "mod.ts") !== "";
  return git("rev-parse", "--short", "HEAD") + (dirty ? "+" : "");
}

/** How many descriptors a process may have at most. */
export function descriptorLimit(): number {
  const limits = readFileSync("/proc/self/limits", "utf8");
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(limits)?.[1];
  return hard === "unlimited" ? Infinity : Number(hard);
}

/** Bytes of memory of its own that a process has in RAM. */
export function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const kib = /^RssAnon:\s+(\d+) kB/m.exec(status)?.[1];
  if (!kib) throw new Error(`The kernel tells no RssAnon of process ${pid}`);
  return Number(kib) * 1024;
}
