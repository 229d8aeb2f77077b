/** What the guard says of two trees that were measured side by side. */

import { median } from "../lib/stats.ts";

/** Microseconds of server CPU for an echo, round by round, of both trees. */
export interface Pair {
  /** What was measured: `bun 50x64 ours`. */
  readonly label: string;
  /** Those of the older tree. */
  readonly base: readonly number[];
  /** Those of this tree. */
  readonly now: readonly number[];
}

/** A pair in one number. */
export interface Verdict {
  /** What was measured. */
  readonly label: string;
  /**
   * This tree in times of the older one: by their medians or by their best
   * rounds, whichever is less. What is truly dearer is so by both; one process
   * may be slower than the next by a fifth.
   */
  readonly ratio: number;
  /** Whether that is beyond the limit. */
  readonly isDearer: boolean;
}

/** Judges a pair; `limitPercent` more is still allowed. */
export function judge(pair: Pair, limitPercent: number): Verdict {
  const { base, now } = pair;
  const byMedian = median(now) / median(base);
  const byBest = Math.min(...now) / Math.min(...base);
  const ratio = Math.min(byMedian, byBest);
  const isDearer = ratio > 1 + limitPercent / 100;
  return { label: pair.label, ratio, isDearer };
}

/** A line for each verdict, the dear ones marked. */
export function table(verdicts: readonly Verdict[]): string {
  const width = Math.max(...verdicts.map(({ label }) => label.length));
  return verdicts.map(({ label, ratio, isDearer }) =>
    `${label.padEnd(width)}  ${ratio.toFixed(2)}${isDearer ? "  DEARER" : ""}`
  ).join("\n");
}
