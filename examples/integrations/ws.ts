/**
 * ws over sockets of ours, both as a client and as a server.
 *
 * @module
 */

import { createServer, type RequestOptions } from "node:http";
import { WebSocket, WebSocketServer } from "ws";
import type { Listener } from "../../mod.ts";
import { createConnection, serveNode } from "../../src/node/mod.ts";

/** A client. */
export function openWebSocket(url: string): WebSocket {
  const { hostname, port } = new URL(url);
  const make = () => createConnection(Number(port), hostname);
  return new WebSocket(url, {
    createConnection: make as unknown as RequestOptions["createConnection"],
  });
}

/** A server of what comes to a listener. */
export function serveWebSockets(listener: Listener): WebSocketServer {
  const server = createServer();
  void serveNode(listener, server);
  return new WebSocketServer({ server });
}
