/** Datagram figures as text for a terminal and as Markdown. */

import { table } from "../../scripts/lib.ts";
import { markdownTable, measuredWhere, withVersions } from "../lib/markdown.ts";
import { median, short, spread } from "../lib/stats.ts";
import type { UdpResults, UdpRow } from "./results.ts";

const HEAD = [
  "runtime",
  "mode",
  "bytes",
  "ours/s",
  "native/s",
  "ratio",
  "spread",
  "CPU µs ours",
  "native",
  "ratio",
  "loss ours",
  "native",
];

/** The table that a run ends with: ours beside the runtime's own. */
export function udpTable({ rows }: UdpResults): string {
  const ours = rows.filter(({ api }) => api === "ours");
  return table([HEAD, ...ours.map((row) => cells(row, nativeOf(rows, row)))]);
}

/** The same as one Markdown table. */
export function udpMarkdown({ rows, ...run }: UdpResults): string {
  const said = `${measuredWhere(run)} Medians of ` +
    `${rows[0]?.perSecond.length} rounds, each after one that warms up; ` +
    "ratios: how much better ours is than the runtime's own sockets, above 1 " +
    "is better; spread: of ours, the farthest from the median.";
  const lines = rows.filter(({ api }) => api === "ours")
    .map((row) => cells(row, nativeOf(rows, row)));
  const named = withVersions(lines, run.versions);
  return `${said}\n\n${markdownTable(HEAD, named, 2)}`;
}

function nativeOf(rows: readonly UdpRow[], row: UdpRow): UdpRow {
  return rows.find((each) =>
    each.api === "native" && each.runtime === row.runtime &&
    each.mode === row.mode && each.bytes === row.bytes
  )!;
}

function cells(ours: UdpRow, native: UdpRow): string[] {
  const mine = told(ours.perSecond);
  const theirs = told(native.perSecond);
  const myCpu = told(ours.cpuMicros);
  const theirCpu = told(native.cpuMicros);
  return [
    ours.runtime,
    ours.mode,
    `${ours.bytes}`,
    middle(mine),
    middle(theirs),
    ratio(mine, theirs),
    mine.length > 0 ? `±${(100 * spread(mine)).toFixed(0)} %` : NOTHING,
    middle(myCpu),
    middle(theirCpu),
    ratio(theirCpu, myCpu),
    percent(ours.loss),
    percent(native.loss),
  ];
}

const NOTHING = "–";

/** Without the rounds of which too little arrived: the loss tells of those. */
function told(rounds: readonly (number | null)[]): number[] {
  return rounds.filter((each) => Number.isFinite(each)) as number[];
}

function ratio(values: readonly number[], to: readonly number[]): string {
  return values.length > 0 && to.length > 0
    ? (median(values) / median(to)).toFixed(2)
    : NOTHING;
}

function middle(values: readonly number[]): string {
  return values.length > 0 ? short(median(values)) : NOTHING;
}

function percent(parts: readonly number[]): string {
  return `${(100 * median(parts)).toFixed(1)} %`;
}
