/** Figures of simulations as text for a terminal and as Markdown. */

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
  type SimulationResults,
  type SimulationRound,
  type SimulationRow,
} from "./results.ts";

const WORDS: Readonly<Record<Load, string>> = {
  timers: "100 programs that wait",
  network: "10 clients, 64 B there and back, 2,000 times",
  crowd: "1,000 hosts, 10,000 connections",
  hour: "an hour, a message every 15 s",
  day: "a day of 100 such",
  explore: "100 seeds of a retry under loss",
};

const HEAD = [
  "runtime",
  "load",
  "ms",
  "events",
  "k events/s",
  "virtual s",
  "peak MB",
  "spread",
];

/** The table that a run ends with. */
export function simulationTable(results: SimulationResults): string {
  return table([HEAD, ...lines(results)]);
}

/** The same as Markdown. */
export function simulationMarkdown(results: SimulationResults): string {
  const { rows, versions } = results;
  const said = `${measuredWhere(results)} Medians of ` +
    `${
      rows[0]?.rounds.length
    } rounds, a process each, which was warm. Memory ` +
    "is the most that the process held; spread: the farthest of all rounds " +
    "from their median.";
  const named = withVersions(lines(results), versions);
  return `${said}\n\n${markdownTable(HEAD, named, 2)}`;
}

function lines({ rows }: SimulationResults): string[][] {
  return linesByLoad(
    rows,
    LOADS,
    (load, some) => [WORDS[load], ...cells(some)],
  );
}

function cells([row]: readonly SimulationRow[]): string[] {
  const { rounds } = row as SimulationRow;
  const middle = (key: keyof SimulationRound) =>
    median(rounds.map((round) => round[key]));
  const [ms, events] = [middle("ms"), middle("events")];
  const off = spread(rounds.map((round) => round.ms));
  return [
    ms.toFixed(0),
    `${events}`,
    short(events / ms),
    short(middle("virtualMs") / 1000),
    (middle("peakBytes") / 1e6).toFixed(0),
    `±${(100 * off).toFixed(0)} %`,
  ];
}
