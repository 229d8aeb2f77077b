/** `anysock conformance`: what it checks, compares and says. */

import assert from "node:assert/strict";
import {
  difference,
  publishedRuntime,
  type PublishedTable,
} from "../../cli/conformance/published_table.ts";
import { PUBLISHED } from "../../cli/conformance/published.ts";
import { BARE_WAYS } from "../../cli/conformance/way.ts";
import { currentRuntime } from "../../mod.ts";
import { pipeLaws } from "../../src/testing/mod.ts";
import { startProgram } from "../examples/programs.ts";
import { test } from "../harness.ts";
import { run } from "./support.ts";

test("conformance tells how many promises and laws hold", async () => {
  const args = ["conformance", "--law", "twice"];
  const { code, output, errors } = await run(args);
  assert.deepEqual([code, errors], [0, ""]);
  assert.match(output, /^anysock \d.* on (deno|bun|node) \d/);
  assert.match(output, /^anysock +1 of 1 promises$/m);
  const [, held, all] = /^its own laws +(\d+) of (\d+) hold/m.exec(output) ??
    [];
  assert.ok(Number(held) > 0 && held === all, output);
});

test("conformance without a law of that name ends with 2", async () => {
  const { code, errors } = await run(["conformance", "--law", "gravity"]);
  assert.equal(code, 2);
  assert.match(errors, /No law has "gravity" in its name/);
});

test("conformance --json --bare has a column for each way of the runtime", async () => {
  // In a process: it starts itself once more.
  const args = ["--json", "--bare", "--law", "an end without a byte"];
  const program = startProgram("cli/main.ts", "conformance", ...args);
  const { code, stdout, stderr } = await program.ended;
  assert.deepEqual([code, stderr], [0, ""]);
  const { runtime, published, columns, own } = JSON.parse(stdout);
  assert.equal(runtime, currentRuntime().name);
  assert.ok(published in PUBLISHED.results);
  assert.deepEqual(own, { pass: 0, fail: {}, skip: {} });
  const ways = ["anysock", ...BARE_WAYS[runtime] ?? []];
  assert.deepEqual(columns.map((each: { way: string }) => each.way), ways);
  for (const { cells: [cell] } of columns) {
    assert.equal(cell.law, "an end without a byte is an end");
    assert.equal(cell.result, "pass");
  }
});

test("the published table knows every law and way", () => {
  assert.deepEqual(PUBLISHED.laws, pipeLaws.map(({ name }) => name));
  for (const [runtime, ways] of Object.entries(PUBLISHED.results)) {
    const bare = BARE_WAYS[runtime.replace(/\d+/, "")] ?? [];
    assert.deepEqual(Object.keys(ways), ["anysock", ...bare]);
    for (const signs of Object.values(ways)) {
      assert.match(signs, /^[-+~.]{24}$/);
    }
  }
});

const TABLE: PublishedTable = {
  date: "2026-01-01",
  versions: { bun: "1.4.5" },
  laws: ["a", "b", "c", "d"],
  results: { bun: { anysock: "+-~." } },
  gaps: {},
};

for (
  const [law, result, expected] of [
    ["a", "pass", undefined],
    ["a", "fail", "published for 1.4.5: it holds"],
    ["b", "fail", undefined],
    ["b", "pass", "published for 1.4.5: it does not hold"],
    ["c", "pass", undefined],
    ["c", "fail", undefined],
    ["d", "skip", undefined],
    ["d", "pass", "published for 1.4.5: it was not run"],
    ["e", "pass", "it is not in the published table"],
  ] as const
) {
  test(`a law ${law} that is told ${result} differs: ${expected}`, () => {
    const cell = { law, result };
    assert.equal(difference(TABLE, "bun", "anysock", cell), expected);
  });
}

test("a Node between two of the table is compared with the older one", () => {
  assert.equal(publishedRuntime("node", "24.1.0"), "node20");
  assert.equal(publishedRuntime("node", "26.0.0"), "node26");
  assert.equal(publishedRuntime("bun", "1.9"), "bun");
});
