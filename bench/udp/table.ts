/** Datagram figures as text for a terminal. */

import { table } from "../../scripts/lib.ts";
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
  "loss ours",
  "native",
];

/** The table that a run ends with: ours beside the runtime's own. */
export function udpTable({ rows }: UdpResults): string {
  const ours = rows.filter(({ api }) => api === "ours");
  return table([HEAD, ...ours.map((row) => cells(row, nativeOf(rows, row)))]);
}

function nativeOf(rows: readonly UdpRow[], row: UdpRow): UdpRow {
  return rows.find((each) =>
    each.api === "native" && each.runtime === row.runtime &&
    each.mode === row.mode && each.bytes === row.bytes
  )!;
}

function cells(ours: UdpRow, native: UdpRow): string[] {
  const ratio = median(ours.perSecond) / median(native.perSecond);
  return [
    ours.runtime,
    ours.mode,
    `${ours.bytes}`,
    short(median(ours.perSecond)),
    short(median(native.perSecond)),
    ratio.toFixed(2),
    `±${(100 * spread(ours.perSecond)).toFixed(0)} %`,
    short(median(ours.cpuMicros)),
    short(median(native.cpuMicros)),
    percent(ours.loss),
    percent(native.loss),
  ];
}

function percent(parts: readonly number[]): string {
  return `${(100 * median(parts)).toFixed(1)} %`;
}
