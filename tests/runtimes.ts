/**
 * The runtimes that tests and scripts start as child processes. Nothing here
 * touches a file or starts a process until it is called.
 *
 * @module
 */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The name of a runtime that the project is tested on. */
export type RuntimeName = "deno" | "bun" | "node20" | "node26";

/** All of them, in the order in which results are shown. */
export const RUNTIMES: readonly RuntimeName[] = [
  "deno",
  "bun",
  "node20",
  "node26",
];

/** A runtime that is installed here. */
export interface FoundRuntime {
  /** Its name. */
  readonly name: RuntimeName;
  /** Its executable. */
  readonly command: string;
  /** What comes between the executable and the script. */
  readonly args: readonly string[];
  /** Whether it runs TypeScript; Node 20 does not and is given `.build/`. */
  readonly runsTypeScript: boolean;
}

/** The runtime that runs this very program. */
export function thisRuntime(): RuntimeName {
  if ("Deno" in globalThis) return "deno";
  if ("Bun" in globalThis) return "bun";
  return process.version.startsWith("v20.") ? "node20" : "node26";
}

let root: string | undefined;

/** The folder of the repository, also when called from compiled output. */
export function repositoryRoot(): string {
  if (root) return root;
  let dir = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(dir, "tools", "runtimes", "package.json"))) {
    const parent = dirname(dir);
    if (parent === dir) {
      throw new Error(`No repository of anysock around ${import.meta.url}`);
    }
    dir = parent;
  }
  return root = dir;
}

const found: Map<RuntimeName, FoundRuntime | string> = new Map();

/**
 * Where a runtime is, or, as text, why it is missing: made for
 * `skip: typeof found === "string" && found`.
 */
export function findRuntime(name: RuntimeName): FoundRuntime | string {
  let result = found.get(name);
  if (result === undefined) found.set(name, result = look(name));
  return result;
}

function look(name: RuntimeName): FoundRuntime | string {
  const modules = join(repositoryRoot(), "tools", "runtimes", "node_modules");
  if (name === "node20") return lookForNode(name, ["node"], 20, 20);
  if (name === "node26") {
    const pinned = join(modules, "node-26", "bin", "node");
    return lookForNode(name, [pinned, "node"], 22, 99);
  }
  const command = join(modules, ".bin", name);
  if (!existsSync(command)) return `${name} is missing: run npm ci`;
  const args = name === "deno" ? ["run", "--allow-all", "--quiet"] : [];
  return { name, command, args, runsTypeScript: true };
}

function lookForNode(
  name: RuntimeName,
  candidates: readonly string[],
  oldest: number,
  newest: number,
): FoundRuntime | string {
  const seen: string[] = [];
  for (const command of candidates) {
    const version = nodeVersion(command);
    const major = Number(/^v(\d+)\./.exec(version ?? "")?.[1]);
    if (major >= oldest && major <= newest) {
      const runsTypeScript = major >= 22;
      return { name, command, args: [], runsTypeScript };
    }
    if (version) seen.push(version);
  }
  return `${name} is missing; found ${seen.join(", ") || "no node"}`;
}

function nodeVersion(command: string): string | undefined {
  const { status, stdout } = spawnSync(command, ["--version"], {
    encoding: "utf8",
    env: environment(),
  });
  return status === 0 ? stdout.trim() : undefined;
}

/** `process.env` without what would change how a child behaves. */
export function environment(): Record<string, string> {
  const env: Record<string, string> = { NO_COLOR: "1" };
  for (const [key, value] of Object.entries(process.env)) {
    // A child of a test run must not report to that run.
    if (value !== undefined && !/^NODE_(TEST_CONTEXT|OPTIONS)$/.test(key)) {
      env[key] ??= value;
    }
  }
  return env;
}

/** Whether a program is on the PATH. */
export function hasProgram(name: string): boolean {
  const { error } = spawnSync(name, ["--version"], { stdio: "ignore" });
  return error === undefined;
}

/** The path that a runtime is given for a script of this repository. */
export function scriptPath(runtime: FoundRuntime, script: string): string {
  return runtime.runsTypeScript
    ? join(repositoryRoot(), script)
    : join(repositoryRoot(), ".build", script.replace(/\.ts$/, ".js"));
}

/** How `spawnRuntime` differs from its usual way. */
export interface SpawnOptions {
  /** Deno's permissions in place of `--allow-all`. */
  readonly denoFlags?: readonly string[];
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Starts a TypeScript file of this repository under a runtime; `script` is
 * its path from the repository's root. All three standard streams are pipes.
 * The caller ends the child.
 *
 * @throws {Error} when the runtime is missing: ask `findRuntime` first
 */
export function spawnRuntime(
  name: RuntimeName,
  script: string,
  args: readonly string[] = [],
  options: SpawnOptions = {},
): ChildProcess {
  const runtime = findRuntime(name);
  if (typeof runtime === "string") throw new Error(runtime);
  const before = options.denoFlags && name === "deno"
    ? ["run", "--quiet", ...options.denoFlags]
    : runtime.args;
  return spawn(
    runtime.command,
    [...before, scriptPath(runtime, script), ...args],
    {
      cwd: repositoryRoot(),
      env: { ...environment(), ...options.env },
      stdio: ["pipe", "pipe", "pipe"],
    },
  );
}
