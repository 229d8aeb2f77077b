/**
 * What a runtime's test runner is told by whoever starts it: to test, to learn
 * which lines of `src` run, or to see tests fail.
 *
 * @module
 */

import { join } from "node:path";
import { root } from "../lib.ts";

/** Of the environment. */
type Env = Readonly<Record<string, string>>;

/** See `tests/quick.ts`. */
export const QUICK: Env = { ANYSOCK_QUICK: "1" };

/** Node 26 strips and compiles what it knows only once. */
export const NODE_CACHE: Env = {
  NODE_COMPILE_CACHE: join(root, ".build", "node_cache"),
};

/** How Deno tests. */
export const DENO_TEST: readonly string[] = ["test", "-P", "-q", "--no-check"];

/** Loads files of tests, each an argument, into one process or isolate. */
export const ALL_IN_ONE = "scripts/test/all_in_one.ts";

/** Where a file lies that was compiled for Node 20. */
export function builtPath(file: string): string {
  return join(".build", file.replace(/\.ts$/, ".js"));
}

/** How Node is told files of tests: several share one process. */
export function nodeFiles(
  files: readonly string[],
  runsTypeScript: boolean,
): string[] {
  const all = files.length > 1 ? [ALL_IN_ONE, ...files] : [...files];
  return runsTypeScript ? all : all.map(builtPath);
}
