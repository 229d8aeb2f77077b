/** The results as text for a terminal and as Markdown for the documents. */

import { table } from "../../scripts/lib.ts";
import { machineText } from "../lib/machine.ts";
import { short } from "../lib/stats.ts";
import { cases } from "./cases.ts";
import {
  compare,
  type EchoResults,
  type Row,
  sibling,
  summarize,
} from "./results.ts";

const HEAD = [
  "runtime",
  "case",
  "server",
  "per second",
  "MiB/s",
  "CPU µs/op",
  "p50 µs",
  "p99 µs",
  "CPU s/l",
  "rate ×nat",
  "CPU ×nat",
  "rate ×net",
  "CPU ×net",
];

/** The table that a run ends with, and how to read it. */
export function echoTable(results: EchoResults): string {
  const timed = results.rows.filter((row) => row.case !== "idle");
  const idle = results.rows.filter((row) => row.case === "idle");
  const parts: string[] = [];
  if (timed.length > 0) {
    parts.push(table([HEAD, ...timed.map((row) => cells(results.rows, row))]));
    parts.push(LEGEND);
  }
  if (idle.length > 0) {
    parts.push(table([
      ["runtime", "case", "server", "bytes/connection", "×nat", "×net"],
      ...idle.map((row) => idleCells(results.rows, row)),
    ]));
  }
  for (const row of results.rows.filter((each) => !summarize(each))) {
    const why = row.skipped ?? "nothing was measured";
    parts.push(`${row.runtime} ${row.case} ${row.server}: ${why}`);
  }
  return parts.join("\n\n");
}

const LEGEND = `CPU µs/op: CPU time of the server for one operation.
p50, p99: how long half, and 99 of 100, of the round trips took at most, as the
load sees it; one connection tells a server's latency, many tell their queue.
CPU s/l: parts of one processor used by the server and by the load generator.
×nat, ×net: against the native API and node:net; above 1 is better than it,
for throughput as for CPU and memory. On Node the native API is node:net.`;

function cells(rows: readonly Row[], row: Row): string[] {
  const found = summarize(row);
  const head = [row.runtime, row.case, row.server];
  if (!found) return [...head, "– see below"];
  const bytes = cases.find((each) => each.name === row.case)!.bytes;
  const native = against(rows, row, "native");
  const net = against(rows, row, "node_net");
  return [
    ...head,
    short(found.rate),
    short(found.rate * bytes / 2 ** 20),
    short(found.cpuMicros),
    microseconds(found.p50Micros),
    microseconds(found.p99Micros),
    `${found.serverLoad.toFixed(2)}/${found.ownLoad.toFixed(2)}`,
    ratio(native?.rate),
    ratio(native?.cpu),
    ratio(net?.rate),
    ratio(net?.cpu),
  ];
}

function idleCells(rows: readonly Row[], row: Row): string[] {
  const found = summarize(row);
  const head = [row.runtime, row.case, row.server];
  if (!found) return [...head, "– see below"];
  return [
    ...head,
    short(found.bytes),
    ratio(against(rows, row, "native")?.memory),
    ratio(against(rows, row, "node_net")?.memory),
  ];
}

function against(
  rows: readonly Row[],
  row: Row,
  other: "native" | "node_net",
): ReturnType<typeof compare> {
  return row.server !== other && row.server !== "node_net" &&
      row.server !== "native"
    ? compare(row, sibling(rows, row, other))
    : undefined;
}

/** Nothing where round trips were not timed. */
function microseconds(value: number): string {
  return Number.isFinite(value) ? value.toFixed(1) : "";
}

function ratio(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? "" : value.toFixed(2);
}

/** One Markdown table for each runtime. */
export function echoMarkdown(results: EchoResults): string {
  const names = [...new Set(results.rows.map((row) => row.runtime))];
  const { machine, versions, date, commit } = results;
  return [
    `Measured ${date.slice(0, 10)} at ${commit} on ${machineText(machine)}. ` +
    'Medians; "×" compares with ' +
    "the native API / with `node:net`, above 1 is better.",
    ...names.map((name) =>
      `### ${name} ${versions[name] ?? ""}\n\n${runtimeMarkdown(results, name)}`
    ),
  ].join("\n\n");
}

function runtimeMarkdown(results: EchoResults, runtime: string): string {
  const head = "| case | server | per second | CPU µs/op | p50 µs | p99 µs | " +
    "throughput × | CPU × |\n" +
    "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |";
  const rows = results.rows.filter((row) => row.runtime === runtime);
  const lines = head.split("\n")
    .concat(rows.map((row) => markdownRow(results.rows, row)));
  const isTimed = rows.some((row) => (summarize(row)?.p50Micros ?? NaN) >= 0);
  return (isTimed ? lines : lines.map(withoutTimes)).join("\n");
}

/** Results from before the load timed round trips have none. */
function withoutTimes(line: string): string {
  return line.split("|").filter((_, i) => i !== 5 && i !== 6).join("|");
}

function markdownRow(rows: readonly Row[], row: Row): string {
  const text = cases.find((each) => each.name === row.case)!.text;
  const server = row.server.replaceAll("_", " ");
  const found = summarize(row);
  if (!found) return `| ${text} | ${server} | ${row.skipped} | | | | | |`;
  const native = against(rows, row, "native");
  const net = against(rows, row, "node_net");
  const both = (a: number | undefined, b: number | undefined): string =>
    [ratio(a), ratio(b)].filter(Boolean).join(" / ");
  if (row.case === "idle") {
    return `| ${text} | ${server} | ${short(found.bytes)} B each | | | | | ` +
      `${both(native?.memory, net?.memory)} |`;
  }
  return `| ${text} | ${server} | ${short(found.rate)} | ` +
    `${short(found.cpuMicros)} | ${microseconds(found.p50Micros)} | ` +
    `${microseconds(found.p99Micros)} | ${both(native?.rate, net?.rate)} | ` +
    `${both(native?.cpu, net?.cpu)} |`;
}
