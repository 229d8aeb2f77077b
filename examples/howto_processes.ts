/**
 * The HOWTO's second way: processes. What one of them breaks it breaks for its
 * own clients alone, even where it is ended by the system; each has descriptors
 * and memory of its own. One that dies is replaced.
 *
 *     deno run --allow-all examples/howto_processes.ts [count] [port]
 *     bun examples/howto_processes.ts [count] [port]
 *     node examples/howto_processes.ts [count] [port]    (Node 22.18; on 20: .mjs)
 */

import { formatAddress } from "anysock";
import { serve } from "anysock/server";

/** The module beside this one, compiled or not. */
const handler = new URL(import.meta.url.replace("_processes", "_handler"));
const [count = "0", port = "50007"] = process.argv.slice(2);

const server = await serve(`127.0.0.1:${port}`, handler, {
  workers: { count: Number(count), kind: "process" }, // 0: as many as processors
  maxPerHost: 100,
  idleTimeoutMs: 60_000,
  signals: ["SIGINT", "SIGTERM"],
});
console.log("Listening on", formatAddress(server.address));
await server.closed;
