/**
 * ioredis over a socket of ours: its `Connector` makes the connection.
 *
 * @module
 */

import { Redis, type RedisOptions } from "ioredis";
import { createConnection, type NodeSocket } from "../../src/node/mod.ts";

/** A client of a Redis on this machine. */
export function openRedis(
  port: number,
  options: RedisOptions = {},
  make: () => NodeSocket = () => createConnection(port, "127.0.0.1"),
): Redis {
  class Connector {
    #socket: NodeSocket | undefined;

    check(): boolean {
      return true;
    }

    connect(): Promise<NodeSocket> {
      this.#socket = make();
      return Promise.resolve(this.#socket);
    }

    disconnect(): void {
      this.#socket?.end();
    }
  }
  // Its types ask for a net.Socket; a Duplex of this shape is all it uses.
  return new Redis(Object.assign({ Connector }, options) as object);
}
