/** The load of the echo benchmark on one server. */

import { type Child, startOn } from "../lib/children.ts";
import { warmUpMs } from "../lib/rounds.ts";
import { needed } from "../lib/runtimes.ts";
import { answerOf, idleBytes, type Server } from "../lib/server_under_load.ts";
import type { Case } from "./cases.ts";
import type { Measurement } from "./load.ts";

/** After this time the JIT has settled. */
const WARM_MS = 1_500;

/** Runs the load generator once against a server. */
export function measure(
  server: Server,
  load: Case,
  seconds: number,
): Promise<Measurement> {
  return answerOf(startLoad(server, load, seconds), seconds);
}

/** Bytes of server memory for each of the connections it holds. */
export function measureIdle(server: Server, load: Case): Promise<number> {
  const start = (connections: number) =>
    startLoad(server, { ...load, connections }, 0);
  return idleBytes(server, start, 200, load.connections);
}

function startLoad(server: Server, load: Case, seconds: number): Child {
  return startOn(needed("bun"), "bench/echo/load.ts", [
    ...[load.mode, server.port, server.pid, load.connections, load.bytes],
    ...[warmUpMs(WARM_MS, seconds), Math.round(seconds * 1000)],
  ]);
}
