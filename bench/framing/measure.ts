/** Decoders and echo servers of frames on one runtime, round by round. */

import type { FoundRuntime } from "../../tests/runtimes.ts";
import { startOn } from "../lib/children.ts";
import { interleave, warmUpMs } from "../lib/rounds.ts";
import { needed } from "../lib/runtimes.ts";
import { contestants } from "./decoders.ts";
import { DECODE_CASES } from "./frames.ts";
import type { DecodeRow, EchoRound, EchoRow } from "./results.ts";

const SERVERS = ["loop", "batches", "naive", "hand"] as const;
const PAYLOADS = [32, 1_024] as const;
const CONNECTIONS = 8;
const IN_FLIGHT = 512;
const WARM_MS = 1_000;
const DECODE_TIMEOUT_MS = 600_000;
const LOAD_TIMEOUT_MS = 60_000;

/** Every decoder on a runtime, a fresh process for each round. */
export async function decodeOn(
  runtime: FoundRuntime,
  frames: number,
  rounds: number,
): Promise<DecodeRow[]> {
  const rows = DECODE_CASES.flatMap(({ name, kind }) =>
    Object.keys(contestants(kind)).map((contestant) => ({
      runtime: runtime.name,
      case: name,
      contestant,
      perSecond: [] as number[],
    }))
  );
  const sums = new Map<string, number>();
  await interleave(`${runtime.name} decode`, rounds, rows, async (row) => {
    const { sum, perSecond } = await decodeOnce(runtime, frames, row);
    const want = sums.get(row.case) ?? sum;
    sums.set(row.case, want);
    if (sum !== want) {
      throw new Error(`${row.contestant} decoded ${sum}, not ${want}`);
    }
    row.perSecond.push(perSecond);
  });
  return rows;
}

async function decodeOnce(
  runtime: FoundRuntime,
  frames: number,
  row: DecodeRow,
): Promise<{ readonly sum: number; readonly perSecond: number }> {
  const script = "bench/framing/programs/decode.ts";
  const child = startOn(runtime, script, [frames, row.case, row.contestant]);
  try {
    return JSON.parse(await child.nextLine(DECODE_TIMEOUT_MS));
  } finally {
    await child.kill();
  }
}

/** Every echo server on a runtime, with short and with long frames. */
export async function echoOn(
  runtime: FoundRuntime,
  rounds: number,
  measureMs: number,
): Promise<EchoRow[]> {
  const rows = PAYLOADS.flatMap((payload) =>
    SERVERS.map((server) => ({
      runtime: runtime.name,
      payload,
      server,
      rounds: [] as EchoRound[],
    }))
  );
  await interleave(`${runtime.name} echo`, rounds, rows, async (row) => {
    const { server, payload } = row;
    row.rounds.push(await echoOnce(runtime, server, payload, measureMs));
  });
  return rows;
}

async function echoOnce(
  runtime: FoundRuntime,
  server: string,
  payload: number,
  measureMs: number,
): Promise<EchoRound> {
  const bun = needed("bun");
  const program = "bench/framing/programs/echo_server.ts";
  const child = startOn(runtime, program, [server]);
  try {
    const [port, pid] = (await child.nextLine(LOAD_TIMEOUT_MS)).split(" ");
    const load = startOn(bun, "bench/framing/programs/echo_load.ts", [
      ...[port!, pid!, CONNECTIONS, IN_FLIGHT, payload],
      ...[warmUpMs(WARM_MS, measureMs / 1_000), measureMs],
    ]);
    try {
      const line = await load.nextLine(measureMs + LOAD_TIMEOUT_MS);
      return JSON.parse(line) as EchoRound;
    } finally {
      await load.kill();
    }
  } finally {
    await child.kill();
  }
}
