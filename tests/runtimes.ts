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
export type RuntimeName =
  | "deno"
  | "bun"
  | "node20"
  | "node26"
  | "deno2.8"
  | "bun1.4"
  | "node20.19";

/** Those that everything runs on, in the order in which results are shown. */
export const RUNTIMES: readonly RuntimeName[] = [
  "deno",
  "bun",
  "node20",
  "node26",
];

/** The oldest that the library promises to work on. */
export const OLDEST: readonly RuntimeName[] = [
  "deno2.8",
  "bun1.4",
  "node20.19",
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

/** Which runtime a name belongs to, whatever the version. */
export function kindOf(name: RuntimeName): "deno" | "bun" | "node" {
  if (name.startsWith("deno")) return "deno";
  return name.startsWith("bun") ? "bun" : "node";
}

/** The runtime that runs this very program. */
export function thisRuntime(): RuntimeName {
  const isOldest = process.execPath.includes(OLDEST_FOLDER);
  if ("Deno" in globalThis) return isOldest ? "deno2.8" : "deno";
  if ("Bun" in globalThis) return isOldest ? "bun1.4" : "bun";
  if (isOldest) return "node20.19";
  return process.version.startsWith("v20.") ? "node20" : "node26";
}

const OLDEST_FOLDER = join("tools", "oldest", "node_modules");

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

const DENO_ARGS = ["run", "--allow-all", "--quiet"];

function look(name: RuntimeName): FoundRuntime | string {
  if (OLDEST.includes(name)) return lookForOldest(name);
  const modules = join(repositoryRoot(), "tools", "runtimes", "node_modules");
  if (name === "node20") return lookForNode(name, ["node"], 20, 20);
  if (name === "node26") {
    const pinned = join(modules, "node-26", "bin", "node");
    return lookForNode(name, [pinned, "node"], 22, 99);
  }
  const command = join(modules, ".bin", name);
  if (!existsSync(command)) return `${name} is missing: run npm ci`;
  const args = name === "deno" ? DENO_ARGS : [];
  return { name, command, args, runsTypeScript: true };
}

const OLDEST_PROGRAMS: Readonly<Partial<Record<RuntimeName, string>>> = {
  "deno2.8": "deno-2.8/deno",
  "bun1.4": "bun-1.4/bin/bun",
  "node20.19": "node-20.19/bin/node",
};

function lookForOldest(name: RuntimeName): FoundRuntime | string {
  const program = OLDEST_PROGRAMS[name] ?? "";
  const command = join(repositoryRoot(), OLDEST_FOLDER, program);
  if (!existsSync(command)) return `${name} is not installed here`;
  const args = kindOf(name) === "deno" ? DENO_ARGS : [];
  return { name, command, args, runsTypeScript: kindOf(name) !== "node" };
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
  const before = options.denoFlags && kindOf(name) === "deno"
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
