/**
 * Programs on Deno under some permissions, whatever runs the tests.
 *
 * @module
 */

import assert from "node:assert/strict";
import { watch } from "../examples/programs.ts";
import { spawnRuntime } from "../runtimes.ts";

/** What a program prints on Deno under these permissions, without a question. */
export async function printedOnDeno(
  script: string,
  permissions: readonly string[],
  args: readonly string[] = [],
): Promise<string> {
  const program = watch(
    spawnRuntime("deno", script, args, {
      denoFlags: ["--no-check", "--no-prompt", ...permissions],
    }),
  );
  try {
    const { code, stdout, stderr } = await program.ended;
    assert.deepEqual([code, stderr], [0, ""]);
    return stdout.trim();
  } finally {
    await program.stop();
  }
}
