/**
 * How many lines of `src` the tests run, by runtime:
 * `npm run coverage [-- options and parts of paths, as of npm test]`. What
 * never ran on any of the runtimes is listed at the end.
 *
 * @module
 */

import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  findRuntime,
  type FoundRuntime,
  kindOf,
  type RuntimeName,
} from "../tests/runtimes.ts";
import { compileIfStale } from "./compile.ts";
import { addHits, codeLines, type Hits, runsOf } from "./coverage/lines.ts";
import { readLcov } from "./coverage/lcov.ts";
import { canReach } from "./coverage/reach.ts";
import { linesRun, type V8Script } from "./coverage/v8.ts";
import { filesUnder, root, run, table } from "./lib.ts";
import { readOptions } from "./test/options.ts";
import { plan, type Suite } from "./test/plan.ts";

const FOLDER = join(root, ".build", "coverage");
const MOST_MS = 30 * 60_000;

const options = readOptions(process.argv.slice(2));
if (options === undefined) {
  console.log("npm run coverage [-- options of npm test]: see its --help");
} else {
  const tests = filesUnder("tests", "_test.ts")
    .filter((file) => !file.startsWith("tests/jsr/"));
  await main(plan(tests, options));
}

async function main(suites: readonly Suite[]): Promise<void> {
  const all = new Map<RuntimeName, Hits>();
  for (const suite of suites) {
    console.log(`${suite.runtime}: ${suite.files.length} files of tests`);
    all.set(suite.runtime, await hitsOf(suite));
  }
  report(all);
}

async function hitsOf({ runtime: name, files }: Suite): Promise<Hits> {
  const runtime = findRuntime(name);
  if (typeof runtime === "string") throw new Error(runtime);
  const folder = join(FOLDER, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const kind = kindOf(name);
  if (kind === "deno") return await onDeno(runtime, files, folder);
  if (kind === "bun") return await onBun(runtime, files, folder);
  if (!runtime.runsTypeScript) await compileIfStale();
  return await onNode(runtime, files, folder);
}

async function onDeno(
  { command }: FoundRuntime,
  files: readonly string[],
  folder: string,
): Promise<Hits> {
  const args = ["test", "-P", "-q", "--no-check", `--coverage=${folder}`];
  await told(command, [...args, ...files], {});
  const shown = ["coverage", "--lcov", "--quiet", "--include=/src/", folder];
  const { output } = await run(command, shown, { timeoutMs: MOST_MS });
  return readLcov(output, root);
}

async function onBun(
  { command }: FoundRuntime,
  files: readonly string[],
  folder: string,
): Promise<Hits> {
  const how = ["--coverage", "--coverage-reporter=lcov"];
  const paths = files.map((file) => `./${file}`);
  const args = ["test", ...how, `--coverage-dir=${folder}`, ...paths];
  await told(command, args, {});
  return readLcov(readFileSync(join(folder, "lcov.info"), "utf8"), root);
}

/** Where a file lies that was compiled for Node 20. */
function compiled(file: string): string {
  return join(".build", file.replace(/\.ts$/, ".js"));
}

/** Programs that tests start are counted, too: they inherit the folder. */
async function onNode(
  { command, runsTypeScript }: FoundRuntime,
  files: readonly string[],
  folder: string,
): Promise<Hits> {
  const hits: Hits = new Map();
  for (const file of files) {
    const path = runsTypeScript ? file : compiled(file);
    await told(command, ["--test-reporter=dot", path], {
      NODE_V8_COVERAGE: folder,
    });
    for (const report of readdirSync(folder)) {
      addHits(hits, readV8(join(folder, report)));
      rmSync(join(folder, report));
    }
  }
  return hits;
}

function readV8(path: string): Hits {
  const hits: Hits = new Map();
  const { result } = JSON.parse(readFileSync(path, "utf8"));
  for (const { url, functions } of result as readonly V8Script[]) {
    if (!url.startsWith("file://")) continue;
    const file = fileURLToPath(url).slice(root.length + 1);
    if (!/^(?:\.build\/)?src\//.test(file)) continue;
    const text = readFileSync(join(root, file), "utf8");
    addHits(hits, new Map([[file, linesRun(text, functions)]]));
  }
  return hits;
}

async function told(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const quick = options?.isQuick ? { ANYSOCK_QUICK: "1" } : {};
  const { code, output } = await run(command, args, {
    env: { NO_COLOR: "1", ...quick, ...env },
    timeoutMs: MOST_MS,
  });
  if (code === 0) return;
  console.log(output.split("\n").slice(-30).join("\n"));
  console.log(`${args.at(-1)}: a test failed; its lines count all the same`);
}

interface Row {
  readonly file: string;
  readonly lines: readonly number[];
}

/** The lines of each file; those that Node 20 is given are compiled ones. */
function rowsFor(runtime: RuntimeName): Row[] {
  return filesUnder("src").filter((file) => canReach(runtime, file))
    .map((file) => {
      const path = runtime.startsWith("node20") ? compiled(file) : file;
      const lines = codeLines(readFileSync(join(root, path), "utf8"));
      return { file: path, lines };
    });
}

function report(all: ReadonlyMap<RuntimeName, Hits>): void {
  const sums: string[][] = [["runtime", "lines", "ran", "%"]];
  const missed: string[][] = [["missed", "of", "runtime", "file: lines"]];
  for (const [runtime, hits] of all) {
    const rows = rowsFor(runtime).map(({ file, lines }) => ({
      file,
      lines,
      left: lines.filter((line) => !hits.get(file)?.has(line)),
    }));
    const total = rows.reduce((sum, { lines }) => sum + lines.length, 0);
    const left = rows.reduce((sum, each) => sum + each.left.length, 0);
    const percent = (100 * (total - left) / total).toFixed(1);
    sums.push([runtime, `${total}`, `${total - left}`, percent]);
    rows.sort((a, b) => b.left.length - a.left.length);
    for (const { file, lines, left } of rows.slice(0, 25)) {
      if (left.length === 0) continue;
      const where = `${file}: ${spans(left)}`;
      missed.push([`${left.length}`, `${lines.length}`, runtime, where]);
    }
  }
  console.log(`\n${table(missed)}\n\n${table(sums)}`);
}

/** `1-3 7` */
function spans(lines: readonly number[]): string {
  return runsOf(lines)
    .map(([from, to]) => from === to ? `${from}` : `${from}-${to}`)
    .join(" ");
}
