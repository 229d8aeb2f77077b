/** Echo with this library: `for await` over a connection, and `sendAll`. */

import { isSink } from "./control.ts";
import { serveEach } from "./ours_listening.ts";

await serveEach(async (conn) => {
  for await (const data of conn) {
    if (!isSink) await conn.sendAll(data);
  }
});
