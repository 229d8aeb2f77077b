/**
 * A proxy: whatever comes goes on to another address, and back. A slow reader
 * slows its writer down, and the end of one direction leaves the other open.
 *
 *     deno run --allow-net examples/proxy.ts HOST:PORT [port]
 *     bun examples/proxy.ts HOST:PORT [port]
 *     node examples/proxy.ts HOST:PORT [port]      (Node 22.18; on 20: .mjs)
 */
import { connect, formatAddress, listen, SHUT_WR } from "anysock";
import type { StreamSocket } from "anysock";

const [target, port = "50007"] = process.argv.slice(2);
if (!target) throw new Error("Say where to: HOST:PORT");

/** Copies to the end. `sendAll` waits until the bytes are with the kernel. */
async function copy(from: StreamSocket, to: StreamSocket): Promise<void> {
  const memory = new Uint8Array(65_536);
  let count: number | null;
  while ((count = await from.recvInto(memory)) !== null) {
    await to.sendAll(memory.subarray(0, count));
  }
  await to.shutdown(SHUT_WR);
}

/** One client and its way to the target; both end when one of them fails. */
async function serve(client: StreamSocket): Promise<void> {
  const server = await connect(target!, { timeoutMs: 10_000 });
  try {
    await Promise.all([copy(client, server), copy(server, client)]);
  } finally {
    await Promise.all([client, server].map((each) => each.close()));
  }
}

const listener = await listen(["127.0.0.1", Number(port)]);
console.log("Listening on", formatAddress(listener.getSockName()));
for await (const [client] of listener.connections()) {
  serve(client).catch((error) => {
    console.error("A client was lost:", error.message);
    return client.close({ lingerMs: 0 });
  });
}
