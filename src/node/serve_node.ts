/**
 * A listener of ours below a server of Node.
 *
 * @module
 */

import { show } from "../address.ts";
import { systemClock } from "../clock.ts";
import { checkSignal } from "../deadline.ts";
import { SocketError } from "../errors.ts";
import { AcceptLoop } from "../server/accept_loop.ts";
import type { Listener } from "../socket/listen.ts";
import type { StreamSocket } from "../socket/stream/stream_socket.ts";
import type { NodeSocketOptions } from "./contracts.ts";
import { NodeSocket } from "./node_socket.ts";
import { checkNodeOptions, toNodeSocket } from "./to_node_socket.ts";

/** A server that takes connections by its event `connection`. */
export interface ConnectionServer {
  /** Emits the event; as an `EventEmitter` does. */
  emit(event: "connection", socket: unknown): unknown;
}

/**
 * Gives the connections of a listener to a server that would listen itself: an
 * `http.Server`, one of `http2`, the `http.Server` below `ws`, ssh2's `Server`.
 * A want of descriptors is waited out. Settles when the listener is closed;
 * connections go on.
 *
 * The server does not listen, so that its own `close()` has nothing to close.
 *
 * @param options of the sockets; `allowHalfOpen` is `true` by default, as it is
 *   for the servers of HTTP; ssh2 is used to `false`
 * @throws {TypeError} if `server` is none, or an option is unknown or wrong.
 * @throws {SocketError} if accepting fails for good.
 *
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { listen } from "@anysock/anysock";
 * import { serveNode } from "@anysock/anysock/node";
 *
 * const listener = await listen("127.0.0.1:0");
 * const server = createServer((_request, response) => response.end("hello"));
 * const served = serveNode(listener, server);
 * await listener.close();
 * await served;
 * ```
 */
export function serveNode(
  listener: Listener,
  server: ConnectionServer,
  options: NodeSocketOptions = {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    checkServer(server);
    checkValues(options);
    const loop = new AcceptLoop<StreamSocket>(systemClock, {
      hasRoom: true,
      accept: async () => (await listener.accept({ timeoutMs: null }))[0],
      take: (sock) => hand(sock, server, options),
      acceptFailed: ignore,
      ranOut: ignore,
      broken: (error) => isClosed(error) ? resolve() : reject(error),
    });
    void loop.run();
  });
}

/** Before the first connection, which nobody would be there to hear of. */
function checkServer(server: ConnectionServer): void {
  if (typeof server?.emit === "function") return;
  throw new TypeError(`A server with emit() is expected: ${show(server)}`);
}

/** Node judges values where a socket is made: this one is for nobody. */
function checkValues(options: NodeSocketOptions): void {
  checkNodeOptions(options);
  const { signal, ...values } = options;
  checkSignal(signal);
  new NodeSocket(values).destroy();
}

function hand(
  sock: StreamSocket,
  server: ConnectionServer,
  options: NodeSocketOptions,
): void {
  const socket = toNodeSocket(sock, { allowHalfOpen: true, ...options });
  try {
    server.emit("connection", socket);
  } catch (error) {
    // Nobody has it now; the loop goes on.
    socket.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

function isClosed(error: unknown): boolean {
  return error instanceof SocketError && error.code === "EBADF";
}

function ignore(): void {}
