/**
 * The matrix's child processes: started, awaited, always ended.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import type { Received } from "./wire.ts";

const START_TIMEOUT_MS = 15_000;
const running: Set<ChildProcess> = new Set();

/** A runtime, and how it is made to run this very program. */
export interface Runner {
  /** Its name. */
  readonly name: string;
  /** Its executable. */
  readonly command: string;
  /** What comes in front of the program's arguments, the program included. */
  readonly args: readonly string[];
}

/** A child that was started. */
export interface Running {
  readonly child: ChildProcess;
  /** Settles with its exit code; `null` if a signal ended it. */
  readonly exit: Promise<number | null>;
  /** What it complained about, in one line. */
  readonly errors: () => string;
}

/** Starts the program with arguments; it never outlives this one. */
export function start(runner: Runner, args: readonly string[]): Running {
  if (running.size === 0) process.once("exit", endAll);
  const child = spawn(runner.command, [...runner.args, ...args], {
    env: environment(),
    stdio: ["pipe", "pipe", "pipe"],
  });
  running.add(child);
  let errors = "";
  child.stderr!.setEncoding("utf8").on("data", (text) => errors += text);
  const exit = new Promise<number | null>((resolve) => {
    const over = (code: number | null): void => {
      running.delete(child);
      if (running.size === 0) process.off("exit", endAll);
      resolve(code);
    };
    child.once("close", over);
    child.once("error", (error) => {
      errors += error.message;
      over(null);
    });
  });
  return { child, exit, errors: () => complaintIn(errors) };
}

/** The line that says what is wrong. */
function complaintIn(errors: string): string {
  const lines = errors.trim().split("\n");
  return lines.find((line) => /error/i.test(line)) ?? lines[0] ?? "";
}

function endAll(): void {
  for (const child of running) child.kill("SIGKILL");
}

/** Without what would change how a child behaves. */
function environment(): Record<string, string | undefined> {
  const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, ...env } = process.env;
  return { ...env, NO_COLOR: "1" };
}

/** What a child prints at once, such as its version. */
export async function printedBy(
  runner: Runner,
  args: readonly string[],
): Promise<{ code: number | null; stdout: string; errors: string }> {
  const { child, exit, errors } = start(runner, args);
  child.stdin!.on("error", () => {}).end();
  let stdout = "";
  child.stdout!.setEncoding("utf8").on("data", (text) => stdout += text);
  const timer = setTimeout(() => child.kill("SIGKILL"), START_TIMEOUT_MS);
  const code = await exit;
  clearTimeout(timer);
  return { code, stdout, errors: errors() };
}

/** A server of the matrix. */
export interface MatrixServer {
  /** Where it listens. */
  readonly port: string;
  /** Ends it; answers what it complained about, if anything. */
  stop(): Promise<string | undefined>;
}

/** Starts a server and waits until it listens. */
export async function startServer(
  runner: Runner,
  file: string,
  bytes: number,
): Promise<MatrixServer> {
  const args = ["matrix-server", file, `${bytes}`];
  const { child, exit, errors } = start(runner, args);
  const timer = setTimeout(() => child.kill("SIGKILL"), START_TIMEOUT_MS);
  const lines = createInterface({ input: child.stdout! });
  const { value: port } = await lines[Symbol.asyncIterator]().next();
  clearTimeout(timer);
  if (port === undefined) throw new Error(`${runner.name} server: ${errors()}`);
  return {
    port,
    async stop() {
      child.stdin!.end();
      const timer = setTimeout(() => child.kill("SIGKILL"), START_TIMEOUT_MS);
      const code = await exit;
      clearTimeout(timer);
      if (code === 0) return undefined;
      return `the ${runner.name} server ended with ${code}: ${errors()}`;
    },
  };
}

/** Runs a client to its end. */
export async function runClient(
  runner: Runner,
  port: string,
  options: { timeoutMs: number; progress: (bytes: number) => void },
): Promise<Received> {
  const { child, exit, errors } = start(runner, ["matrix-client", port]);
  const timer = setTimeout(() => child.kill("SIGKILL"), options.timeoutMs);
  let last = "";
  for await (const line of createInterface({ input: child.stdout! })) {
    last = line;
    if (!line.startsWith("{")) options.progress(Number(line));
  }
  const code = await exit;
  clearTimeout(timer);
  if (code === 0) return JSON.parse(last) as Received;
  const why = code === null ? `no end in ${options.timeoutMs} ms` : errors();
  throw new Error(`the client failed: ${why}`);
}
