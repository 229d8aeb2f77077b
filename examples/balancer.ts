/**
 * A load balancer of TCP: each client goes to the next back end that answers,
 * which is told by a PROXY header who the client is. The end of one direction
 * leaves the other open; a failure ends both with a reset.
 *
 *     deno run --allow-net examples/balancer.ts PORT HOST:PORT…
 *     bun examples/balancer.ts PORT HOST:PORT…
 *     node examples/balancer.ts PORT HOST:PORT…    (Node 22.18; on 20: .mjs)
 */
import { connect, formatAddress, parseAddress, SHUT_WR } from "anysock";
import type { StreamSocket } from "anysock";
import { encodeProxyHeader, serve } from "anysock/server";

const [port = "0", ...targets] = process.argv.slice(2);
const backends = targets.map(parseAddress);
if (backends.length === 0) throw new Error("Say where to: HOST:PORT…");

let turn = 0;

/** The next back end that answers within a second. */
async function dial(): Promise<StreamSocket> {
  let failure: unknown;
  for (const _ of backends) {
    const backend = backends[turn++ % backends.length]!;
    try {
      return await connect(backend, { timeoutMs: 1_000 });
    } catch (error) {
      failure = error;
      console.error(`${formatAddress(backend)} does not answer`);
    }
  }
  throw failure;
}

/** Copies to the end. `sendAll` waits until the bytes are with the kernel. */
async function copy(from: StreamSocket, to: StreamSocket): Promise<void> {
  for await (const bytes of from) await to.sendAll(bytes);
  await to.shutdown(SHUT_WR);
}

const server = await serve(["127.0.0.1", Number(port)], async (
  client,
  { address: source },
) => {
  const backend = await dial();
  try {
    const destination = client.getSockName();
    await backend.sendAll(encodeProxyHeader({ source, destination }));
    await Promise.all([copy(client, backend), copy(backend, client)]);
  } finally {
    // What was copied whole is closed in order, what was not is cut.
    await backend.close({ lingerMs: 0 });
  }
}, {
  // Each client holds two descriptors, and one while it waits.
  ...{ maxConnections: 400, backlog: 64, maxPerHost: 200 },
  idleTimeoutMs: 300_000,
  signals: ["SIGINT", "SIGTERM"],
  onError: (error, context) => console.error(context?.id, error),
});
console.log("Listening on", formatAddress(server.address));
