/**
 * A connected socket of ours as a `net.Socket`.
 *
 * @module
 */

import { show } from "../address.ts";
import { checkOptions } from "../deadline.ts";
import { StreamSocket } from "../socket/stream/stream_socket.ts";
import type { NodeSocketOptions } from "./contracts.ts";
import { NodeSocket } from "./node_socket.ts";

const OPTIONS = [
  "allowHalfOpen",
  "highWaterMark",
  "noDelay",
  "keepAlive",
  "keepAliveInitialDelay",
  "signal",
];

/** Refuses an option that `toNodeSocket` does not have. */
export function checkNodeOptions(options: NodeSocketOptions): void {
  checkOptions(options, OPTIONS);
}

/**
 * A {@linkcode NodeSocket} over a connected socket, which it takes over:
 * nothing else may read, write or close that one, and its timeout is taken
 * away. TLS of the socket shows as `encrypted` and `alpnProtocol`.
 *
 * @throws {TypeError} if it is no stream socket, or an option is unknown.
 * @throws {SocketError} `ENOTCONN` if it is not connected, `EBADF` if closed.
 *
 * @example
 * ```ts
 * import { connect, listen } from "@anysock/anysock";
 * import { toNodeSocket } from "@anysock/anysock/node";
 *
 * await using server = await listen("127.0.0.1:0");
 * const socket = toNodeSocket(await connect(server.getSockName()));
 * socket.setEncoding("utf8").on("data", (text) => console.log(text));
 * const [peer] = await server.accept();
 * await peer.sendAll("hello");
 * await peer.close();
 * ```
 */
export function toNodeSocket(
  sock: StreamSocket,
  options: NodeSocketOptions = {},
): NodeSocket {
  if (!(sock instanceof StreamSocket)) {
    throw new TypeError(`A stream socket is expected: ${show(sock)}`);
  }
  checkNodeOptions(options);
  sock.setTimeout(null);
  // Throws unless there is a connection.
  sock.tryRecvInto(new Uint8Array(0));
  return NodeSocket.over(sock, options);
}
