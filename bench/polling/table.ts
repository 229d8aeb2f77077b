/** What `Selector.select` costs, as text for a terminal and as Markdown. */

import { table } from "../../scripts/lib.ts";
import { markdownTable, measuredWhere, withVersions } from "../lib/markdown.ts";
import { type PollingResults, type PollingRow, ratio } from "./results.ts";
import { summarize } from "./results.ts";

const HEAD = [
  "runtime",
  "registered",
  "10 ready, µs",
  "× smallest",
  "idle, µs",
];

/** The table that a run ends with. */
export function pollingTable({ rows }: PollingResults): string {
  return table([HEAD, ...rows.map((row) => cells(rows, row))]);
}

/** The same as one Markdown table. */
export function pollingMarkdown(results: PollingResults): string {
  const { rows, versions } = results;
  const said = `${measuredWhere(results)} Medians of ` +
    `${rows[0]?.rounds.length} rounds; one \`select\`, the turn of the event ` +
    "loop that it takes included.";
  const lines = rows.map((row) => cells(rows, row));
  const named = withVersions(lines, versions);
  return `${said}\n\n${markdownTable(HEAD, named, 1)}`;
}

function cells(rows: readonly PollingRow[], row: PollingRow): string[] {
  const found = summarize(row);
  const head = [row.runtime, row.registered.toLocaleString("en-GB")];
  if (!found) return [...head, row.skipped ?? "nothing measured", "", ""];
  return [
    ...head,
    found.readyMicros.toFixed(1),
    (ratio(rows, row) ?? NaN).toFixed(2),
    found.idleMicros.toFixed(1),
  ];
}
