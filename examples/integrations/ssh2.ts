/**
 * ssh2 over sockets of ours, both as a client and as a server.
 *
 * @module
 */

import ssh2, { type ConnectConfig, type ServerConfig } from "ssh2";
import { connect, type Listener } from "../../mod.ts";
import { serveNode, toNodeSocket } from "../../src/node/mod.ts";

/** A client of a server on this machine, which is told by `ready`. */
export async function openSsh(
  port: number,
  config: ConnectConfig,
): Promise<ssh2.Client> {
  const sock = await connect({ hostname: "127.0.0.1", port });
  return new ssh2.Client().connect({ ...config, sock: toNodeSocket(sock) });
}

/** A server of what comes to a listener. */
export function serveSsh(
  listener: Listener,
  config: ServerConfig,
): ssh2.Server {
  const server = new ssh2.Server(config);
  const emit = (_event: string, socket: unknown) =>
    server.injectSocket(socket as Parameters<typeof server.injectSocket>[0]);
  void serveNode(listener, { emit }, { allowHalfOpen: false });
  return server;
}
