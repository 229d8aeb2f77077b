/**
 * Programs that print something and end.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { watch } from "../examples/programs.ts";

/** What a program prints that ends well and complains of nothing. */
export async function printedBy(
  child: ChildProcess,
): Promise<string> {
  const program = watch(child);
  try {
    const { code, stdout, stderr } = await program.ended;
    assert.deepEqual([code, stderr], [0, ""]);
    return stdout.trim();
  } finally {
    await program.stop();
  }
}
