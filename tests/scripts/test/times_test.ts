import assert from "node:assert/strict";
import { readTimes, slowest } from "../../../scripts/test/times.ts";
import { test } from "../../harness.ts";

test("times are summed by file, compiled or not", () => {
  const notes = `100 file:///home/me/anysock/tests/a_test.ts
250 /home/me/anysock/.build/tests/a_test.js
1.0 tests/b/c_test.ts
`;
  assert.deepEqual([...readTimes(notes)], [
    ["tests/a_test.ts", 0.35],
    ["tests/b/c_test.ts", 0.001],
  ]);
});

test("times name the files that took longest, the slowest first", () => {
  const times = new Map([1, 3, 2].map((n) => [`tests/${n}_test.ts`, n]));
  assert.equal(
    slowest([{ runtime: "bun", times }], 2),
    `bun  seconds in the tests of
3.0  tests/3_test.ts
2.0  tests/2_test.ts`,
  );
});
