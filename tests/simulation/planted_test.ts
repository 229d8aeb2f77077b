/**
 * Twelve planted bugs: each is found, and shrunk to the faults that it takes;
 * where it is not planted, no seed raises an alarm.
 */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { explore } from "../../src/testing/mod.ts";
import { test } from "../harness.ts";
import { PLANTED } from "./planted.ts";
import { findingOf, lineOfFinding } from "./vectors.ts";

/** `ANYSOCK_SEEDS=1000` is what a release is proved by. */
const CLEAN_SEEDS = Number(process.env.ANYSOCK_SEEDS ?? 5);

for (const planted of PLANTED) {
  const { name, options, says, minimal, scenario } = planted;
  test(`${name}: the bug is found and shrunk to what it takes`, async () => {
    const finding = await findingOf(planted);
    assert.match(finding.message, says);
    const keys = finding.run.fired.map(({ key }) => key);
    assert.equal(keys.length, minimal.length, finding.message);
    minimal.forEach((pattern, i) => assert.match(keys[i] as string, pattern));
    const path = "tests/simulation/vectors.json";
    const vectors = JSON.parse(await readFile(path, "utf8"));
    // The same seed, faults and trace on every runtime.
    const line = lineOfFinding(finding);
    assert.equal(line, vectors.planted[name], finding.message);
  });

  test(`${name}: without the bug no seed raises an alarm`, async () => {
    const runs = CLEAN_SEEDS;
    const report = await explore((sim) => scenario(sim, false), {
      ...options,
      runs,
    });
    assert.equal(report.runs, runs);
  }, { timeoutMs: 20_000 + CLEAN_SEEDS * 300 });
}
