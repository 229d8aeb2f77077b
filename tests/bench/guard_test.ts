/** What the guard says of figures, and of a base that is not there. */

import assert from "node:assert/strict";
import { judge, table } from "../../bench/guard/verdict.ts";
import { test } from "../harness.ts";
import { lack as skip, runBench } from "./bench.ts";

test("the guard lets pass what is dearer by the limit, and no more", () => {
  const base = [10, 20, 100];
  const just = judge({ label: "a", base, now: [11.5, 23, 90] }, 15);
  assert.equal(just.isDearer, false);
  const more = judge({ label: "b", base, now: [12, 23.2, 90] }, 15);
  assert.deepEqual(more, { label: "b", ratio: 1.16, isDearer: true });
});

test("the guard says nothing of a few slow rounds beside a good one", () => {
  const base = [10, 11, 12];
  const { ratio } = judge({ label: "a", base, now: [10.5, 30, 40] }, 15);
  assert.equal(ratio, 1.05);
});

test("the guard's table marks what is dearer", () => {
  const verdicts = [
    { label: "bun 1x64", ratio: 0.9, isDearer: false },
    { label: "deno 50x4k", ratio: 1.234, isDearer: true },
  ];
  assert.equal(table(verdicts), "bun 1x64    0.90\ndeno 50x4k  1.23  DEARER");
});

test("bench guard ends with 2 when its base is no commit", async () => {
  const { code, stderr } = await runBench("guard", "--base", "v0.0.0-none");
  assert.match(stderr, /--base: there is no commit "v0.0.0-none"/);
  assert.equal(code, 2);
}, { skip });

test("bench guard takes no --out, as it keeps nothing", async () => {
  const { code, stderr } = await runBench("guard", "--out", "none");
  assert.match(stderr, /--out/);
  assert.equal(code, 2);
}, { skip });
