/** One server under one load: starting both, and reading the answer. */

import type { RuntimeName } from "../../tests/runtimes.ts";
import { type Child, startOn } from "../lib/children.ts";
import { residentBytes } from "../lib/machine.ts";
import { needed } from "../lib/runtimes.ts";
import type { Case } from "./cases.ts";
import type { Measurement } from "./load.ts";

const START_TIMEOUT_MS = 15_000;
/** How long the load runs before it counts, so that the JIT has settled. */
const WARM_MS = 1_500;

/** A server under test that is ready. */
export interface Server {
  readonly child: Child;
  readonly port: number;
  readonly pid: number;
}

/** Starts a server and waits until it listens. */
export async function startServer(
  name: RuntimeName,
  script: string,
  load: Case,
): Promise<Server> {
  const runtime = needed(name);
  const flags = load.mode === "hold" ? gcFlags(name) : [];
  const args = [...runtime.args, ...flags];
  const child = startOn({ ...runtime, args }, script, [load.mode]);
  try {
    const line = await child.nextLine(START_TIMEOUT_MS);
    const [, port, pid] = /^ready (\d+) (\d+)$/.exec(line) ?? [];
    if (!port) throw new Error(`It said ${JSON.stringify(line)}`);
    return { child, port: Number(port), pid: Number(pid) };
  } catch (error) {
    await child.kill();
    throw error;
  }
}

/** Memory is only told apart from garbage if the garbage is collected. */
function gcFlags(name: RuntimeName): string[] {
  if (name === "bun") return [];
  return [name === "deno" ? "--v8-flags=--expose-gc" : "--expose-gc"];
}

/** Runs the load generator once against a server. */
export async function measure(
  server: Server,
  load: Case,
  seconds: number,
): Promise<Measurement> {
  const child = startLoad(server, load, seconds);
  try {
    const line = await child.nextLine(seconds * 1000 + START_TIMEOUT_MS);
    return JSON.parse(line) as Measurement;
  } finally {
    await child.kill();
  }
}

/** Bytes of server memory for each of the connections it holds. */
export async function measureIdle(
  server: Server,
  load: Case,
): Promise<number> {
  // First a few, so that code and pools are there before counting begins.
  await held(server, { ...load, connections: 200 }, () => {});
  const before = await collected(server);
  let after = 0;
  await held(server, load, async () => {
    after = await collected(server);
  });
  return (after - before) / load.connections;
}

async function held(
  server: Server,
  load: Case,
  meanwhile: () => void | Promise<void>,
): Promise<void> {
  const child = startLoad(server, load, 0);
  try {
    await child.nextLine(4 * START_TIMEOUT_MS);
    await meanwhile();
  } finally {
    await child.kill();
  }
}

async function collected(server: Server): Promise<number> {
  server.child.say("gc");
  await server.child.nextLine(START_TIMEOUT_MS);
  return residentBytes(server.pid);
}

function startLoad(server: Server, load: Case, seconds: number): Child {
  return startOn(needed("bun"), "bench/echo/load.ts", [
    ...[load.mode, server.port, server.pid, load.connections, load.bytes],
    ...[WARM_MS, Math.round(seconds * 1000)],
  ]);
}
