/**
 * The benchmarks as children of a test. They run on a Node that strips types,
 * as `npm run bench` does.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Program, watch } from "../examples/programs.ts";
import { environment, findRuntime, repositoryRoot } from "../runtimes.ts";

const node = findRuntime("node26");
const bun = findRuntime("bun");

/** Why no benchmark can run here; `false` if they can. */
export const lack: string | false = [node, bun]
  .find((each) => typeof each === "string") as string | undefined ??
  (process.platform !== "linux" && "the benchmark reads /proc");

/** Why those cannot run that compare with packages of npm. */
export const lackOfRivals: string | false = lack ||
  (!existsSync(join(repositoryRoot(), "bench/node_modules")) &&
    "run npm ci in bench");

/** Runs a benchmark to its end. */
export function runBench(...args: string[]): Program["ended"] {
  const command = typeof node === "string" ? node : node.command;
  return watch(spawn(command, ["bench/main.ts", ...args], {
    cwd: repositoryRoot(),
    env: environment(),
  })).ended;
}
