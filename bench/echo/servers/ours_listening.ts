/** What the servers with this library share: all but how they answer. */

import { listen, type StreamSocket } from "../../../mod.ts";
import { ready } from "./control.ts";

/** Listens, and answers each connection until its end. */
export async function serveEach(
  answer: (conn: StreamSocket) => Promise<void>,
): Promise<void> {
  const listener = await listen(["127.0.0.1", 0]);
  const address = listener.getSockName();
  ready(address.family === "unix" ? 0 : address.port);
  for await (const [conn] of listener.connections()) serve(conn, answer);
}

async function serve(
  conn: StreamSocket,
  answer: (conn: StreamSocket) => Promise<void>,
): Promise<void> {
  try {
    await answer(conn);
  } catch {
    // The load generator went away; its connections end with a reset.
  }
  await conn.close();
}
