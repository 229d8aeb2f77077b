/** The child processes of a benchmark: started, awaited, always ended. */

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import {
  environment,
  type FoundRuntime,
  repositoryRoot,
  scriptPath,
} from "../../tests/runtimes.ts";

const running: Set<ChildProcess> = new Set();
process.once("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** A child process that is talked to line by line. */
export interface Child {
  /** The next line that it prints; rejects when it ends or says nothing. */
  nextLine(timeoutMs: number): Promise<string>;
  /** Gives it a line. */
  say(line: string): void;
  /** Ends it and waits until it is gone. */
  kill(): Promise<void>;
}

/** Starts a program. Whatever happens, it does not outlive this process. */
export function start(command: string, args: readonly string[]): Child {
  const child = spawn(command, args, {
    cwd: repositoryRoot(),
    env: environment(),
    stdio: ["pipe", "pipe", "pipe"],
  });
  running.add(child);
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => errors += text);
  child.stdin.on("error", () => {});
  const gone = new Promise<void>((resolve) => {
    child.once("close", () => {
      running.delete(child);
      resolve();
    });
    child.once("error", (error) => {
      errors += error.message;
      running.delete(child);
      resolve();
    });
  });
  const lines = createInterface({ input: child.stdout })
    [Symbol.asyncIterator]();
  return {
    nextLine: (timeoutMs) => lineWithin(lines, timeoutMs, () => errors.trim()),
    say: (line) => void child.stdin.write(`${line}\n`),
    async kill() {
      child.kill("SIGKILL");
      await gone;
    },
  };
}

/** Starts a TypeScript file of the repository, compiled where it has to be. */
export function startOn(
  runtime: FoundRuntime,
  script: string,
  args: readonly (string | number)[],
): Child {
  return start(runtime.command, [
    ...runtime.args,
    scriptPath(runtime, script),
    ...args.map(String),
  ]);
}

async function lineWithin(
  lines: AsyncIterator<string>,
  timeoutMs: number,
  errors: () => string,
): Promise<string> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`No answer within ${timeoutMs} ms. ${errors()}`)),
      timeoutMs,
    );
  });
  try {
    const { value, done } = await Promise.race([lines.next(), late]);
    if (done) throw new Error(errors() || "It ended without a word");
    return value;
  } finally {
    clearTimeout(timer);
  }
}
