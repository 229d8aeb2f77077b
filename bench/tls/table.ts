/** The results as text for a terminal and as Markdown for the documents. */

import { table } from "../../scripts/lib.ts";
import { short } from "../lib/stats.ts";
import { cases } from "./cases.ts";
import { ratio, type Row, summarize, type TlsResults } from "./results.ts";

/** The table that a run ends with, and how to read it. */
export function tlsTable({ rows }: TlsResults): string {
  const head = ["runtime", "case", "server", "per second", "price", "×own"];
  return `${
    table([head, ...rows.map((row) => cells(rows, row))])
  }\n\n${LEGEND}`;
}

const LEGEND = `price: server CPU in µs an operation; of idle connections bytes.
×own: against the runtime's own TLS (on Node node:tls); above 1 is better.`;

function cells(rows: readonly Row[], row: Row): string[] {
  const found = summarize(row);
  const head = [row.runtime, row.case, row.server];
  if (!found) return [...head, row.skipped ?? "nothing was measured"];
  return [
    ...head,
    Number.isNaN(found.rate) ? "" : short(found.rate),
    short(found.price),
    ratio(rows, row)?.toFixed(2) ?? "",
  ];
}

/** One Markdown table: a row for a case on a runtime. */
export function tlsMarkdown(results: TlsResults): string {
  const { date, commit, machine, versions, rows } = results;
  const names = [...new Set(rows.map((row) => row.runtime))];
  const told = names.map((name) => `${name} ${versions[name] ?? ""}`);
  const head =
    "| runtime | case | ours | over a Duplex | ours, `native: true` | " +
    "… `recvInto` | its own TLS | `node:tls` |\n" +
    `| --- | --- |${" ---: |".repeat(6)}`;
  const lines = names.flatMap((name) =>
    cases.map((each) => line(rows, name, each.name, each.text))
  );
  return [
    `Measured ${date.slice(0, 10)} at ${commit} on ${machine.cpu}, ` +
    `${machine.cores} cores, ${machine.system}; ${told.join(", ")}. ` +
    "Medians of server CPU in µs an operation, of idle connections bytes each; " +
    "in brackets the price of the runtime's own TLS over it: above 1 is better.",
    [head, ...lines.filter((each) => each !== "")].join("\n"),
  ].join("\n\n");
}

function line(
  rows: readonly Row[],
  runtime: string,
  name: string,
  text: string,
): string {
  const mine = rows.filter((row) =>
    row.runtime === runtime && row.case === name
  );
  if (mine.length === 0) return "";
  const cell = (server: string): string => {
    const row = mine.find((each) => each.server === server);
    const found = row && summarize(row);
    if (!row || !found) return "";
    const times = ratio(rows, row);
    const price = short(found.price);
    return times === undefined ? price : `${price} (${times.toFixed(2)})`;
  };
  const all = [
    ...["ours", "node_duplex", "ours_native", "ours_native_into"],
    ...["native", "node_tls"],
  ].map(cell);
  return `| ${runtime} | ${text} | ${all.join(" | ")} |`;
}
