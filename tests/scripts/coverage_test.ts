import assert from "node:assert/strict";
import { readLcov } from "../../scripts/coverage/lcov.ts";
import { addHits, codeLines } from "../../scripts/coverage/lines.ts";
import { linesRun } from "../../scripts/coverage/v8.ts";
import { test } from "../harness.ts";

const TEXT = `/** A comment. */
import type { A } from "./a.ts";
import { b } from "./b.ts";

interface C {
  readonly d: number;
}
export function e(f: boolean): number {
  if (f) {
    return b; // called
  }
  return 1;
}
`;

test("lines of code are those with something to run", () => {
  assert.deepEqual(codeLines(TEXT), [8, 9, 10, 12]);
});

test("the lines that V8 saw are those outside of what never ran", () => {
  const at = (text: string) => TEXT.indexOf(text);
  const never = {
    startOffset: at("{\n    return b"),
    endOffset: at("  return 1"),
    count: 0,
  };
  const functions = [
    { ranges: [{ startOffset: 0, endOffset: TEXT.length, count: 1 }] },
    {
      ranges: [
        { startOffset: at("function"), endOffset: TEXT.length - 1, count: 2 },
        never,
      ],
    },
  ];
  const lines = linesRun(TEXT, functions);
  assert.deepEqual(codeLines(TEXT).filter((line) => !lines.has(line)), [10]);
});

test("lcov tells the lines that ran, and several reports add up", () => {
  const hits = readLcov(
    "SF:/r/src/a.ts\nDA:1,0\nDA:2,3\nend_of_record\nSF:src/b.ts\nDA:7,1\n",
    "/r",
  );
  addHits(hits, new Map([["src/a.ts", new Set([1])]]));
  assert.deepEqual([...hits.keys()], ["src/a.ts", "src/b.ts"]);
  assert.deepEqual([...hits.get("src/a.ts")!], [2, 1]);
});
