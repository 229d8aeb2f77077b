/** The columns of the table: a runtime, and a way to speak TCP on it. */

import { BARE_WAYS, type Way } from "../../cli/conformance/way.ts";
import { type Cell, checkWay } from "../../cli/conformance/way_laws.ts";
import { pipeLaws } from "../../src/testing/mod.ts";
import {
  findRuntime,
  kindOf,
  type RuntimeName,
  RUNTIMES,
  scriptPath,
} from "../../tests/runtimes.ts";

/** What a column is about. */
export interface ColumnName {
  /** The runtime. */
  readonly runtime: RuntimeName;
  /** The way. */
  readonly way: Way;
}

/** A column, filled. */
export interface Column extends ColumnName {
  readonly cells: readonly Cell[];
}

/** Laws wait for the machine, which is busy with other columns. */
const WATCHDOG_MS = 8_000;

/** Every column of the table, ours first. */
export const COLUMNS: readonly ColumnName[] = [
  ...RUNTIMES.map((runtime) => ({ runtime, way: "anysock" as const })),
  ...RUNTIMES.flatMap((runtime) =>
    (BARE_WAYS[kindOf(runtime)] ?? []).map((way) => ({ runtime, way }))
  ),
];

/** What the known gaps call the column of the library's own laws. */
export function ownColumn(runtime: RuntimeName): string {
  return `${runtime}/native/tcp4`;
}

/**
 * Runs every law over a way.
 *
 * @throws {Error} if the runtime is missing, or its process says nothing.
 */
export async function fill({ runtime, way }: ColumnName): Promise<Column> {
  const found = findRuntime(runtime);
  if (typeof found === "string") throw new Error(found);
  const { command, args } = found;
  const program = [...args, scriptPath(found, "cli/main.ts")];
  const runner = { name: runtime, command, args: program };
  const numbers = [...pipeLaws.keys()];
  return {
    runtime,
    way,
    cells: await checkWay(runner, way, numbers, WATCHDOG_MS),
  };
}
