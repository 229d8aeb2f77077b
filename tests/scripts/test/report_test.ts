import assert from "node:assert/strict";
import { reportOf } from "../../../scripts/test/report.ts";
import { test } from "../../harness.ts";

const took = (seconds: number, cpuSeconds: number) => ({ seconds, cpuSeconds });

test("report tells skips, slow files, failures again, and the sum at last", () => {
  const suites = [
    {
      runtime: "deno",
      counts: { passed: 7, failed: 0, skipped: 3 },
      failures: "",
      seconds: 1.25,
      times: new Map([
        ["tests/a_test.ts", took(0.5, 0.25)],
        ["tests/b_test.ts", took(0.25, 0.125)],
      ]),
      reasons: new Map([["no kernel", 2], ["no IPv6", 1]]),
    },
    {
      runtime: "bun",
      counts: { passed: 8, failed: 1, skipped: 1 },
      failures: "(fail) a",
      seconds: 2,
      times: new Map([["tests/b_test.ts", took(0.75, 0.5)]]),
      reasons: new Map([["no kernel", 1]]),
    },
  ];
  assert.equal(
    reportOf(suites, false),
    `deno  bun  skipped because
1          no IPv6
2     1    no kernel

deno       bun        seconds (of CPU) in the tests of
0.3 (0.1)  0.8 (0.5)  tests/b_test.ts
0.5 (0.3)             tests/a_test.ts

--- failed on bun
(fail) a
--- end

runtime  passed  failed  skipped  s
deno     7       0       3        1.3
bun      8       1       1        2.0

15 passed, 1 failed, 4 skipped`,
  );
});
