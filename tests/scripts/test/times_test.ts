import assert from "node:assert/strict";
import { readTimes, slowest } from "../../../scripts/test/times.ts";
import { test } from "../../harness.ts";

test("times are summed by file, compiled or not", () => {
  const notes = `100\t50\tfile:///home/my self/anysock/tests/a_test.ts\tone
250\t25.5\t/home/my self/anysock/.build/tests/a_test.js\ttwo of it
1.0\t1\ttests/b/c_test.ts\tthree
`;
  assert.deepEqual([...readTimes(notes)], [
    ["tests/a_test.ts", { seconds: 0.35, cpuSeconds: 0.0755 }],
    ["tests/b/c_test.ts", { seconds: 0.001, cpuSeconds: 0.001 }],
  ]);
});

test("times name the files that took longest, the slowest first", () => {
  const times = new Map([1, 3, 2].map((n) => [
    `tests/${n}_test.ts`,
    { seconds: n, cpuSeconds: n / 2 },
  ]));
  assert.equal(
    slowest([{ runtime: "bun", times }], 2),
    `bun        seconds (of CPU) in the tests of
3.0 (1.5)  tests/3_test.ts
2.0 (1.0)  tests/2_test.ts`,
  );
});
