/** Figures of servers as text for a terminal and as Markdown. */

import { table } from "../../scripts/lib.ts";
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
  const { date, commit, machine, rows, versions } = results;
  const said = `Measured ${date.slice(0, 10)} at ${commit} on ` +
    `${machine.cpu}, ${machine.cores} cores, ${machine.system}. Processor ` +
    `time of the server for a request, medians of ${rows[0]?.rounds.length} ` +
    "rounds, 20 connections, the load in another process; ratios: above 1 " +
    "`serve` takes less; spread: of the processor time, the farthest of all " +
    "rounds from its median. How two workers compare with one was not " +
    "measured: the load takes one of two processors.";
  const named = lines(results).map(([name, ...rest]) => [
    `${name} ${versions[name!] ?? ""}`,
    ...rest,
  ]);
  const rule = HEAD.map((_, i) => i < 2 ? "---" : "---:");
  const text = [HEAD, rule, ...named].map((line) => `| ${line.join(" | ")} |`);
  return `${said}\n\n${text.join("\n")}`;
}

function lines({ rows }: ServerResults): string[][] {
  const runtimes = [...new Set(rows.map(({ runtime }) => runtime))];
  return runtimes.flatMap((runtime) =>
    LOADS.flatMap((load) => {
      const some = rows.filter((row) =>
        row.runtime === runtime && row.load === load
      );
      return some.length === 0 ? [] : [[runtime, WORDS[load], ...cells(some)]];
    })
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
