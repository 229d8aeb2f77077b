/**
 * Programs of this repository under `strace`: what reaches the kernel, as told
 * by somebody who does not ask the library.
 *
 * @module
 */

import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  environment,
  findRuntime,
  repositoryRoot,
  scriptPath,
  thisRuntime,
} from "../runtimes.ts";

let why: string | false | undefined;

/** Why nothing can be traced here, or `false`. */
export function untraceable(): string | false {
  return why ??= ask();
}

function ask(): string | false {
  const { error, status, stderr } = spawnSync(
    "strace",
    ["-f", "--seccomp-bpf", "-e", "trace=setsockopt", "true"],
    { encoding: "utf8" },
  );
  if (error !== undefined) return "strace is not installed";
  return status !== 0 && `tracing is refused: ${stderr.trim()}`;
}

/** What a program did. */
export interface Trace {
  /** The JSON that it printed. */
  readonly said: unknown;
  /** Its calls of `setsockopt` that the kernel accepted, in order. */
  readonly calls: readonly string[];
}

/** How the program is run. */
export interface TraceOptions {
  /** Deno's permissions in place of `--allow-all`. */
  readonly denoFlags?: readonly string[];
}

/** The command that runs a script on the runtime of this process. */
export function commandOf(
  script: string,
  args: readonly string[],
  { denoFlags }: TraceOptions = {},
): readonly string[] {
  const runtime = findRuntime(thisRuntime());
  if (typeof runtime === "string") throw new Error(runtime);
  const before = denoFlags !== undefined && runtime.name === "deno"
    ? ["run", "--quiet", ...denoFlags]
    : runtime.args;
  const path = scriptPath(runtime, script);
  return [runtime.command, ...before, path, ...args];
}

/** Runs a script on the runtime of this process, and watches it. */
export async function traced(
  script: string,
  args: readonly string[],
  options: TraceOptions = {},
): Promise<Trace> {
  // With seccomp, calls of other names do not stop for strace.
  const trace = ["-f", "--seccomp-bpf", "-qq"]
    .concat("-e", "trace=setsockopt", "-e", "signal=none");
  const command = commandOf(script, args, options);
  const child = spawn("strace", [...trace, ...command], {
    cwd: repositoryRoot(),
    env: environment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { code, stdout, stderr } = await ended(child);
  assert.equal(code, 0, stderr);
  const calls = stderr.split("\n")
    .map((line) => /(setsockopt\(.*\)) += 0$/.exec(line)?.[1])
    .filter((call) => call !== undefined);
  return { said: JSON.parse(stdout), calls };
}

/** What a program said before it ended. */
export interface Ended {
  /** Its exit code. */
  readonly code: number | null;
  /** Its standard output. */
  readonly stdout: string;
  /** Its standard error. */
  readonly stderr: string;
}

/** Waits for a program's end. It is ended by force after 15 s. */
export function ended(child: ChildProcess): Promise<Ended> {
  const timer = setTimeout(() => child.kill("SIGKILL"), 15_000);
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk) => stdout += chunk);
  child.stderr?.on("data", (chunk) => stderr += chunk);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr });
    });
  });
}
