/**
 * What a runtime cannot reach whatever is tried: the drivers of the others.
 *
 * @module
 */

import { kindOf, type RuntimeName } from "../../tests/runtimes.ts";

const OTHERS: Readonly<Record<"deno" | "bun" | "node", RegExp>> = {
  deno: /^src\/(?:runtime\/bun(?:\.ts|\/)|posix\/(?:bun|node)\.ts)/,
  bun: /^src\/(?:runtime\/deno(?:\.ts|\/)|posix\/(?:deno|node)\.ts)/,
  node: /^src\/(?:runtime\/(?:deno|bun)(?:\.ts|\/)|posix\/(?:deno|bun)\.ts)/,
};

/** Whether code of a file may run on a runtime. */
export function canReach(runtime: RuntimeName, file: string): boolean {
  return !OTHERS[kindOf(runtime)].test(file);
}
