/** Start-up times as text for a terminal and as Markdown. */

import { table } from "../../scripts/lib.ts";
import { median } from "../lib/stats.ts";
import type { ImportResults, ImportRow, Program } from "./results.ts";

const TEXT: Readonly<Record<Program, string>> = {
  empty: "an empty file",
  source: "`import` of mod.ts",
  package: "`import` of the npm package",
  node_net: '`import "node:net"`',
};

/** The table that a run ends with. */
export function importTable(results: ImportResults): string {
  const head = ["runtime", "program", "median ms", "fastest ms", "over empty"];
  return table([
    head,
    ...results.rows.map((row) => [row.runtime, ...cells(results.rows, row)]),
  ]);
}

/** The same as one Markdown table. */
export function importMarkdown(results: ImportResults): string {
  const { machine, date, commit, versions } = results;
  const said =
    `Measured ${date.slice(0, 10)} at ${commit} on ${machine.cpu}, ` +
    `${machine.system}; medians of ${results.rows[0]?.ms.length} starts.`;
  const head = "| runtime | program | start to exit, ms | over empty, ms |\n" +
    "| --- | --- | ---: | ---: |";
  const lines = results.rows.map((row) => {
    const [, middle, , over] = cells(results.rows, row);
    const runtime = `${row.runtime} ${versions[row.runtime]}`;
    return `| ${runtime} | ${TEXT[row.program]} | ${middle} | ${over} |`;
  });
  return `${said}\n\n${head}\n${lines.join("\n")}`;
}

function cells(rows: readonly ImportRow[], row: ImportRow): string[] {
  const empty = rows.find((each) =>
    each.runtime === row.runtime && each.program === "empty"
  );
  const over = median(row.ms) - median(empty!.ms);
  return [
    row.program,
    median(row.ms).toFixed(1),
    Math.min(...row.ms).toFixed(1),
    row === empty ? "" : over.toFixed(1),
  ];
}
