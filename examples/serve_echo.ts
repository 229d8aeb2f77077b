/**
 * An echo server that may face strangers: it bounds how many come and how long
 * they may be silent, and when it is told to stop (Ctrl-C, or `docker stop`)
 * it lets each client finish.
 *
 *     deno run --allow-net examples/serve_echo.ts [port]
 *     bun examples/serve_echo.ts [port]
 *     node examples/serve_echo.ts [port]           (Node 22.18; on 20: .mjs)
 */

import { formatAddress } from "anysock";
import { serve } from "anysock/server";

const PORT = Number(process.argv[2] ?? 50007);

const server = await serve(["127.0.0.1", PORT], async (connection, context) => {
  while (true) {
    // Told to stop, it rejects: that is a good end of a handler.
    const data = await connection.recv({ signal: context.signal });
    if (data === null) return;
    await connection.sendAll(data);
  }
}, {
  maxPerHost: 100,
  idleTimeoutMs: 60_000,
  graceMs: 5_000,
  signals: ["SIGINT", "SIGTERM"],
  onError: (error, context) => console.error(context?.address, error),
});
console.log("Listening on", formatAddress(server.address));

const { finished, reset } = await server.closed;
console.log(`Stopped: ${finished} finished, ${reset} reset`);
console.log(`Served ${server.stats.accepted}`);
