/** Figures of servers as text for a terminal and as Markdown. */

import { table } from "../../scripts/lib.ts";
import {
  linesByLoad,
  markdownTable,
  measuredWhere,
  withVersions,
} from "../lib/markdown.ts";
import { median, short, spread } from "../lib/stats.ts";
import {
  LOADS,
  type ServerName,
  type ServerResults,
  type ServerRow,
  SERVERS,
} from "./results.ts";

const WORDS = {
  resp64: "RESP, 64 in a pipeline",
  resp1: "RESP, one by one",
  connect: "RESP, one a connection",
  http: "HTTP, kept alive",
} as const;

const HEAD = [
  "runtime",
  "load",
  ...SERVERS.map((each) => `${each} µs`),
  "native ÷ serve",
  "listen ÷ serve",
  "spread",
];

const NOTHING = "–";

/** The table that a run ends with. */
export function serverTable(results: ServerResults): string {
  return table([HEAD, ...lines(results)]);
}

/** The same as Markdown. */
export function serverMarkdown(results: ServerResults): string {
  const { rows, versions } = results;
  const said = `${measuredWhere(results)} Processor ` +
    `time of the server for a request, medians of ${rows[0]?.rounds.length} ` +
    "rounds, 20 connections, the load in another process; ratios: above 1 " +
    "`serve` takes less; spread: of the processor time, the farthest of all " +
    "rounds from its median. How two workers compare with one was not " +
    "measured: the load takes one of two processors.";
  const named = withVersions(lines(results), versions);
  return `${said}\n\n${markdownTable(HEAD, named, 2)}`;
}

function lines({ rows }: ServerResults): string[][] {
  return linesByLoad(
    rows,
    LOADS,
    (load, some) => [WORDS[load], ...cells(some)],
  );
}

function cells(rows: readonly ServerRow[]): string[] {
  const times = (server: ServerName) =>
    rows.find((row) => row.server === server)?.rounds
      .map(({ cpuMicros }) => cpuMicros);
  const cost = (server: ServerName) => {
    const found = times(server);
    return found === undefined ? undefined : median(found);
  };
  const ratio = (server: ServerName) => {
    const [one, other] = [cost(server), cost("serve")];
    return one && other ? (one / other).toFixed(2) : NOTHING;
  };
  const widest = Math.max(...SERVERS.map((each) => spread(times(each) ?? [1])));
  return [
    ...SERVERS.map((each) => {
      const found = cost(each);
      return found === undefined ? NOTHING : short(found);
    }),
    ratio("native"),
    ratio("listen"),
    `±${(100 * widest).toFixed(0)} %`,
  ];
}
