/**
 * Programs on Deno under some permissions, whatever runs the tests.
 *
 * @module
 */

import { spawnRuntime } from "../runtimes.ts";
import { printedBy } from "./printed.ts";

/** What a program prints on Deno under these permissions, without a question. */
export function printedOnDeno(
  script: string,
  permissions: readonly string[],
  args: readonly string[] = [],
): Promise<string> {
  return printedBy(
    spawnRuntime("deno", script, args, {
      denoFlags: ["--no-check", "--no-prompt", ...permissions],
    }),
  );
}
