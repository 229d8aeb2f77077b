/**
 * What is told when all suites are over: the reasons of skips, every failure
 * again, and the counts, their sum in the last line.
 *
 * @module
 */

import { table } from "../lib.ts";
import { type Counts, sumOf } from "./counts.ts";
import type { ShardResult } from "./run_shard.ts";
import { slowest } from "./times.ts";

/** So many of the slowest files are named if not all are asked for. */
const SLOWEST = 10;

/** A suite that is over. */
export interface Finished extends ShardResult {
  /** The runtime's name. */
  readonly runtime: string;
  /** Why tests were skipped, and how many for each reason. */
  readonly reasons: ReadonlyMap<string, number>;
}

/** The counts in words: `N passed, N failed, N skipped`. */
export function inWords({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** The whole report, with the times of all files or of the slowest. */
export function reportOf(
  suites: readonly Finished[],
  showsTimes: boolean,
): string {
  const sum = sumOf(suites.map((each) => each.counts));
  const rows = suites.map(({ runtime, counts, seconds }) => [
    ...[runtime, counts.passed, counts.failed, counts.skipped].map(String),
    seconds.toFixed(1),
  ]);
  return [
    ...(sum.skipped > 0 ? [skips(suites)] : []),
    ...(suites.some(({ times }) => times.size > 0)
      ? [slowest(suites, showsTimes ? Infinity : SLOWEST)]
      : []),
    ...suites.filter((each) => each.counts.failed > 0).map(failuresOf),
    table([["runtime", "passed", "failed", "skipped", "s"], ...rows]),
    inWords(sum),
  ].join("\n\n");
}

/** Each reason with how many tests it kept from running, by runtime. */
function skips(suites: readonly Finished[]): string {
  const reasons = new Set(suites.flatMap((each) => [...each.reasons.keys()]));
  const rows = [...reasons].sort().map((reason) => [
    ...suites.map((each) => String(each.reasons.get(reason) ?? "")),
    reason,
  ]);
  const head = [...suites.map((each) => each.runtime), "skipped because"];
  return table([head, ...rows]);
}

function failuresOf({ runtime, failures }: Finished): string {
  return `--- failed on ${runtime}\n${failures}\n--- end`;
}
