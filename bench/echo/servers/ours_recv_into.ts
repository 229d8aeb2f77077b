/** Echo with this library: `recvInto` one reused buffer, and `sendAll`. */

import { BUFFER_BYTES, isSink } from "./control.ts";
import { serveEach } from "./ours_listening.ts";

await serveEach(async (conn) => {
  const buffer = new Uint8Array(BUFFER_BYTES);
  for (;;) {
    const n = await conn.recvInto(buffer);
    if (n === null) break;
    if (!isSink) await conn.sendAll(buffer.subarray(0, n));
  }
});
