/** The shape of `bench/results/simulation-*.json`. */

import type { Results } from "../lib/output.ts";

/** What is simulated. */
export const LOADS = [
  "timers",
  "network",
  "crowd",
  "hour",
  "day",
  "explore",
] as const;

/** What is simulated. */
export type Load = typeof LOADS[number];

/** What one round found. */
export interface SimulationRound {
  /** Real time that the run took, milliseconds. */
  readonly ms: number;
  /** Events of the run. */
  readonly events: number;
  /** Virtual time that passed, milliseconds. */
  readonly virtualMs: number;
  /** The most memory that the process held, bytes. */
  readonly peakBytes: number;
}

/** Every round of one case. */
export interface SimulationRow {
  /** The runtime. */
  readonly runtime: string;
  /** What was simulated. */
  readonly load: Load;
  /** The rounds. */
  readonly rounds: readonly SimulationRound[];
}

/** One run of the benchmark. */
export interface SimulationResults extends Results<"simulation"> {
  /** What was measured. */
  readonly rows: readonly SimulationRow[];
}
