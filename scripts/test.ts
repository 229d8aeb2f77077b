/**
 * Runs the tests: `npm test`, see its `--help`. At the end it tells every
 * failure again, and the last line is the sum: `N passed, N failed, N skipped`.
 *
 * @module
 */

import { OLDEST } from "../tests/runtimes.ts";
import { compileIfStale } from "./compile.ts";
import { filesUnder, reasonOf } from "./lib.ts";
import { sumOf } from "./test/counts.ts";
import { HELP, readOptions, type TestOptions } from "./test/options.ts";
import { plan, type Suite } from "./test/plan.ts";
import { type Finished, inWords, reportOf } from "./test/report.ts";
import { runSuite } from "./test/run_suite.ts";
import { Screen } from "./test/screen.ts";
import { Transcript } from "./test/transcript.ts";

/** A suite that waits, runs, or is over. */
interface Run {
  readonly suite: Suite;
  readonly transcript: Transcript;
  state: "waits" | "runs" | "done";
}

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
  const compiled = await compileForNode20();
  const finished = [...compiled, ...await runAll(suites, options)];
  console.log(`\n${reportOf(finished, options.showsTimes)}`);
  const sum = sumOf(finished.map(({ counts }) => counts));
  // A run of nothing proves nothing.
  if (sum.failed > 0 || sum.passed + sum.skipped === 0) process.exitCode = 1;
}

/** Runs the suites, `jobs` at a time, and gives them in their own order. */
async function runAll(
  suites: readonly Suite[],
  { isQuick, isVerbose, jobs }: TestOptions,
): Promise<Finished[]> {
  const showsAll = isVerbose || suites.length === 1;
  const screen = new Screen(() => runs.map(progressOf).join(" · "));
  const runs: Run[] = suites.map((suite) => {
    const who = suites.length > 1 ? suite.runtime : undefined;
    const print = (line: string): void => screen.print(line, who);
    const transcript = new Transcript(suite.runtime, print, showsAll);
    return { suite, transcript, state: "waits" };
  });
  const finished = new Map<Run, Finished>();
  // The longest first, or it would go on alone in the end.
  const order = runs.toSorted((a, b) => lengthOf(b) - lengthOf(a));
  await inTurn(jobs, order, async (run) => {
    const { suite: { runtime, files }, transcript } = run;
    screen.print(`=== ${runtime}: ${files.length} files`);
    run.state = "runs";
    // Each law once over memory and once over TCP is what the oldest promise.
    const once = isQuick || OLDEST.includes(runtime);
    const result = await runSuite(run.suite, transcript, once);
    run.state = "done";
    screen.print(`=== ${runtime}: ${inWords(result.counts)}`);
    finished.set(run, { ...result, runtime, reasons: transcript.reasons });
  });
  screen.end();
  return runs.flatMap((run) => finished.get(run) ?? []);
}

function lengthOf({ suite }: Run): number {
  return suite.files.length;
}

/** Does the work for every item, `jobs` of them at a time. */
async function inTurn<T>(
  jobs: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = items.values();
  const worker = async (): Promise<void> => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: jobs }, worker));
}

function progressOf({ suite, transcript, state }: Run): string {
  if (state === "waits") return `${suite.runtime} waits`;
  const { passed, failed } = transcript.soFar;
  const bad = failed > 0 ? `, ${failed} failed` : "";
  const done = state === "done" ? ", done" : "";
  return `${suite.runtime} ${passed} passed${bad}${done}`;
}

/**
 * Node 20 runs what tsc made, also as the child of a test on another runtime.
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
    return [{ runtime: "tsc", counts, failures, ...nothing }];
  }
}
