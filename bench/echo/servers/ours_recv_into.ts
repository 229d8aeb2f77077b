/** Echo with this library: `recvInto` one reused buffer, and `sendAll`. */

import { listen, type StreamSocket } from "../../../mod.ts";
import { BUFFER_BYTES, isSink, ready } from "./control.ts";

async function serve(conn: StreamSocket): Promise<void> {
  const buffer = new Uint8Array(BUFFER_BYTES);
  try {
    for (;;) {
      const n = await conn.recvInto(buffer);
      if (n === null) break;
      if (!isSink) await conn.sendAll(buffer.subarray(0, n));
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
