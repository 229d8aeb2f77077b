/** The shape of `bench/results/import-*.json`. */

import type { Machine } from "../lib/machine.ts";

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
export interface ImportResults {
  /** Always `"import"`. */
  readonly suite: "import";
  /** When it ran, ISO 8601. */
  readonly date: string;
  /** The commit of this library. */
  readonly commit: string;
  /** The versions of the runtimes. */
  readonly versions: Readonly<Record<string, string>>;
  /** Where it ran. */
  readonly machine: Machine;
  /** What was measured. */
  readonly rows: readonly ImportRow[];
}
