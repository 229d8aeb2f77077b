/**
 * The ways to speak TCP on a runtime: what a column of the conformance table
 * is about.
 *
 * @module
 */

import type { MakePipe } from "../../src/testing/mod.ts";

/** What a file of a way exports. */
interface WayModule {
  /** Makes two connected ends over the loopback address. */
  readonly make: MakePipe;
}

/** The names of the ways: of the files in `ways/`. */
export type Way =
  | "anysock"
  | "node_net"
  | "node_net_as_written"
  | "deno_conn"
  | "deno_conn_as_written"
  | "bun_connect"
  | "bun_connect_as_written";

const MODULES: Readonly<Record<Way, () => Promise<WayModule>>> = {
  anysock: () => import("./ways/anysock.ts"),
  node_net: () => import("./ways/node_net.ts"),
  node_net_as_written: () => import("./ways/node_net_as_written.ts"),
  deno_conn: () => import("./ways/deno_conn.ts"),
  deno_conn_as_written: () => import("./ways/deno_conn_as_written.ts"),
  bun_connect: () => import("./ways/bun_connect.ts"),
  bun_connect_as_written: () => import("./ways/bun_connect_as_written.ts"),
};

/** What people call each. */
export const WAY_TITLES: Readonly<Record<Way, string>> = {
  anysock: "anysock",
  node_net: "node:net, as documented",
  node_net_as_written: "node:net, as people write it",
  deno_conn: "Deno.Conn, as documented",
  deno_conn_as_written: "Deno.Conn, as people write it",
  bun_connect: "Bun.connect, as documented",
  bun_connect_as_written: "Bun.connect, as people write it",
};

/** The ways to use the sockets of a runtime itself. */
export const BARE_WAYS: Readonly<Record<string, readonly Way[]>> = {
  deno: ["deno_conn", "deno_conn_as_written"],
  bun: ["bun_connect", "bun_connect_as_written"],
  node: ["node_net", "node_net_as_written"],
};

/** Whether it is the name of one. */
export function isWay(name: string): name is Way {
  return Object.hasOwn(MODULES, name);
}

/** Makes pipes in this way; its runtime has to be the right one. */
export async function pipesOf(way: Way): Promise<MakePipe> {
  return (await MODULES[way]()).make;
}
