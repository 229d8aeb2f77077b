/**
 * `net.createConnection`, over a socket of ours.
 *
 * @module
 */

import { toConnectCall } from "./arguments.ts";
import type {
  ConnectListener,
  CreateConnectionOptions,
  NodeSocketOptions,
} from "./contracts.ts";
import { NodeSocket } from "./node_socket.ts";

/**
 * A {@linkcode NodeSocket} that connects, as `net.createConnection` gives a
 * `net.Socket`; options are those of both, and `timeout`.
 *
 * @throws {TypeError} | {RangeError} with Node's `code`.
 *
 * @example
 * ```ts
 * import { createConnection } from "@anysock/anysock/node";
 *
 * const socket = createConnection({ host: "127.0.0.1", port: 9 });
 * socket.on("error", (error) => console.log(error.message));
 * ```
 */
export function createConnection(
  options: CreateConnectionOptions,
  listener?: ConnectListener,
): NodeSocket;
/** Connects to a port of a host. */
export function createConnection(
  port: number,
  host: string,
  listener?: ConnectListener,
): NodeSocket;
/** Connects to a port of this machine. */
export function createConnection(
  port: number,
  listener?: ConnectListener,
): NodeSocket;
/** Connects to a Unix-domain socket. */
export function createConnection(
  path: string,
  listener?: ConnectListener,
): NodeSocket;
/** Connects. */
export function createConnection(...args: readonly unknown[]): NodeSocket {
  const { options, listener } = toConnectCall(args);
  const socket = new NodeSocket(options as NodeSocketOptions);
  const { timeout } = options as CreateConnectionOptions;
  if (timeout) socket.setTimeout(timeout);
  return socket.connect(options, listener);
}
