/** The shape of `bench/results/server-*.json`. */

import type { Results } from "../lib/output.ts";

/**
 * What is asked: Redis in batches of 64, one by one, and with a connection for
 * each; HTTP kept alive.
 */
export const LOADS = ["resp64", "resp1", "connect", "http"] as const;

/** What is asked. */
export type Load = typeof LOADS[number];

/**
 * Who answers: `serve`, an accept loop by hand on our `listen`, the same by
 * hand on the runtime's own API, `node:http`, `redis-server`.
 */
export const SERVERS = [
  "serve",
  "listen",
  "native",
  "node_http",
  "redis",
] as const;

/** Who answers. */
export type ServerName = typeof SERVERS[number];

/** What one round found. */
export interface ServerRound {
  /** Processor time of the server for a request, microseconds. */
  readonly cpuMicros: number;
  /** Requests each second. */
  readonly perSecond: number;
}

/** Every round of one case. */
export interface ServerRow {
  /** The runtime that serves. */
  readonly runtime: string;
  /** What is asked. */
  readonly load: Load;
  /** Who answers. */
  readonly server: ServerName;
  /** The rounds. */
  readonly rounds: readonly ServerRound[];
}

/** One run of the benchmark. */
export interface ServerResults extends Results<"server"> {
  /** What was measured. */
  readonly rows: readonly ServerRow[];
}
