/** The results of the framing benchmark as text and as Markdown. */

import { table } from "../../scripts/lib.ts";
import { markdownTable } from "../lib/markdown.ts";
import { median } from "../lib/stats.ts";
import type { DecodeRow, EchoRow, FramingResults } from "./results.ts";

const millions = (value: number): string => (value / 1e6).toFixed(2);

/** Medians of one stream on one runtime, and how ours compares with each. */
function decodeCells(rows: readonly DecodeRow[], row: DecodeRow): string[] {
  const ours = rows.find((each) =>
    each.contestant === "anysock" && each.case === row.case &&
    each.runtime === row.runtime
  )!;
  const ratio = median(ours.perSecond) / median(row.perSecond);
  return [
    row.runtime,
    row.case,
    row.contestant,
    millions(median(row.perSecond)),
    row === ours ? "" : ratio.toFixed(2),
  ];
}

function echoCells(row: EchoRow): string[] {
  const { rounds } = row;
  const grown = rounds.map(({ residentKib: [before, after] }) =>
    after - before
  );
  return [
    row.runtime,
    `${row.payload} B`,
    row.server,
    millions(median(rounds.map((round) => round.framesPerSecond))),
    median(rounds.map((round) => round.cpuNanosPerFrame)).toFixed(0),
    (median(grown) / 1_024).toFixed(1),
  ];
}

const DECODE_HEAD = [
  "runtime",
  "stream",
  "decoder",
  "million frames/s",
  "ours ÷ theirs",
];
const ECHO_HEAD = [
  "runtime",
  "payload",
  "server",
  "million frames/s",
  "server CPU ns/frame",
  "memory grown, MiB",
];

/** The two tables of a run, for a terminal. */
export function framingTables({ decode, echo }: FramingResults): string {
  const first = [DECODE_HEAD, ...decode.map((row) => decodeCells(decode, row))];
  const second = [ECHO_HEAD, ...echo.map(echoCells)];
  return [first, second]
    .filter((rows) => rows.length > 1)
    .map((rows) => table(rows))
    .join("\n\n");
}

/** The same as Markdown. */
export function framingMarkdown(results: FramingResults): string {
  const { machine, date, commit, decode, echo } = results;
  const said =
    `Measured ${date.slice(0, 10)} at ${commit} on ${machine.cpu}, ` +
    `${machine.system}; medians.`;
  const parts = [said];
  if (decode.length > 0) {
    const body = decode.map((row) => decodeCells(decode, row));
    parts.push(markdownTable(DECODE_HEAD, body, 3));
  }
  if (echo.length > 0) {
    parts.push(markdownTable(ECHO_HEAD, echo.map(echoCells), 3));
  }
  return parts.join("\n\n");
}
