/**
 * What several scripts need: the repository's files, and child processes
 * whose output is kept.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../tests/runtimes.ts";

export { table } from "../cli/table.ts";

/** The folder of the repository. */
export const root: string = repositoryRoot();

/** Where the pinned Deno, Bun and Node 26 were installed. */
export const tools: string = join(root, "tools", "runtimes", "node_modules");

/** The pinned Deno. */
export const deno: string = join(tools, ".bin", "deno");

/** What a finished process left behind. */
export interface Finished {
  /** Its exit code; 1 when a signal ended it or it could not start. */
  readonly code: number;
  /** Standard output and standard error, as they came. */
  readonly output: string;
}

/** How `run` differs from its usual way. */
export interface RunOptions {
  /** The working folder, default the repository's. */
  readonly cwd?: string;
  /** Is given the output while it comes. */
  readonly onText?: (text: string) => void;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds until the process is killed, default ten minutes. */
  readonly timeoutMs?: number;
}

/** Runs a program to its end and gives what it said. */
export function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  const timeoutMs = options.timeoutMs ?? 600_000;
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? root,
      env: { ...process.env, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    let output = "";
    const timer = setTimeout(() => {
      output += `\n${command} was killed after ${timeoutMs} ms\n`;
      killGroup(child.pid);
    }, timeoutMs);
    const release = endWithUs(() => killGroup(child.pid));
    const finish = (code: number): void => {
      clearTimeout(timer);
      release();
      resolve({ code, output });
    };
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text: string) => {
        output += text;
        options.onText?.(text);
      });
    }
    child.on("error", (error) => {
      output += `${error.message}\n`;
      finish(1);
    });
    child.on("close", (code) => finish(code ?? 1));
  });
}

/**
 * Calls `stop` when this process exits or is told to: a child that leads a
 * group of its own does not hear of it otherwise. Gives back what undoes it.
 */
function endWithUs(stop: () => void): () => void {
  const quit = (): void => process.exit(1);
  process.on("exit", stop);
  process.on("SIGINT", quit);
  process.on("SIGTERM", quit);
  return () => {
    process.off("exit", stop);
    process.off("SIGINT", quit);
    process.off("SIGTERM", quit);
  };
}

/** Does the work for every item, `jobs` of them at a time, in their order. */
export async function inTurn<T>(
  jobs: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = items.values();
  const worker = async (): Promise<void> => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: jobs }, worker));
}

/** Ends a process started as leader of a group, with all its children. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It ended on its own meanwhile.
  }
}

/** All files below a folder, from the repository's root, sorted. */
export function filesUnder(folder: string, suffix = ".ts"): string[] {
  const entries = readdirSync(join(root, folder), {
    recursive: true,
    withFileTypes: true,
  });
  return entries
    .filter((each) => each.isFile() && each.name.endsWith(suffix))
    .map((each) => join(each.parentPath, each.name).slice(root.length + 1))
    .filter((path) => !path.includes("node_modules"))
    .map((path) => path.replaceAll("\\", "/"))
    .sort();
}

// The escape character belongs to the colours that are taken out.
// deno-lint-ignore no-control-regex -- colours begin with an escape
const COLOURS = /\x1b\[[0-9;]*m/g;

/** What a program printed, without its colours. */
export function plainText(output: string): string {
  return output.replace(COLOURS, "");
}

/** What is wrong with the options of a command, in one sentence. */
export function reasonOf(error: unknown): string {
  // What parseArgs says of "--" helps with no option of ours.
  return (error as Error).message.split(". To specify")[0] ?? "";
}
