/**
 * The library's own laws on the runtime that runs this. Prints the names of
 * those that do not hold, and how many do.
 */

import process from "node:process";
import { checkOwnLaws } from "../../cli/conformance/own.ts";
import { knownGap } from "../../tests/conformance/known_gaps.ts";
import { thisRuntime } from "../../tests/runtimes.ts";
import { ownColumn } from "./columns.ts";

/** What became of the library's own laws on a runtime. */
export interface OwnRow {
  /** How many hold. */
  readonly pass: number;
  /** Those that do not. */
  readonly fail: readonly string[];
  /** Those that were not run, each with its cause. */
  readonly skip: Readonly<Record<string, string>>;
}

const column = ownColumn(thisRuntime());
const { pass, fail, skip } = await checkOwnLaws({
  wants: () => true,
  gap: (law) => knownGap(column, law),
});
for (const [law, reason] of Object.entries(fail)) console.error(law, reason);
const row: OwnRow = { pass, fail: Object.keys(fail), skip };
process.stdout.write(JSON.stringify(row));
process.exit(0);
