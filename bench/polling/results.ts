/** The shape of `bench/results/polling-*.json`, and what is read out of it. */

import type { Results } from "../lib/output.ts";
import { median } from "../lib/stats.ts";

/** What one round found, in microseconds for one `select`. */
export interface Round {
  /** With ten sockets ready. */
  readonly readyMicros: number;
  /** A poll with none ready. */
  readonly idleMicros: number;
}

/** Every round of one runtime with so many registered sockets. */
export interface PollingRow {
  /** The runtime, by its test name. */
  readonly runtime: string;
  /** How many sockets are registered. */
  readonly registered: number;
  /** The rounds, taken in turns with the other rows of the runtime. */
  readonly rounds: readonly Round[];
  /** Why there is nothing, where there is nothing. */
  readonly skipped?: string;
}

/** One run of the benchmark. */
export interface PollingResults extends Results<"polling"> {
  /** What was measured. */
  readonly rows: readonly PollingRow[];
}

/** The medians of a row, `undefined` if it was skipped. */
export function summarize(row: PollingRow): Round | undefined {
  if (row.rounds.length === 0) return undefined;
  return {
    readyMicros: median(row.rounds.map((each) => each.readyMicros)),
    idleMicros: median(row.rounds.map((each) => each.idleMicros)),
  };
}

/** A row over the smallest row of its runtime: 1 is "costs the same". */
export function ratio(
  rows: readonly PollingRow[],
  row: PollingRow,
): number | undefined {
  const base = rows.filter((each) => each.runtime === row.runtime)
    .reduce((a, b) => b.registered < a.registered ? b : a);
  const [mine, other] = [summarize(row), summarize(base)];
  return mine && other && mine.readyMicros / other.readyMicros;
}
