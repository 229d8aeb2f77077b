/**
 * The conformance table as it was published, and what differs from it.
 *
 * @module
 */

import type { Cell } from "./way_laws.ts";

/** The table, in short. */
export interface PublishedTable {
  /** The day that it was made. */
  readonly date: string;
  /** The versions of its runtimes. */
  readonly versions: Readonly<Record<string, string>>;
  /** The laws of pipes, in the order of the results. */
  readonly laws: readonly string[];
  /**
   * By runtime and way, a sign for each law: `+` it holds, `-` it does not,
   * `~` at times, `.` it was not run.
   */
  readonly results: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Laws of the library's own that a runtime keeps from holding, and why. */
  readonly gaps: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const SIGNS: Readonly<Record<Cell["result"], string>> = {
  pass: "+",
  fail: "-",
  skip: ".",
};

const SAID: Readonly<Record<string, string>> = {
  "+": "holds",
  "-": "does not hold",
  ".": "was not run",
};

/** The column's runtime that is nearest to a version of Node. */
export function publishedRuntime(name: string, version: string): string {
  if (name !== "node") return name;
  return Number(version.split(".")[0]) >= 26 ? "node26" : "node20";
}

/**
 * How what became of a law differs from the table, if it does. What holds at
 * times does not.
 */
export function difference(
  table: PublishedTable,
  runtime: string,
  way: string,
  { law, result }: Cell,
): string | undefined {
  const sign = table.results[runtime]?.[way]?.[table.laws.indexOf(law)];
  if (sign === undefined) return "it is not in the published table";
  if (sign === "~" || sign === SIGNS[result]) return undefined;
  const version = table.versions[runtime];
  return `published for ${version}: it ${SAID[sign]}`;
}
