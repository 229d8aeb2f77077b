import assert from "node:assert/strict";
import { readFailures } from "../../../scripts/test/failures.ts";
import { test } from "../../harness.ts";
import type { RuntimeName } from "../../runtimes.ts";

const outputs: readonly (readonly [
  runner: RuntimeName,
  output: string,
  failures: string,
])[] = [
  ["deno", "a ... ok (1ms)\n\nok | 1 passed | 0 failed (1ms)\n", ""],
  [
    "deno",
    "a ... FAILED\n\n ERRORS \n\na => x.ts:1:1\nerror: Error: no\n\n" +
    " FAILURES \n\na => x.ts:1:1\n\nFAILED | 0 passed | 1 failed (1ms)\n",
    "a => x.ts:1:1\nerror: Error: no",
  ],
  ["bun", "x_test.ts:\n(pass) a [1ms]\n\n 1 pass\n 0 fail\n", ""],
  [
    "bun",
    "x_test.ts:\nloose\n(pass) a\nerror: no\n    at x\n(fail) b\n" +
    "more\ny_test.ts:\nerror: \x1b[31mnot\x1b[0m\n(fail) c\n\n" +
    "2 tests failed:\n(fail) b\n(fail) c\n",
    "(fail) b\nerror: no\n    at x\n\n(fail) c\nerror: not",
  ],
  ["node20", "✔ a (1ms)\nℹ pass 1\nℹ fail 0\n", ""],
  [
    "node26",
    "✖ a\nℹ fail 1\n\n✖ failing tests:\n\ntest at x:1:1\n✖ a\n  Error: no\n",
    "test at x:1:1\n✖ a\n  Error: no",
  ],
];

outputs.forEach(([runner, output, expected], i) => {
  test(`readFailures finds what ${runner} says of failures, case ${i}`, () => {
    assert.equal(readFailures(runner, output), expected);
  });
});

test("readFailures stops at 400 lines when there are more", () => {
  const report = "line\n".repeat(1000);
  const output = `\n✖ failing tests:\n${report}`;
  assert.equal(readFailures("node20", output).split("\n").length, 400);
});
