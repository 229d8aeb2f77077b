/**
 * The programs in the documents, run as they stand: what they print is what
 * the comments behind `console.log(…)` say.
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { format } from "node:util";
import { type Program, watch } from "../examples/programs.ts";
import { filesUnder } from "../../scripts/lib.ts";
import { plainFiles } from "../../scripts/npm_manifest.ts";
import { test } from "../harness.ts";
import { findRuntime, repositoryRoot, thisRuntime } from "../runtimes.ts";
import { withTempDir } from "../temp.ts";
import { programsOf, promised, withEntries, writeModule } from "./blocks.ts";

/** The pages whose programs end by themselves and need nobody else. */
const PAGES: readonly string[] = [
  "README.md",
  "docs/byteorder.md",
  "docs/capabilities.md",
  "docs/conformance.md",
  "docs/cookbook.md",
  "docs/datagrams.md",
  "docs/debugging.md",
  "docs/ending.md",
  "docs/failures.md",
  "docs/framing.md",
  "docs/many.md",
  "docs/performance.md",
  "docs/polling.md",
  "docs/sockets.md",
  "docs/testing.md",
];

/** What a program prints while it is loaded, which is all that it does. */
async function printedBy(url: string): Promise<string[]> {
  const printed: string[] = [];
  const { log } = console;
  console.log = (...values: unknown[]) => printed.push(format(...values));
  try {
    await import(url);
  } finally {
    console.log = log;
  }
  return printed;
}

for (
  const { page, line, code } of PAGES.flatMap((page) => [...programsOf(page)])
) {
  test(`the program at ${page}:${line} does what it says`, () =>
    withTempDir(async (dir) => {
      const printed = await printedBy(await writeModule(dir, code));
      assert.deepEqual(printed, promised(code));
    }));
}

/** What Node has from 24 on. */
const NEWER = /^\s*(await )?using /m;

test("no program of the documents needs a newer Node than the package", () => {
  const pages = ["README.md", ...filesUnder("docs", ".md")];
  const newer = pages.flatMap((page) => [...programsOf(page)])
    .filter(({ code }) => NEWER.test(code))
    .map(({ page, line }) => `${page}:${line}`);
  assert.deepEqual(newer, []);
  const examples = plainFiles().filter((file) => file.endsWith(".ts"));
  assert.ok(examples.length > 10);
  const root = repositoryRoot();
  const isNewer = (file: string) =>
    NEWER.test(readFileSync(join(root, file), "utf8"));
  assert.deepEqual(examples.filter(isNewer), []);
});

test("the server and the client of the README talk", () =>
  withTempDir(async (dir) => {
    const [server = "", client = ""] = Array.from(
      readFileSync(join(repositoryRoot(), "README.md"), "utf8")
        .matchAll(/^```js\n([\s\S]*?)^```$/gm),
      ([, code = ""]) => code,
    );
    const serving = await start(dir, server.replace(":7000", ":0"));
    try {
      const [, port = ""] = await serving.printed(/at port (\d+)/);
      const calling = await start(dir, client.replace("7000", port));
      const { code, stdout, stderr } = await calling.ended;
      const told = ["Hello, world!\nnull\n", "", 0];
      assert.deepEqual([stdout, stderr, code], told);
    } finally {
      await serving.stop();
    }
  }));

/** Starts a program of plain JavaScript, as somebody who pasted it. */
async function start(dir: string, code: string): Promise<Program> {
  const path = join(dir, `${code.length}.mjs`);
  await writeFile(path, withEntries(code));
  const runtime = findRuntime(thisRuntime());
  if (typeof runtime === "string") throw new Error(runtime);
  return watch(spawn(runtime.command, [...runtime.args, path]));
}
