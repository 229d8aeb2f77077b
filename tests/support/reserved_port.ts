/**
 * A port for a server that wants to be told one.
 *
 * @module
 */

import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/**
 * A TCP port of 127.0.0.1 that the kernel gives to nobody else for a minute:
 * a connection that the listening side ended first has left it in TIME_WAIT.
 * Whoever asks for this very port, as servers do (with `SO_REUSEADDR`), gets
 * it.
 */
export async function reservedPort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const accepted = once(server, "connection") as Promise<[Socket]>;
  const client = connect(port, "127.0.0.1");
  client.resume();
  const [peer] = await accepted;
  const closed = [client, peer, server].map((each) => once(each, "close"));
  peer.resume();
  peer.end();
  server.close();
  await Promise.all(closed);
  return port;
}
