/** The table in short, as the program has it. */

import { knownGap } from "../../tests/conformance/known_gaps.ts";
import type { RuntimeName } from "../../tests/runtimes.ts";
import type { PublishedTable } from "../../cli/conformance/published_table.ts";
import { ownColumn } from "./columns.ts";
import type { Table } from "./table.ts";

const SIGNS: Readonly<Record<string, string>> = {
  pass: "+",
  fail: "-",
  at: "~",
  skip: ".",
};

/** `cli/conformance/published.ts`. */
export function publishedOf(table: Table): string {
  const results: Record<string, Record<string, string>> = {};
  for (const { runtime, way, results: cells } of table.columns) {
    const signs = cells.map((each) => SIGNS[each.split(" ")[0] ?? ""]);
    (results[runtime] ??= {})[way] = signs.join("");
  }
  const gaps = Object.fromEntries(
    Object.entries(table.own).map(([runtime, { skip }]) => [
      runtime,
      gapsAmong(runtime as RuntimeName, Object.keys(skip)),
    ]),
  );
  const { date, versions, laws } = table;
  const short: PublishedTable = { date, versions, laws, results, gaps };
  return `/**
 * The conformance table as it is published, for comparison. Made by
 * \`npm run conformance\`.
 *
 * @module
 */

import type { PublishedTable } from "./published_table.ts";

/** The table. */
export const PUBLISHED: PublishedTable = ${JSON.stringify(short, null, 2)};
`;
}

function gapsAmong(
  runtime: RuntimeName,
  laws: readonly string[],
): Record<string, string> {
  return Object.fromEntries(laws.flatMap((law) => {
    const cause = knownGap(ownColumn(runtime), law);
    return cause === undefined ? [] : [[law, cause]];
  }));
}
