/**
 * A channel of shared memory beside TCP and Unix sockets, between two threads
 * of one process.
 */

import { type FoundRuntime, RUNTIMES } from "../../tests/runtimes.ts";
import { compileFor } from "../lib/build.ts";
import { startOn } from "../lib/children.ts";
import { enter } from "../lib/entry.ts";
import { integer, names, rounds } from "../lib/options.ts";
import { conclude, heading, milestone } from "../lib/output.ts";
import { interleave } from "../lib/rounds.ts";
import { installed } from "../lib/runtimes.ts";
import {
  type Load,
  LOADS,
  type ShmResults,
  type ShmRound,
  type ShmRow,
  type Transport,
  TRANSPORTS,
} from "./results.ts";
import { shmTable } from "./table.ts";

const LINE_TIMEOUT_MS = 120_000;

/** A channel moves small messages so many times as fast, and is measured so long. */
const CHANNEL_FACTOR = 8;
/** A message of 64 KiB takes longer than so many small ones. */
const BULK_DIVISOR = 8;

const suite = {
  name: "shm",
  about:
    `Sends messages from one thread to another over a channel of shared memory,
TCP and a Unix socket: 64 bytes a call, frames of 64 bytes, 64 KiB a call.`,
  options: {
    runtime: names(RUNTIMES),
    load: names(LOADS),
    count: integer("messages over a socket; others in proportion", 60_000, [
      100,
      10_000_000,
    ]),
    rounds: rounds(5),
  },
};

function countOf(load: Load, transport: Transport, count: number): number {
  if (load === "bulk") return Math.ceil(count / BULK_DIVISOR);
  if (load === "framed") return count * CHANNEL_FACTOR / 2;
  const isSocket = transport === "tcp" || transport === "unix";
  return isSocket ? count : count * CHANNEL_FACTOR;
}

async function measure(
  runtime: FoundRuntime,
  transport: Transport,
  load: Load,
  count: number,
): Promise<ShmRound> {
  const child = startOn(runtime, "bench/shm/program.ts", [
    transport,
    load,
    countOf(load, transport, count),
  ]);
  try {
    return JSON.parse(await child.nextLine(LINE_TIMEOUT_MS)) as ShmRound;
  } finally {
    await child.kill();
  }
}

await enter(suite, async (plan) => {
  await compileFor(plan.runtime);
  const runtimes = installed(plan.runtime);
  const rows: ShmRow[] = [];
  for (const runtime of runtimes) {
    for (const load of plan.load) {
      const found = TRANSPORTS.map((transport) => ({
        runtime: runtime.name,
        transport,
        load,
        rounds: [] as ShmRound[],
      }));
      const label = `${runtime.name} ${load}`;
      await interleave(label, plan.rounds, found, async (row) => {
        const { transport } = row;
        row.rounds.push(await measure(runtime, transport, load, plan.count));
      });
      rows.push(...found);
    }
    milestone(`${runtime.name}: done`);
  }
  const results: ShmResults = {
    ...heading("shm", runtimes.map(({ name }) => name)),
    rows,
  };
  conclude(results, shmTable(results), plan.out);
});
