/** `node:net` as its documentation shows it. */

import { connect, createServer, type Server, type Socket } from "node:net";
import { once } from "node:events";
import {
  type MakePipe,
  nodePipe,
  type PlainStream,
} from "../../../src/testing/mod.ts";

/** Two connected sockets, and the server that accepted the one. */
export async function socketsOf(
  allowHalfOpen: boolean,
): Promise<[client: Socket, server: Socket, listener: Server]> {
  const listener = createServer({ allowHalfOpen, noDelay: true });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as { port: number };
  const accepted = once(listener, "connection");
  const client = connect({
    port,
    host: "127.0.0.1",
    allowHalfOpen,
    noDelay: true,
  });
  await once(client, "connect");
  const [server] = await accepted;
  return [client, server, listener];
}

/** A server is closed once its connections are over. */
export function closed(listener: Server): Promise<void> {
  return new Promise((resolve) => listener.close(() => resolve()));
}

/** A pipe of two sockets, however they are used. */
export async function pipeOf(
  allowHalfOpen: boolean,
  use: (socket: Socket) => PlainStream,
): ReturnType<MakePipe> {
  const [client, server, listener] = await socketsOf(allowHalfOpen);
  return {
    client: use(client),
    server: use(server),
    stop: () => closed(listener),
  };
}

/** Half-open sockets, `read()` at `"readable"`, writes with a callback. */
export const make: MakePipe = () =>
  pipeOf(true, (socket) => nodePipe(socket as never));
