/**
 * pg over a socket of ours: `stream` makes one that pg connects by itself.
 *
 * @module
 */

import pg from "pg";
import { NodeSocket } from "../../src/node/mod.ts";

/** A client of a PostgreSQL on this machine, not connected yet. */
export function openPostgres(
  port: number,
  options: pg.ClientConfig = {},
): pg.Client {
  return new pg.Client({
    host: "127.0.0.1",
    port,
    user: "postgres",
    stream: () => new NodeSocket(),
    ...options,
  });
}
