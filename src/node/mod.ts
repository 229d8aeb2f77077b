/**
 * Sockets of ours for libraries that know only `node:net`, on Node, Bun and
 * Deno: a {@linkcode NodeSocket} has the shape, the events and the errors of
 * `net.Socket`.
 *
 * @example A library that takes any Duplex takes this one
 * ```ts
 * import { connect, listen } from "@anysock/anysock";
 * import { toNodeSocket } from "@anysock/anysock/node";
 *
 * await using server = await listen("127.0.0.1:0");
 * const socket = toNodeSocket(await connect(server.getSockName()));
 * socket.on("close", () => console.log("closed"));
 * socket.end("hello");
 * ```
 *
 * @module
 */

export { createConnection } from "./create_connection.ts";
export type {
  ConnectListener,
  CreateConnectionOptions,
  NodeAddress,
  NodeConnectOptions,
  NodeLookup,
  NodeSocketOptions,
} from "./contracts.ts";
export { NodeSocket } from "./node_socket.ts";
export type { ConnectionServer } from "./serve_node.ts";
export { serveNode } from "./serve_node.ts";
export { toNodeSocket } from "./to_node_socket.ts";
export type {
  UndiciConnect,
  UndiciConnectorOptions,
  UndiciTarget,
} from "./undici_connector.ts";
export { undiciConnector } from "./undici_connector.ts";
