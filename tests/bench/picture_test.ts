/** The pictures in the documents are those of the newest figures. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { EchoResults } from "../../bench/echo/results.ts";
import { drawn, LEFT, SCALE } from "../../bench/report/bars.ts";
import { newestOfEach } from "../../bench/report/files.ts";
import { picture, PICTURES, ratioOf } from "../../bench/report/picture.ts";
import { test } from "../harness.ts";
import { repositoryRoot } from "../runtimes.ts";

const root = repositoryRoot();
const files = newestOfEach(join(root, "bench/results"));
const echo = files.find(({ suite }) => suite === "echo")!
  .results as EchoResults;

test("each picture is made of the newest results, and is in the documents", () => {
  const page = readFileSync(join(root, "docs/benchmarks.md"), "utf8");
  for (const [name, path] of Object.entries(PICTURES)) {
    const file = files.find((each) => each.name === name)!;
    const svg = readFileSync(join(root, path), "utf8");
    assert.equal(svg, picture(file), "npm run bench -- report --write");
    assert.ok(page.includes(`](${path.replace("docs/", "")})`), path);
  }
});

test("a picture has a bar for each runtime, case and call, drawn to scale", () => {
  const svg = picture(files.find(({ suite }) => suite === "echo")!);
  const bars = [...svg.matchAll(/<rect class="(?:first|second)" x="112"/g)];
  assert.equal(bars.length, Object.keys(echo.versions).length * 4 * 2);
  const ratio = ratioOf(echo, "deno", "1x64", "ours")!;
  assert.ok(svg.includes(`>${ratio.toFixed(2)}</text>`));
  assert.ok(svg.includes(`width="${(ratio * SCALE).toFixed(1)}"`));
  assert.ok(svg.includes("prefers-color-scheme: dark"));
});

test("a bar that is too long ends at twice, and says how long it is", () => {
  const svg = drawn({
    title: "a < b",
    series: ["one"],
    panels: [{ head: "", groups: [{ text: "c", ratios: [7.5] }] }],
    foot: "",
  });
  assert.match(svg, new RegExp(`x="${LEFT}" y="24" width="${2 * SCALE}.0"`));
  assert.match(svg, />7\.50 →<.*/);
  assert.match(svg, /a &lt; b/);
});

test("what was not measured has no bar", () => {
  const rows = echo.rows.filter((each) => each.case !== "4x64k");
  assert.equal(ratioOf({ ...echo, rows }, "bun", "4x64k", "ours"), undefined);
});
