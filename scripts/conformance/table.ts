/** The table: its shape, and what is measured for it. */

import { readFileSync } from "node:fs";
import { arch, release, type } from "node:os";
import { join } from "node:path";
import { pipeLaws } from "../../src/testing/mod.ts";
import {
  findRuntime,
  type RuntimeName,
  RUNTIMES,
} from "../../tests/runtimes.ts";
import { versions } from "../../bench/lib/machine.ts";
import { inTurn, root, run } from "../lib.ts";
import type { Cell } from "../../cli/conformance/way_laws.ts";
import { type Column, type ColumnName, COLUMNS, fill } from "./columns.ts";
import { findingFor, FINDINGS, unsteadyFor } from "./findings.ts";
import type { OwnRow } from "./own.ts";

/** Where it is kept. */
export const JSON_PATH: string = join(root, "docs", "conformance.json");

/** The whole table, as `docs/conformance.json` has it. */
export interface Table {
  /** What the shape of this file is described by. */
  readonly $schema: string;
  /** The day, ISO 8601. */
  readonly date: string;
  /** The system that it was made on. */
  readonly platform: string;
  /** The versions of the runtimes. */
  readonly versions: Readonly<Record<string, string>>;
  /** The laws of pipes, in their order. */
  readonly laws: readonly string[];
  /** The library's own laws, over TCP and UDP on IPv4. */
  readonly own: Readonly<Partial<Record<RuntimeName, OwnRow>>>;
  /** What became of each law. */
  readonly columns: readonly TableColumn[];
  /** Why laws do not hold. */
  readonly findings: readonly TableFinding[];
}

/** A column of the table. */
export interface TableColumn {
  readonly runtime: RuntimeName;
  readonly way: string;
  /**
   * By law: `"pass"`, or `"fail 3"` and `"at times 3"` with the number of what
   * was found, or `"skip"`.
   */
  readonly results: readonly string[];
}

/** Why laws do not hold: {@linkcode findingFor} tells which. */
export interface TableFinding {
  readonly program: string;
  readonly cause: string;
  readonly upstream: readonly string[];
}

const COLUMNS_AT_ONCE = 6;

/** Fills every column. @throws {Error} if a ✗ has no program. */
export async function measureColumns(): Promise<readonly TableColumn[]> {
  const filled: Column[] = [];
  await inTurn(COLUMNS_AT_ONCE, COLUMNS, async (name) => {
    filled[COLUMNS.indexOf(name)] = await fill(name);
  });
  const columns = filled.map((column) => ({
    runtime: column.runtime,
    way: column.way,
    results: column.cells.map((cell) => resultOf(column, cell)),
  }));
  demandUse(columns);
  return columns;
}

/** @throws {Error} if nothing is explained by a finding any more. */
function demandUse(columns: readonly TableColumn[]): void {
  const used = new Set(columns.flatMap(({ results }) => results));
  for (const [i, { program }] of FINDINGS.entries()) {
    if (used.has(`fail ${i + 1}`) || used.has(`at times ${i + 1}`)) continue;
    throw new Error(`${program} explains nothing any more: take it away`);
  }
}

function resultOf(column: ColumnName, { law, result, reason }: Cell): string {
  const unsteady = unsteadyFor(column, law);
  if (unsteady) return `at times ${FINDINGS.indexOf(unsteady) + 1}`;
  if (result !== "fail") return result;
  const finding = findingFor(column, law);
  if (finding !== undefined) return `fail ${FINDINGS.indexOf(finding) + 1}`;
  throw new Error(
    `No program shows why on ${column.runtime} ${column.way} this does not ` +
      `hold: ${law} (${reason})`,
  );
}

/** Runs the programs. @throws {Error} if one says something else. */
export async function runPrograms(): Promise<void> {
  const jobs = FINDINGS.flatMap(({ program, prints }) =>
    Object.entries(prints).map(([runtime, line]) => ({
      program,
      runtime: runtime as RuntimeName,
      line,
    }))
  );
  await inTurn(COLUMNS_AT_ONCE, jobs, async ({ program, runtime, line }) => {
    const found = findRuntime(runtime);
    if (typeof found === "string") throw new Error(found);
    const path = join("scripts", "conformance", "programs", `${program}.mjs`);
    const { output } = await run(found.command, [...found.args, path], {
      timeoutMs: 20_000,
    });
    if (output.trim() === line) return;
    throw new Error(
      `${path} on ${runtime} says "${output.trim()}", not "${line}"`,
    );
  });
}

/** Runs the library's own laws on every runtime. */
export async function measureOwn(): Promise<Table["own"]> {
  const own: Partial<Record<RuntimeName, OwnRow>> = {};
  await inTurn(2, RUNTIMES, async (runtime) => {
    const found = findRuntime(runtime);
    if (typeof found === "string") throw new Error(found);
    const script = found.runsTypeScript
      ? "scripts/conformance/own.ts"
      : ".build/scripts/conformance/own.js";
    const { output, code } = await run(found.command, [
      ...found.args,
      script,
    ]);
    if (code !== 0) throw new Error(`${runtime}: ${output}`);
    own[runtime] = JSON.parse(output.slice(output.indexOf('{"pass"')));
  });
  return Object.fromEntries(RUNTIMES.map((name) => [name, own[name]]));
}

/** All but what is measured. */
export function frame(): Omit<Table, "own" | "columns"> {
  return {
    $schema: "./conformance.schema.json",
    date: new Date().toISOString().slice(0, 10),
    platform: `${type()} ${release()} ${arch()}`,
    versions: versions(RUNTIMES),
    laws: pipeLaws.map(({ name }) => name),
    findings: FINDINGS.map(({ program, cause, upstream = [] }) => ({
      program,
      cause,
      upstream,
    })),
  };
}

/** The table as it is committed. */
export function committed(): Table {
  return JSON.parse(readFileSync(JSON_PATH, "utf8"));
}
