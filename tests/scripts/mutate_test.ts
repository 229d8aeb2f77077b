import assert from "node:assert/strict";
import { linesOfPatch } from "../../scripts/mutate/lines.ts";
import {
  type Mutant,
  mutated,
  sampleOf,
} from "../../scripts/mutate/mutants.ts";
import { batchesOf, testsOf } from "../../scripts/mutate/tests_of.ts";
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
});

function mutant(number: number): Mutant {
  return {
    file: "src/a.ts",
    from: number,
    to: number,
    line: "a + b",
    name: "ArithmeticOperator",
    original: "a + b",
    replacement: "a - b",
    at: 8,
    key: `src/a.ts ${number}`,
  };
}

test("a mutant replaces what it is about, and nothing else", () => {
  assert.equal(mutated("return (a + b);\n", mutant(1)), "return (a - b);\n");
});

test("a sample is the same for the same seed, and another for another", () => {
  const all = Array.from({ length: 50 }, (_, i) => mutant(i));
  const sample = sampleOf(all, 10, 1);
  assert.equal(new Set(sample).size, 10);
  assert.deepEqual(sampleOf(all.toReversed(), 10, 1), sample);
  assert.notDeepEqual(sampleOf(all, 10, 2), sample);
});

test("near tests are asked first, then short ones, and laws at last", () => {
  const covering = [
    { test: "tests/conformance/memory_test.ts", seconds: 30 },
    { test: "tests/far_test.ts", seconds: 3 },
    { test: "tests/short_test.ts", seconds: 1 },
    { test: "tests/near_test.ts", seconds: 2 },
    { test: "tests/endless_test.ts", seconds: 100 },
  ];
  assert.deepEqual(batchesOf(covering, ["tests/near_test.ts"]), [
    ["tests/near_test.ts", "tests/short_test.ts"],
    ["tests/far_test.ts"],
    ["tests/conformance/memory_test.ts"],
  ]);
  assert.deepEqual(batchesOf([], ["tests/near_test.ts"]), []);
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
