/**
 * The HOWTO's first way: threads. Each of them listens at the same port, the
 * kernel shares clients out among them, and each serves any number: a thread
 * for every client would cost some megabytes and would help nobody, because
 * one thread waits for thousands at once. One for each processor is enough.
 *
 *     deno run --allow-net --allow-read examples/howto_threads.ts [count] [port]
 *     bun examples/howto_threads.ts [count] [port]
 *     node examples/howto_threads.ts [count] [port]      (Node 23.6; on 20: .mjs)
 */

import { formatAddress } from "anysock";
import { serve } from "anysock/server";

/** The module beside this one, compiled or not. */
const handler = new URL(import.meta.url.replace("_threads", "_handler"));
const [count = "0", port = "50007"] = process.argv.slice(2);

const server = await serve(`127.0.0.1:${port}`, handler, {
  workers: { count: Number(count), kind: "thread" }, // 0: as many as processors
  maxPerHost: 100,
  idleTimeoutMs: 60_000,
  signals: ["SIGINT", "SIGTERM"],
});
console.log("Listening on", formatAddress(server.address));
await server.closed;
