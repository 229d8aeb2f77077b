/** Echo with this library: `for await` over a connection, and `sendAll`. */

import { listen, type StreamSocket } from "../../../mod.ts";
import { isSink, ready } from "./control.ts";

async function serve(conn: StreamSocket): Promise<void> {
  try {
    for await (const data of conn) {
      if (!isSink) await conn.sendAll(data);
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
