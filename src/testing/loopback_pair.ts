/**
 * Two connected sockets, for tests that need no more.
 *
 * @module
 */

import type { Runtime } from "../runtime/seam/runtime.ts";
import type { StreamSocket } from "../socket/mod.ts";
import { connect, listen } from "./library.ts";

/**
 * Two sockets that are connected over TCP and the loopback address of this
 * machine, or of whatever `runtime` serves; default the current one. Inside a
 * simulation, that is the host that runs.
 *
 * @example
 * ```ts
 * import { loopbackPair, memoryNetwork } from "@anysock/anysock/testing";
 *
 * const [client, server] = await loopbackPair(memoryNetwork());
 * await client.sendAll("hello");
 * console.log(await server.recv()); // 5 bytes
 * await Promise.all([client.close(), server.close()]);
 * ```
 */
export async function loopbackPair(
  runtime?: Runtime,
): Promise<[client: StreamSocket, server: StreamSocket]> {
  const on = runtime === undefined ? {} : { runtime };
  const listener = await listen("127.0.0.1:0", on);
  try {
    const [client, [server]] = await Promise.all([
      connect(listener.getSockName(), on),
      listener.accept(),
    ]);
    return [client, server];
  } finally {
    await listener.close();
  }
}
