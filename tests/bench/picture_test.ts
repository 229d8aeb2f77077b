/** The picture in the README is that of the newest figures. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { EchoResults } from "../../bench/echo/results.ts";
import { newestOfEach } from "../../bench/report/files.ts";
import { picture, ratioOf } from "../../bench/report/picture.ts";
import { test } from "../harness.ts";
import { repositoryRoot } from "../runtimes.ts";

const root = repositoryRoot();
const echo = newestOfEach(join(root, "bench/results"))
  .find(({ suite }) => suite === "echo")?.results as EchoResults;

test("docs/figures.svg is made of the newest results", () => {
  const svg = readFileSync(join(root, "docs/figures.svg"), "utf8");
  assert.equal(svg, picture(echo), "npm run bench -- report --write");
});

test("a picture has a bar for each runtime, case and call, drawn to scale", () => {
  const svg = picture(echo);
  const bars = [...svg.matchAll(/<rect class="(?:recv|into)" x="112"/g)];
  assert.equal(bars.length, Object.keys(echo.versions).length * 4 * 2);
  const ratio = ratioOf(echo, "deno", "1x64", "ours")!;
  assert.ok(svg.includes(`>${ratio.toFixed(2)}</text>`));
  assert.ok(svg.includes(`width="${(ratio * 120).toFixed(1)}"`));
  assert.ok(svg.includes("prefers-color-scheme: dark"));
});

test("what was not measured has no bar", () => {
  const rows = echo.rows.filter((each) => each.case !== "4x64k");
  assert.equal(ratioOf({ ...echo, rows }, "bun", "4x64k", "ours"), undefined);
});
