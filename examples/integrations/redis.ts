/**
 * redis (node-redis) over a socket of ours. It has no hook: it calls
 * `net.createConnection`, which is put in its place, for the whole process,
 * before its first client connects.
 *
 * @module
 */

import net from "node:net";
import { createClient } from "redis";
import { createConnection } from "../../src/node/mod.ts";

/** What redis calls whenever it connects. */
export function patchNet(): void {
  net.createConnection = createConnection as unknown as typeof net.connect;
}

/** A client of a Redis on this machine, not connected yet. */
export function openRedis(port: number): ReturnType<typeof createClient> {
  patchNet();
  return createClient({ socket: { host: "127.0.0.1", port } });
}
