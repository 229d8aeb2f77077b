/** The matrix's child processes: started, awaited, always ended. */

import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { type RuntimeName, spawnRuntime } from "../../tests/runtimes.ts";
import type { Received } from "./wire.ts";

const START_TIMEOUT_MS = 15_000;
const running: Set<ChildProcess> = new Set();
process.once("exit", () => running.forEach((child) => child.kill("SIGKILL")));

interface Running {
  readonly child: ChildProcess;
  readonly exit: Promise<number | null>;
  readonly errors: () => string;
}

function start(runtime: RuntimeName, script: string, args: string[]): Running {
  const child = spawnRuntime(runtime, script, args);
  running.add(child);
  let errors = "";
  child.stderr!.setEncoding("utf8").on("data", (text) => errors += text);
  const exit = new Promise<number | null>((resolve) => {
    child.once("close", (code) => {
      running.delete(child);
      resolve(code);
    });
  });
  return { child, exit, errors: () => errors.trim().split("\n")[0] ?? "" };
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
  runtime: RuntimeName,
  file: string,
  bytes: number,
): Promise<MatrixServer> {
  const { child, exit, errors } = start(
    runtime,
    "scripts/matrix/server.ts",
    [file, `${bytes}`],
  );
  const timer = setTimeout(() => child.kill("SIGKILL"), START_TIMEOUT_MS);
  const lines = createInterface({ input: child.stdout! });
  const { value: port } = await lines[Symbol.asyncIterator]().next();
  clearTimeout(timer);
  if (port === undefined) throw new Error(`${runtime} server: ${errors()}`);
  return {
    port,
    async stop() {
      child.stdin!.end();
      const timer = setTimeout(() => child.kill("SIGKILL"), START_TIMEOUT_MS);
      const code = await exit;
      clearTimeout(timer);
      if (code === 0) return undefined;
      return `the ${runtime} server ended with ${code}: ${errors()}`;
    },
  };
}

/** Runs a client to its end. */
export async function runClient(
  runtime: RuntimeName,
  port: string,
  options: { timeoutMs: number; progress: (bytes: number) => void },
): Promise<Received> {
  const { child, exit, errors } = start(
    runtime,
    "scripts/matrix/client.ts",
    [port],
  );
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
