/** The columns of the table: a runtime, and a way to speak TCP on it. */

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { pipeLaws } from "../../src/testing/mod.ts";
import {
  environment,
  findRuntime,
  type FoundRuntime,
  type RuntimeName,
  scriptPath,
} from "../../tests/runtimes.ts";
import { root } from "../lib.ts";
import type { Way } from "./ways/way.ts";

/** What a column is about. */
export interface ColumnName {
  /** The runtime. */
  readonly runtime: RuntimeName;
  /** The way. */
  readonly way: Way;
}

/** What became of a law in a column. */
export interface Cell {
  readonly law: string;
  readonly result: "pass" | "fail" | "skip";
  /** What was found, where it does not hold. */
  readonly reason?: string;
}

/** A column, filled. */
export interface Column extends ColumnName {
  readonly cells: readonly Cell[];
}

const BARE: Readonly<Record<string, readonly Way[]>> = {
  deno: ["deno_conn", "deno_conn_as_written"],
  bun: ["bun_connect", "bun_connect_as_written"],
  node20: ["node_net", "node_net_as_written"],
  node26: ["node_net", "node_net_as_written"],
};

/** Every column of the table, ours first. */
export const COLUMNS: readonly ColumnName[] = [
  ...Object.keys(BARE).map((runtime) => ({ runtime, way: "anysock" })),
  ...Object.entries(BARE).flatMap(([runtime, ways]) =>
    ways.map((way) => ({ runtime, way }))
  ),
] as ColumnName[];

/**
 * Runs every law over a way. Where one ends its process, the next ones are run
 * in another: a late rejection must not end them all.
 *
 * @throws {Error} if the runtime is missing, or the process says nothing.
 */
export async function fill(
  { runtime, way }: ColumnName,
): Promise<Column> {
  const found = findRuntime(runtime);
  if (typeof found === "string") throw new Error(found);
  const cells: Cell[] = [];
  while (cells.length < pipeLaws.length) {
    const before = cells.length;
    const errors = await runFrom(found, way, cells);
    if (cells.length > before) continue;
    throw new Error(`${runtime} ${way} ended without a word: ${errors}`);
  }
  return { runtime, way, cells };
}

/** Adds what one process finds, and gives what it complained of. */
async function runFrom(
  runtime: FoundRuntime,
  way: Way,
  cells: Cell[],
): Promise<string> {
  const script = scriptPath(runtime, "scripts/conformance/program.ts");
  const args = [...runtime.args, script, way, `${cells.length}`];
  const child = spawn(runtime.command, args, {
    cwd: root,
    env: environment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text) => errors += text);
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      cells.push(JSON.parse(line) as Cell);
    }
  } finally {
    child.kill("SIGKILL");
  }
  return errors.trim();
}
