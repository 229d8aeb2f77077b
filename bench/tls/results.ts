/** The shape of `bench/results/tls-*.json`, and what is read out of it. */

import type { Results } from "../lib/output.ts";
import type { ServerRounds } from "../lib/server_under_load.ts";
import { median } from "../lib/stats.ts";
import type { ServerName } from "./cases.ts";

/** Every round of one server under one load. */
export type Row = ServerRounds<ServerName>;

/** One run of the benchmark. */
export interface TlsResults extends Results<"tls"> {
  /** The length of one measurement, in seconds. */
  readonly seconds: number;
  /** What was measured. */
  readonly rows: readonly Row[];
}

/** The medians of a row. */
export interface Summary {
  /** Operations per second; `NaN` for idle connections. */
  readonly rate: number;
  /** Server CPU in microseconds an operation, or bytes a connection. */
  readonly price: number;
}

/** What a row says, or `undefined` if it says nothing. */
export function summarize(row: Row): Summary | undefined {
  const { rounds, bytesPerConnection } = row;
  if (bytesPerConnection.length > 0) {
    return { rate: NaN, price: median(bytesPerConnection) };
  }
  if (rounds.length === 0) return undefined;
  return {
    rate: median(rounds.map((each) => each.ops / each.seconds)),
    price: median(rounds.map((each) => each.serverCpuSeconds / each.ops * 1e6)),
  };
}

/** The row of the runtime's own TLS: on Node that is `node:tls`. */
export function nativeOf(rows: readonly Row[], row: Row): Row | undefined {
  const name = row.runtime.startsWith("node") ? "node_tls" : "native";
  return rows.find((each) =>
    each.runtime === row.runtime && each.case === row.case &&
    each.server === name
  );
}

/** The price of the runtime's own over a row's; above 1 the row is better. */
export function ratio(rows: readonly Row[], row: Row): number | undefined {
  const own = nativeOf(rows, row);
  const [mine, theirs] = [summarize(row), own && summarize(own)];
  if (own === row || !mine || !theirs) return undefined;
  return theirs.price / mine.price;
}
