/** Echo with this library: `recv`, and `trySend` as far as there is room. */

import { listen, type StreamSocket } from "../../../mod.ts";
import { CHUNK_BYTES, isSource, MESSAGE, ready } from "./control.ts";

async function send(conn: StreamSocket, data: Uint8Array): Promise<void> {
  const sent = conn.trySend(data) ?? 0;
  if (sent < data.length) await conn.sendAll(data.subarray(sent));
}

async function serve(conn: StreamSocket): Promise<void> {
  try {
    for (;;) {
      const data = await conn.recv(CHUNK_BYTES);
      if (data === null) break;
      while (isSource) await send(conn, MESSAGE);
      await send(conn, data);
    }
  } catch {
    // The load generator went away; its connections end with a reset.
  }
  await conn.close();
}

const listener = await listen(["127.0.0.1", 0]);
const address = listener.getSockName();
ready(address.family === "unix" ? 0 : address.port);
for await (const [conn] of listener.connections()) serve(conn);
