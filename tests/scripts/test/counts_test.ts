import assert from "node:assert/strict";
import { readCounts } from "../../../scripts/test/counts.ts";
import { test } from "../../harness.ts";
import type { RuntimeName } from "../../runtimes.ts";

const outputs: readonly (readonly [
  runner: RuntimeName,
  output: string,
  counts: readonly [passed: number, failed: number, skipped: number] | null,
])[] = [
  ["deno", "ok | 3 passed (2 steps) | 0 failed | 1 ignored (5ms)\n", [3, 0, 1]],
  ["deno", "\nFAILED | 0 passed | 2 failed (1 step) (1s)\n", [0, 2, 0]],
  ["deno", "\x1b[32mok\x1b[0m | 7 passed | 0 failed (1ms)\n", [7, 0, 0]],
  ["deno", "error: Module not found\n", null],
  ["bun", " 21 pass\n 1 skip\n 0 fail\nRan 22 tests\n", [21, 0, 1]],
  ["bun", " 0 pass\n 1 fail\n 2 errors\nRan 1 test\n", [0, 3, 0]],
  ["bun", "bun test v1\n", null],
  [
    "node20",
    "ℹ tests 6\nℹ pass 3\nℹ fail 1\nℹ cancelled 1\nℹ skipped 1\n",
    [3, 2, 1],
  ],
  ["node26", "# pass 3\n# fail 0\n# cancelled 0\n# skipped 0\n", [3, 0, 0]],
  ["node26", "ℹ pass 1\nℹ fail 1\nℹ pass 5\nℹ fail 0\n", [5, 0, 0]],
  ["node26", "SyntaxError: no\n", null],
];

outputs.forEach(([runner, output, expected], i) => {
  test(`readCounts reads what ${runner} prints, case ${i}`, () => {
    const counts = readCounts(runner, output);
    const { passed, failed, skipped } = counts ?? {};
    assert.deepEqual(counts ? [passed, failed, skipped] : null, expected);
  });
});
