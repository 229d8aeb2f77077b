/**
 * Runs one runtime's test runner over the files of a shard.
 *
 * @module
 */

import {
  findRuntime,
  type FoundRuntime,
  kindOf,
  OLDEST,
  type RuntimeName,
} from "../../tests/runtimes.ts";
import { run } from "../lib.ts";
import { type Counts, readCounts } from "./counts.ts";
import { readFailures } from "./failures.ts";
import {
  ALL_IN_ONE,
  DENO_TEST,
  NODE_CACHE,
  nodeFiles,
  QUICK,
} from "./runner.ts";
import type { Shard } from "./shards.ts";
import { type Spent, Times } from "./times.ts";
import type { Transcript } from "./transcript.ts";

/** Longer than any honest run; a watchdog inside ends single tests earlier. */
const RUN_TIMEOUT_MS = 20 * 60_000;

/** How a shard went. */
export interface ShardResult {
  /** Its counts; whatever else went wrong is one failure more. */
  readonly counts: Counts;
  /** What its runner says of failures; empty if none. */
  readonly failures: string;
  /** How long it took. */
  readonly seconds: number;
  /** What the tests of each file took. */
  readonly times: ReadonlyMap<string, Spent>;
}

type Outcome = Pick<ShardResult, "counts" | "failures">;

/** Of every run. */
const ENV: Readonly<Record<string, string>> = { NO_COLOR: "1", ...NODE_CACHE };

/**
 * Runs a shard to its end; `isQuick` runs each law once over memory and once
 * over a kernel.
 */
export async function runShard(
  { runtime: name, files }: Shard,
  transcript: Transcript,
  isQuick: boolean,
): Promise<ShardResult> {
  const start = performance.now();
  const runtime = findRuntime(name);
  if (typeof runtime === "string") {
    const nothing = { seconds: 0, times: new Map() };
    if (!OLDEST.includes(name)) return { ...failure(runtime), ...nothing };
    transcript.reasons.set(runtime, files.length);
    const counts = { passed: 0, failed: 0, skipped: files.length };
    return { counts, failures: "", ...nothing };
  }
  const times = new Times();
  const args = testArguments(runtime, files);
  const { code, output } = await run(runtime.command, args, {
    env: { ...ENV, ...times.env, ...(isQuick ? QUICK : {}) },
    onText: (text) => transcript.write(text),
    timeoutMs: RUN_TIMEOUT_MS,
  });
  transcript.end();
  const { counts, failures } = read(name, files, output);
  // Whatever its runner calls it: a red exit is at least one failure.
  const red = code !== 0 && counts.failed === 0;
  return {
    counts: red ? { ...counts, failed: 1 } : counts,
    failures: red
      ? `${files.join(" ")}\n${name} ended with ${code}\n${failures}`
      : failures,
    seconds: since(start),
    times: times.end(),
  };
}

/** What the test runner says. */
function read(
  name: RuntimeName,
  files: readonly string[],
  output: string,
): Outcome {
  const counts = readCounts(name, output);
  // A run of nothing proves nothing.
  if (!counts || counts.passed + counts.failed + counts.skipped === 0) {
    const ending = output.trimEnd().split("\n").slice(-20).join("\n");
    return failure(
      `${files.join(" ")}\n${name} said no counts, but:\n${ending}`,
    );
  }
  return { counts, failures: readFailures(name, output) };
}

function failure(reason: string): Outcome {
  return { counts: { passed: 0, failed: 1, skipped: 0 }, failures: reason };
}

function since(start: number): number {
  return (performance.now() - start) / 1000;
}

/**
 * The arguments of the test runner. Several files share one process of Node and
 * one isolate of Deno: to start one takes longer than most tests.
 */
function testArguments(
  { name, runsTypeScript }: FoundRuntime,
  files: readonly string[],
): string[] {
  const kind = kindOf(name);
  if (kind === "deno") {
    // Deno 2.8 takes the loading of all for one that never ends.
    const shares = files.length > 1 && !OLDEST.includes(name);
    const given = shares ? [ALL_IN_ONE, "--", ...files] : files;
    return [...DENO_TEST, ...given];
  }
  if (kind === "bun") return ["test", ...files.map((file) => `./${file}`)];
  return [
    ...["--test-reporter=spec", "--enable-source-maps"],
    ...nodeFiles(files, runsTypeScript),
  ];
}
