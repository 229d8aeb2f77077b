/** The shape of `bench/results/echo-*.json`, and what is read out of it. */

import type { Results } from "../lib/output.ts";
import type { ServerRounds } from "../lib/server_under_load.ts";
import { median } from "../lib/stats.ts";
import type { ServerName } from "./cases.ts";
import type { Measurement } from "./load.ts";

/** Every round of one server under one load. */
export type Row = ServerRounds<ServerName>;

/** One run of the benchmark. */
export interface EchoResults extends Results<"echo"> {
  /** The version of the Bun that ran the load generator. */
  readonly load: string;
  /** The length of one measurement, in seconds. */
  readonly seconds: number;
  /** What was measured. */
  readonly rows: readonly Row[];
}

/** The medians of a row; for idle connections only `bytes` is a number. */
export interface Summary {
  /** Operations per second. */
  readonly rate: number;
  /** Server CPU per operation, in microseconds. */
  readonly cpuMicros: number;
  /** The part of one processor that the server used. */
  readonly serverLoad: number;
  /** The part of one processor that the load generator used. */
  readonly ownLoad: number;
  /** Microseconds in which half of the round trips ended, `NaN` if untimed. */
  readonly p50Micros: number;
  /** Microseconds in which 99 of 100 round trips ended, `NaN` if untimed. */
  readonly p99Micros: number;
  /** Bytes for each idle connection. */
  readonly bytes: number;
}

/** What a row says in one number each, or `undefined` if it was skipped. */
export function summarize(row: Row): Summary | undefined {
  const { rounds, bytesPerConnection } = row;
  if (rounds.length + bytesPerConnection.length === 0) return undefined;
  const middle = (of: (each: Measurement) => number): number =>
    rounds.length > 0 ? median(rounds.map(of)) : NaN;
  return {
    rate: middle((each) => each.ops / each.seconds),
    cpuMicros: middle((each) => each.serverCpuSeconds / each.ops * 1e6),
    serverLoad: middle((each) => each.serverCpuSeconds / each.seconds),
    ownLoad: middle((each) => each.loadCpuSeconds / each.seconds),
    p50Micros: middle((each) => each.p50Micros ?? NaN),
    p99Micros: middle((each) => each.p99Micros ?? NaN),
    bytes: bytesPerConnection.length > 0 ? median(bytesPerConnection) : NaN,
  };
}

/** The row of a server next to another row, in the same case and runtime. */
export function sibling(
  rows: readonly Row[],
  row: Row,
  server: ServerName,
): Row | undefined {
  return rows.find((each) =>
    each.runtime === row.runtime && each.case === row.case &&
    each.server === server
  );
}

/** How a row compares with another; above 1 this row is the better one. */
export interface Ratio {
  /** Throughput over the other's throughput. */
  readonly rate: number;
  /** The other's CPU per operation over this one's. */
  readonly cpu: number;
  /** The other's bytes per idle connection over this one's. */
  readonly memory: number;
}

/** Compares the medians of two rows. */
export function compare(
  row: Row,
  other: Row | undefined,
): Ratio | undefined {
  const mine = summarize(row);
  const theirs = other && summarize(other);
  if (!mine || !theirs) return undefined;
  return {
    rate: mine.rate / theirs.rate,
    cpu: theirs.cpuMicros / mine.cpuMicros,
    memory: theirs.bytes / mine.bytes,
  };
}
