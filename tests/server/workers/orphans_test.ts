/**
 * What becomes of workers whose parent is killed.
 */

import assert from "node:assert/strict";
import process from "node:process";
import { test } from "../../harness.ts";
import { spawnRuntime, thisRuntime } from "../../runtimes.ts";
import { watch } from "../../examples/programs.ts";
import { until } from "../support.ts";

const PARENT = "tests/fixtures/server/workers/parent.ts";

test("processes end by themselves when their parent is killed", async () => {
  const program = watch(spawnRuntime(thisRuntime(), PARENT));
  const [, first, second] = await program.printed(/workers (\d+) (\d+)/);
  const workers = [Number(first), Number(second)];
  assert.ok(workers.every(isThere));
  // Their parent's pipes are theirs, too: they all end before it has.
  await program.stop();
  await until(() => !workers.some(isThere));
}, { timeoutMs: 60_000 });

/** Whether there is such a process. */
function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
