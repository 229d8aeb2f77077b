import assert from "node:assert/strict";
import { Transcript } from "../../../scripts/test/transcript.ts";
import { test } from "../../harness.ts";
import type { RuntimeName } from "../../runtimes.ts";

interface Case {
  readonly runtime: RuntimeName;
  readonly output: string;
  readonly shown: readonly string[];
  readonly soFar: readonly [passed: number, failed: number, skipped: number];
}

const cases: readonly Case[] = [
  {
    runtime: "deno",
    output: `running 3 tests from ./tests/a_test.ts
a ... ok (1ms)
b ...
  b1 ... ok (1ms)
b ... ok (2ms)
c [skipped: no kernel] ... ignored (0ms)
running 2 tests from ./tests/b_test.ts
d ...
------- output -------
loud
d ... ok (2ms)
e ... FAILED (1ms)

 ERRORS ${""}

e => ./tests/b_test.ts:3:1
error: it broke

FAILED | 3 passed | 1 failed (1ms)
`,
    shown: [
      "running 2 tests from ./tests/b_test.ts",
      "d ...",
      "------- output -------",
      "loud",
      "e ... FAILED (1ms)",
    ],
    soFar: [3, 1, 1],
  },
  {
    runtime: "bun1.4",
    output: `tests/a_test.ts:
(pass) a [1.00ms]
(skip) b [skipped: no kernel]

tests/b_test.ts:
(pass) c
error: it broke
(fail) d [1.00ms]

2 tests skipped:
(skip) b [skipped: no kernel]

 2 pass
 1 skip
 1 fail
 12 expect() calls
Ran 4 tests across 2 files. [1.00s]
`,
    shown: ["tests/b_test.ts:", "error: it broke", "(fail) d [1.00ms]"],
    soFar: [2, 1, 1],
  },
  {
    runtime: "node20",
    output: `✔ a (1ms)
▶ b
  ✔ b1 (1ms)
✔ b (2ms)
﹣ c (0.1ms) # [skipped: no kernel]
▶ d
  ✖ d1 (1ms)
✖ d (2ms)
ℹ tests 4
ℹ duration_ms 12.5

✖ failing tests:
✖ d (2ms)
`,
    shown: ["▶ d", "  ✖ d1 (1ms)", "✖ d (2ms)"],
    soFar: [2, 1, 1],
  },
];

for (const { runtime, output, shown, soFar } of cases) {
  test(`transcript of ${runtime} shows what did not pass, below its heading`, () => {
    const lines: string[] = [];
    const transcript = new Transcript(
      runtime,
      (line) => lines.push(line),
      false,
    );
    // It comes as it likes, cut anywhere.
    for (let i = 0; i < output.length; i += 7) {
      transcript.write(output.slice(i, i + 7));
    }
    transcript.end();
    assert.deepEqual(lines, shown);
    assert.deepEqual(Object.values(transcript.soFar), soFar);
    assert.deepEqual([...transcript.reasons], [["no kernel", 1]]);
  });
}

test("transcript shows every line when all are wanted, the last as well", () => {
  const lines: string[] = [];
  const transcript = new Transcript("bun", (line) => lines.push(line), true);
  transcript.write("a_test.ts:\n\n(pass) a");
  transcript.end();
  assert.deepEqual(lines, ["a_test.ts:", "", "(pass) a"]);
});
