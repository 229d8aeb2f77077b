/** When open sockets let the process end. */

import assert from "node:assert/strict";
import { startProgram } from "../examples/programs.ts";
import { test } from "../harness.ts";

const ways = [
  ["accepted", "an accept with a deadline is over and the listener unref'ed"],
  ["received", "calls with deadlines are over and the socket unref'ed"],
  ["ended", "both directions have ended"],
  ["waiting", "receives with deadlines wait on sockets that are unref'ed"],
] as const;

for (const [way, title] of ways) {
  test(`a process ends when ${title}`, async () => {
    const program = startProgram("tests/fixtures/socket/ends.ts", way);
    try {
      const { code, stderr } = await program.ended;
      assert.deepEqual([code, stderr], [0, ""]);
    } finally {
      await program.stop();
    }
  });
}
