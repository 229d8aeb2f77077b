/**
 * mysql2 over a socket of ours: `stream` makes it.
 *
 * @module
 */

import mysql from "mysql2/promise";
import { createConnection } from "../../src/node/mod.ts";

/** A connection to a MariaDB on this machine. */
export function openMysql(
  port: number,
  options: mysql.ConnectionOptions = {},
): Promise<mysql.Connection> {
  return mysql.createConnection({
    ...options,
    stream: () => createConnection(port, "127.0.0.1"),
  });
}
