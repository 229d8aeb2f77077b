/** Echo with this library: `recv`, and `trySend` as far as there is room. */

import type { StreamSocket } from "../../../mod.ts";
import { CHUNK_BYTES, isSource, MESSAGE } from "./control.ts";
import { serveEach } from "./ours_listening.ts";

async function send(conn: StreamSocket, data: Uint8Array): Promise<void> {
  const sent = conn.trySend(data) ?? 0;
  if (sent < data.length) await conn.sendAll(data.subarray(sent));
}

await serveEach(async (conn) => {
  for (;;) {
    const data = await conn.recv(CHUNK_BYTES);
    if (data === null) break;
    while (isSource) await send(conn, MESSAGE);
    await send(conn, data);
  }
});
