/** A way to speak TCP on a runtime: what a column of the table is about. */

import type { MakePipe } from "../../../src/testing/mod.ts";

/** The ways, by the name of the file in this folder that has it. */
export const WAYS = [
  "anysock",
  "node_net",
  "node_net_as_written",
  "deno_conn",
  "deno_conn_as_written",
  "bun_connect",
  "bun_connect_as_written",
] as const;

/** The name of a way. */
export type Way = typeof WAYS[number];

/** What a file of a way exports. */
export interface WayModule {
  /** Makes two connected ends over the loopback address. */
  readonly make: MakePipe;
}
