/**
 * postgres.js over a socket of ours: `socket` gives one that is connected.
 *
 * @module
 */

import postgres from "postgres";
import { connect } from "../../mod.ts";
import { toNodeSocket } from "../../src/node/mod.ts";

/** A pool of connections to a PostgreSQL on this machine. */
export function openPostgres(port: number): postgres.Sql {
  const address = { hostname: "127.0.0.1", port };
  return postgres({
    user: "postgres",
    socket: async () => toNodeSocket(await connect(address)),
  } as postgres.Options<Record<string, postgres.PostgresType>>);
}
