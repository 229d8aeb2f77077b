/** A server under test and a load on it: starting both, reading the answers. */

import type { RuntimeName } from "../../tests/runtimes.ts";
import type { Measurement } from "../echo/load.ts";
import { type Child, startOn } from "./children.ts";
import { residentBytes } from "./machine.ts";
import { needed } from "./runtimes.ts";

/** How long a server may take to start, and to answer. */
const ANSWER_MS = 20_000;
/** How long a load may take to make all its idle connections. */
const HOLD_MS = 60_000;

/** Every round of one server under one load. */
export interface ServerRounds<ServerName extends string> {
  /** The runtime, by its test name. */
  readonly runtime: string;
  /** The case, by its name. */
  readonly case: string;
  /** The server under test. */
  readonly server: ServerName;
  /** What each round found; empty for idle connections. */
  readonly rounds: readonly Measurement[];
  /** Bytes of server memory per idle connection, for each round of those. */
  readonly bytesPerConnection: readonly number[];
  /** Why there is nothing, where there is nothing. */
  readonly skipped?: string;
}

/** A server under test that is ready. */
export interface Server {
  readonly child: Child;
  readonly port: number;
  readonly pid: number;
}

/** Starts a server and waits until it listens; `mode` is its first argument. */
export async function startServer(
  name: RuntimeName,
  script: string,
  mode: string,
  ...args: readonly string[]
): Promise<Server> {
  const runtime = needed(name);
  const flags = mode === "hold" ? gcFlags(name) : [];
  const child = startOn(
    { ...runtime, args: [...runtime.args, ...flags] },
    script,
    [mode, ...args],
  );
  try {
    const line = await child.nextLine(ANSWER_MS);
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

/** What a load generator found that runs for so many seconds; ends it. */
export async function answerOf(
  load: Child,
  seconds: number,
): Promise<Measurement> {
  try {
    const line = await load.nextLine(seconds * 1000 + ANSWER_MS);
    return JSON.parse(line) as Measurement;
  } finally {
    await load.kill();
  }
}

/**
 * Bytes of server memory for each of the connections that it holds, which
 * `startLoad` makes.
 *
 * @param few made first, so that code and pools are there before counting
 */
export async function idleBytes(
  server: Server,
  startLoad: (connections: number) => Child,
  few: number,
  connections: number,
): Promise<number> {
  await held(startLoad(few), () => {});
  const before = await collected(server);
  let after = 0;
  await held(startLoad(connections), async () => {
    after = await collected(server);
  });
  return (after - before) / connections;
}

async function held(
  load: Child,
  meanwhile: () => void | Promise<void>,
): Promise<void> {
  try {
    await load.nextLine(HOLD_MS);
    await meanwhile();
  } finally {
    await load.kill();
  }
}

async function collected(server: Server): Promise<number> {
  server.child.say("gc");
  await server.child.nextLine(ANSWER_MS);
  return residentBytes(server.pid);
}
