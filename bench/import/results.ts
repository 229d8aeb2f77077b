/** The shape of `bench/results/import-*.json`. */

import type { Results } from "../lib/output.ts";

/** The programs whose start-up is timed. */
export type Program = "empty" | "source" | "package" | "node_net";

/** Every start of one program on one runtime. */
export interface ImportRow {
  /** The runtime, by its test name. */
  readonly runtime: string;
  /** What the program imports. */
  readonly program: Program;
  /** Milliseconds from start to exit, in the order of the rounds. */
  readonly ms: readonly number[];
}

/** One run of the benchmark. */
export interface ImportResults extends Results<"import"> {
  /** What was measured. */
  readonly rows: readonly ImportRow[];
}
