/** Time, read from the platform's own whatever the globals are now. */

import assert from "node:assert/strict";
import { startProgram } from "../examples/programs.ts";
import { test } from "../harness.ts";
import { thisRuntime } from "../runtimes.ts";

async function serves(script: string, ...args: string[]): Promise<void> {
  const program = startProgram(script, ...args);
  try {
    const { code, stdout, stderr } = await program.ended;
    assert.deepEqual([code, stdout, stderr], [0, "served\n", ""]);
  } finally {
    await program.stop();
  }
}

test("sockets work, and in time, while the global clock stands still", () =>
  serves("tests/fixtures/clock/faked.ts"));

test("sockets work where timers are numbers, and let the process end", () =>
  serves("tests/fixtures/clock/numbers.ts"));

const isDeno = thisRuntime() === "deno";
test(
  "a receive with a deadline lets the process end after unref() where timers are numbers",
  () => serves("tests/fixtures/clock/numbers.ts", "unref"),
  { skip: !isDeno && "only Deno ever had numbers" },
);
