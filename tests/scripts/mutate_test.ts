import assert from "node:assert/strict";
import {
  linesOfPatch,
  rangesOf,
  sampleOf,
} from "../../scripts/mutate/lines.ts";
import { testsOf } from "../../scripts/mutate/tests_of.ts";
import { test } from "../harness.ts";

const PATCH = `diff --git a/src/a.ts b/src/a.ts
--- a/src/a.ts
+++ b/src/a.ts
@@ -1,0 +2,3 @@ f
+x
@@ -9 +12 @@ g
+y
@@ -20,2 +22,0 @@ h
diff --git a/docs/b.md b/docs/b.md
--- a/docs/b.md
+++ b/docs/b.md
@@ -1 +1 @@
+z
`;

test("the lines of a patch are those it adds to src", () => {
  const found = linesOfPatch(PATCH);
  assert.deepEqual(found, [{ file: "src/a.ts", lines: [2, 3, 4, 12] }]);
  assert.deepEqual(rangesOf(found[0]!), ["src/a.ts:2-4", "src/a.ts:12-12"]);
});

test("a sample is the same for the same seed, and another for another", () => {
  const lines = Array.from({ length: 50 }, (_, i) => i + 1);
  const all = ["src/a.ts", "src/b.ts"].map((file) => ({ file, lines }));
  const sample = sampleOf(all, 10, 1);
  assert.equal(sample.flatMap((each) => each.lines).length, 10);
  assert.deepEqual(sampleOf(all, 10, 1), sample);
  assert.notDeepEqual(sampleOf(all, 10, 2), sample);
});

test("the tests of a file are its own, those beside, or the nearest", () => {
  const tests = new Map([
    ["tests/x/a_test.ts", []],
    ["tests/x/other_test.ts", []],
    ["tests/y/far_test.ts", ["src/y/mod.ts"]],
    ["tests/z/direct_test.ts", ["src/x/a.ts"]],
  ]);
  const sources = new Map([["src/y/mod.ts", ["src/w/deep.ts"]]]);
  const of = (file: string) => testsOf(file, tests, sources);
  assert.deepEqual(of("src/x/a.ts"), [
    "tests/x/a_test.ts",
    "tests/z/direct_test.ts",
  ]);
  assert.deepEqual(of("src/x/b.ts"), [
    "tests/x/a_test.ts",
    "tests/x/other_test.ts",
  ]);
  assert.deepEqual(of("src/w/deep.ts"), ["tests/y/far_test.ts"]);
});
