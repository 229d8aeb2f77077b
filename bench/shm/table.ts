/** Figures of channels as text for a terminal and as Markdown. */

import { table } from "../../scripts/lib.ts";
import {
  linesByLoad,
  markdownTable,
  measuredWhere,
  withVersions,
} from "../lib/markdown.ts";
import { median, short, spread } from "../lib/stats.ts";
import {
  type Load,
  LOADS,
  type ShmResults,
  type ShmRound,
  type ShmRow,
  type Transport,
  TRANSPORTS,
} from "./results.ts";

const WORDS: Readonly<Record<Load, string>> = {
  single: "64 B a call",
  framed: "framed 64 B",
  bulk: "64 KiB a call",
};

const HEAD = [
  "runtime",
  "load",
  ...TRANSPORTS.map((each) => `${each} k/s`),
  "best ÷ tcp",
  "best ÷ unix",
  ...TRANSPORTS.map((each) => `${each} CPU µs`),
  "spread",
];

/** The table that a run ends with. */
export function shmTable(results: ShmResults): string {
  return table([HEAD, ...lines(results)]);
}

/** The same as Markdown. */
export function shmMarkdown(results: ShmResults): string {
  const { rows, versions } = results;
  const said = `${measuredWhere(results)} Medians of ` +
    `${rows[0]?.rounds.length} rounds, thousands of messages each second ` +
    "from one thread to another, and processor time of both for a message. " +
    "`port` and `atomics` are the two doorbells of a channel; spread: the " +
    "farthest of all rounds from its median.";
  const named = withVersions(lines(results), versions);
  return `${said}\n\n${markdownTable(HEAD, named, 2)}`;
}

function lines({ rows }: ShmResults): string[][] {
  return linesByLoad(
    rows,
    LOADS,
    (load, some) => [WORDS[load], ...cells(some)],
  );
}

function cells(rows: readonly ShmRow[]): string[] {
  const rate = (transport: Transport) => middle(rows, transport, "perSecond");
  const best = Math.max(rate("port"), rate("atomics"));
  const cpu = TRANSPORTS.map((each) => short(middle(rows, each, "cpuMicros")));
  const spreads = rows.map(({ rounds }) =>
    spread(rounds.map(({ perSecond }) => perSecond))
  );
  return [
    ...TRANSPORTS.map((each) => short(rate(each) / 1000)),
    (best / rate("tcp")).toFixed(2),
    (best / rate("unix")).toFixed(2),
    ...cpu,
    `±${(100 * Math.max(...spreads)).toFixed(0)} %`,
  ];
}

function middle(
  rows: readonly ShmRow[],
  transport: Transport,
  key: keyof ShmRound,
): number {
  const row = rows.find((each) => each.transport === transport)!;
  return median(row.rounds.map((round) => round[key]));
}
