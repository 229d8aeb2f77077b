/**
 * Runs the tests: `npm test`, see its `--help`. At the end it tells every
 * failure again, and the last line is the sum: `N passed, N failed, N skipped`.
 *
 * @module
 */

import { compileIfStale } from "./compile.ts";
import { filesUnder, inTurn, reasonOf } from "./lib.ts";
import { sumOf } from "./test/counts.ts";
import { HELP, readOptions, type TestOptions } from "./test/options.ts";
import { plan, type Suite } from "./test/plan.ts";
import { type Finished, reportOf } from "./test/report.ts";
import { Screen } from "./test/screen.ts";
import { shardsOf } from "./test/shards.ts";
import { SuiteRun } from "./test/suite_run.ts";

const task = read(process.argv.slice(2));
if (typeof task === "string") console.log(task);
else if (task) await main(task);

interface Task {
  readonly options: TestOptions;
  readonly suites: readonly Suite[];
}

/** What to do, or a text to print instead; complains about wrong options. */
function read(args: readonly string[]): Task | string | undefined {
  try {
    const options = readOptions(args);
    if (!options) return HELP;
    return { options, suites: plan(testFiles(), options) };
  } catch (error) {
    console.error(`${reasonOf(error)}\nSee --help.`);
    process.exitCode = 2;
    return undefined;
  }
}

/** All but those that want JSR: `deno task test:jsr` runs them. */
function testFiles(): string[] {
  return filesUnder("tests", "_test.ts")
    .filter((file) => !file.startsWith("tests/jsr/"));
}

async function main({ options, suites }: Task): Promise<void> {
  const compiling = compileForNode20();
  const runs = await runAll(suites, options, compiling);
  const finished = [...await compiling, ...runs];
  console.log(`\n${reportOf(finished, options.showsTimes)}`);
  const sum = sumOf(finished.map(({ counts }) => counts));
  // A run of nothing proves nothing.
  if (sum.failed > 0 || sum.passed + sum.skipped === 0) process.exitCode = 1;
}

/** Runs the suites, `jobs` shards at a time, and gives them in their order. */
async function runAll(
  suites: readonly Suite[],
  { isQuick, isVerbose, jobs }: TestOptions,
  compiling: Promise<unknown>,
): Promise<Finished[]> {
  const isAlone = suites.length === 1;
  const looks = { isAlone, showsAll: isVerbose || isAlone };
  const screen: Screen = new Screen(() => [...runs.values()].join(" · "));
  const runs = new Map(suites.map((suite) => [
    suite.runtime,
    new SuiteRun(suite, screen, looks),
  ]));
  const queue = shardsOf(suites);
  await inTurn(jobs, queue, async (shard) => {
    if (shard.needsBuild) await compiling;
    await runs.get(shard.runtime)?.run(shard, isQuick);
  });
  screen.end();
  return [...runs.values()].map((run) => run.finished());
}

/**
 * Node 20 runs what was compiled, also as the child of a test on another runtime.
 * Gives a failure to report where that is not possible.
 */
async function compileForNode20(): Promise<Finished[]> {
  try {
    await compileIfStale();
    return [];
  } catch (error) {
    const failures = (error as Error).message;
    const counts = { passed: 0, failed: 1, skipped: 0 };
    const nothing = { reasons: new Map(), seconds: 0, times: new Map() };
    return [{ runtime: "compiler", counts, failures, ...nothing }];
  }
}
