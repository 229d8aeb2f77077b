/**
 * How many lines of `src` the tests run, by runtime:
 * `npm run coverage [-- --keep] [options and parts of paths, as of npm test]`.
 * At the end come the files with the most lines that never ran.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { kindOf, type RuntimeName } from "../tests/runtimes.ts";
import { compileIfStale } from "./compile.ts";
import { forget, hitsOf, keep, readKept } from "./coverage/kept.ts";
import { codeLines, type Hits, runsOf } from "./coverage/lines.ts";
import { measure } from "./coverage/measure.ts";
import { canReach } from "./coverage/reach.ts";
import { filesUnder, inTurn, root, table } from "./lib.ts";
import { readOptions, type TestOptions } from "./test/options.ts";
import { plan, type Suite } from "./test/plan.ts";
import { builtPath, QUICK } from "./test/runner.ts";
import { type Shard, shardsOf } from "./test/shards.ts";

const HELP = `npm run coverage [-- --keep] [options of npm test: see its --help]

  --keep  goes on where an earlier run stopped: tests that are what they were
          are not run again`;

const KEEP = "--keep";
const words = process.argv.slice(2);
const options = readOptions(words.filter((word) => word !== KEEP));
if (options === undefined) console.log(HELP);
else await main(options, words.includes(KEEP));

async function main(options: TestOptions, isKept: boolean): Promise<void> {
  const tests = filesUnder("tests", "_test.ts")
    .filter((file) => !file.startsWith("tests/jsr/"));
  const suites = plan(tests, options);
  if (!isKept) { for (const { runtime } of suites) forget(runtime); }
  await compileIfStale();
  const shards = shardsOf(suites.map(withoutKept));
  const left = shards.flatMap(alone);
  let done = 0;
  await inTurn(options.jobs, left, async (shard) => {
    await runShard(shard, options.isQuick);
    done++;
    const [first, ...more] = shard.files;
    const others = more.length > 0 ? ` and ${more.length} more` : "";
    console.log(`${done}/${left.length} ${shard.runtime} ${first}${others}`);
  });
  report(
    new Map(
      suites.map(({ runtime }) => [runtime, hitsOf(readKept(runtime))]),
    ),
  );
}

function withoutKept({ runtime, files }: Suite): Suite {
  const kept = new Set(
    readKept(runtime).flatMap(({ tests }) => Object.keys(tests)),
  );
  return { runtime, files: files.filter((file) => !kept.has(file)) };
}

/** A Node is quick to start, and tells then which tests run which lines. */
function alone(shard: Shard): Shard[] {
  if (kindOf(shard.runtime) !== "node") return [shard];
  return shard.files.map((file) => ({ ...shard, files: [file] }));
}

async function runShard(
  { runtime, files }: Shard,
  isQuick: boolean,
): Promise<void> {
  const start = performance.now();
  const env = isQuick ? QUICK : {};
  const { hits, finished } = await measure(runtime, files, env);
  const isGreen = finished.code === 0;
  const seconds = (performance.now() - start) / 1000;
  keep(runtime, files, { hits, seconds, isGreen });
  if (isGreen) return;
  console.log(finished.output.split("\n").slice(-30).join("\n"));
  console.log(`${runtime} ${files.join(" ")}: a test failed; lines count`);
}

interface Row {
  readonly file: string;
  readonly lines: readonly number[];
}

/** The lines of each file; those that Node 20 is given are compiled ones. */
function rowsFor(runtime: RuntimeName): Row[] {
  return filesUnder("src").filter((file) => canReach(runtime, file))
    .map((file) => {
      const path = runtime.startsWith("node20") ? builtPath(file) : file;
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
