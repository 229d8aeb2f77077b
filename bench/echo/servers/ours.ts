/** Echo with this library: `recv` and `sendAll`. */

import { CHUNK_BYTES, isSink, isSource, MESSAGE } from "./control.ts";
import { serveEach } from "./ours_listening.ts";

await serveEach(async (conn) => {
  for (;;) {
    const data = await conn.recv(CHUNK_BYTES);
    if (data === null) break;
    while (isSource) await conn.sendAll(MESSAGE);
    if (!isSink) await conn.sendAll(data);
  }
});
