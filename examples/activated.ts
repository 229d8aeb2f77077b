/**
 * An echo server that may be restarted without losing a connection: systemd,
 * or any parent, listens for it and keeps the descriptor. Where nobody does,
 * it listens by itself.
 *
 * Try it: `systemd-socket-activate -l 50007 -E PATH <command>`, with one of
 *
 *     deno run --allow-net --allow-env examples/activated.ts
 *     bun examples/activated.ts
 *     node examples/activated.ts          (Node 22.18; on 20: .mjs)
 *
 * As units, `echo.socket` with `[Socket]` `ListenStream=50007` and
 * `echo.service` with `[Service]` `ExecStart=<command>`: then
 * `systemctl restart echo.service` resets nobody.
 */

import { formatAddress } from "anysock";
import { activation, serve } from "anysock/server";

const [given] = await activation();
const server = await serve(
  given?.listener ?? "127.0.0.1:50007",
  async (connection, { signal }) => {
    while (true) {
      const data = await connection.recv({ signal });
      if (data === null) return;
      await connection.sendAll(data);
    }
  },
  {
    maxConnections: 500,
    maxPerHost: 100,
    idleTimeoutMs: 60_000,
    signals: ["SIGTERM", "SIGINT"],
  },
);
console.log(given?.name ?? "by itself", formatAddress(server.address));
await server.closed;
