/**
 * The same clients by their own sockets, for comparison. Each library is loaded
 * when it is asked for.
 *
 * @module
 */

import { createServer as createHttpServer } from "node:http";
import { createConnection, type Server } from "node:net";
import type { NatsConnection } from "@nats-io/nats-core";
import type { Redis } from "ioredis";
import type { MqttClient } from "mqtt";
import type { Client } from "pg";
import type { Agent } from "undici";
import type { WebSocket, WebSocketServer } from "ws";

export async function openRedis(port: number): Promise<Redis> {
  const { Redis } = await import("ioredis");
  return new Redis(port, "127.0.0.1");
}

export async function openMqtt(port: number): Promise<MqttClient> {
  const { MqttClient } = await import("mqtt");
  return new MqttClient(() => createConnection(port, "127.0.0.1"), {});
}

export async function openPostgres(port: number): Promise<Client> {
  const { default: pg } = await import("pg");
  return new pg.Client({ host: "127.0.0.1", port, user: "postgres" });
}

/** By its transport for Node, which Bun and Deno run, too. */
export async function openNats(port: number): Promise<NatsConnection> {
  const { connect } = await import("@nats-io/transport-node");
  return await connect({ servers: `127.0.0.1:${port}` });
}

export async function openAgent(): Promise<Agent> {
  const { Agent } = await import("undici");
  return new Agent();
}

/**
 * Over a `net.Socket` that is given: else Bun takes a WebSocket of its own,
 * which is not over one.
 */
export async function openWebSocket(url: string): Promise<WebSocket> {
  const { WebSocket } = await import("ws");
  const { hostname, port } = new URL(url);
  const make = () => createConnection(Number(port), hostname);
  return new WebSocket(url, { createConnection: make });
}

/** A server of what comes to a listener, over its `net.Socket`s on Bun, too. */
export async function serveWebSockets(
  listener: Server,
): Promise<WebSocketServer> {
  const { WebSocketServer } = await import("ws");
  const server = createHttpServer();
  listener.on("connection", (socket) => server.emit("connection", socket));
  return new WebSocketServer({ server });
}
