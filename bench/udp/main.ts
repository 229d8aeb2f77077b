/**
 * Datagrams: what the library's sockets do, beside the runtime's own, one
 * after the other, in processes of their own.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  findRuntime,
  type FoundRuntime,
  repositoryRoot,
  RUNTIMES,
  scriptPath,
} from "../../tests/runtimes.ts";
import { compile } from "../lib/build.ts";
import { type Child, start } from "../lib/children.ts";
import { commit, machine, versions } from "../lib/machine.ts";
import type { Api, Mode, Report, UdpResults, UdpRow } from "./results.ts";
import { udpTable } from "./table.ts";

const HELP = `Usage: npm run bench -- udp [options]

Measures datagrams on the loopback address: sent one by one and in batches,
received from a sender that never waits for us, and echoed one at a time.

  --runtimes LIST  of deno, deno+net, bun, node20, node26 (all)
  --modes LIST     of send, batch, receive, echo (all)
  --sizes LIST     bytes of payload (64,1400)
  --count N        datagrams in a round (150000)
  --rounds N       rounds of each case, interleaved (3)
  --out FILE       where the JSON goes (bench/results/udp-<date>.json);
                   "none" writes no file
  --help           this text`;

const PROGRAM = "bench/udp/program.ts";
const LINE_TIMEOUT_MS = 60_000;

interface Column {
  readonly name: string;
  readonly runtime: FoundRuntime;
}

interface Case {
  readonly column: Column;
  readonly mode: Mode;
  readonly bytes: number;
}

interface Round {
  readonly perSecond: number;
  readonly cpuMicros: number;
  readonly loss: number;
}

function columns(wanted: readonly string[]): Column[] {
  const found: Column[] = [];
  for (const name of RUNTIMES) {
    const runtime = findRuntime(name);
    if (typeof runtime === "string") {
      console.log(`${name}: skipped, ${runtime}`);
      continue;
    }
    found.push({ name, runtime });
    if (name !== "deno") continue;
    const args = [...runtime.args, "--unstable-net"];
    found.push({ name: "deno+net", runtime: { ...runtime, args } });
  }
  return found.filter(({ name }) => wanted.includes(name));
}

function launch({ runtime }: Column, ...args: (string | number)[]): Child {
  const script = scriptPath(runtime, PROGRAM);
  return start(runtime.command, [
    ...runtime.args,
    script,
    ...args.map(String),
  ]);
}

const ROLES: Readonly<Record<Mode, readonly [near: string, far: string]>> = {
  send: ["send", "receive"],
  batch: ["batch", "receive"],
  receive: ["batch", "receive"],
  echo: ["ping", "echo"],
};

/** One round. The other end is always the runtime's own API. */
async function measure(
  { column, mode, bytes }: Case,
  api: Api,
  count: number,
): Promise<Round> {
  const [near, far] = ROLES[mode];
  const isFar = mode === "receive" || mode === "echo";
  const sink = launch(column, isFar ? api : "native", far, bytes, count);
  let source: Child | undefined;
  try {
    const port = await sink.nextLine(LINE_TIMEOUT_MS);
    const nearApi = isFar ? "native" : api;
    source = launch(column, nearApi, near, bytes, count, port);
    await source.nextLine(LINE_TIMEOUT_MS);
    sink.say("go");
    source.say("go");
    const sent = read(await source.nextLine(LINE_TIMEOUT_MS));
    sink.say("stop");
    const got = read(await sink.nextLine(LINE_TIMEOUT_MS));
    return toRound(mode, sent, got);
  } finally {
    await Promise.all([sink.kill(), source?.kill()]);
  }
}

function read(line: string): Report {
  return JSON.parse(line) as Report;
}

function toRound(mode: Mode, sent: Report, got: Report): Round {
  const measured = mode === "receive" || mode === "echo" ? got : sent;
  const timed = mode === "receive" ? got : sent;
  return {
    perSecond: Math.round(timed.count / timed.ms * 1000),
    cpuMicros: Math.round(measured.cpuMicros / measured.count * 100) / 100,
    loss: Math.max(0, Math.round((1 - got.count / sent.count) * 1e4) / 1e4),
  };
}

async function runCase(
  each: Case,
  rounds: number,
  count: number,
): Promise<UdpRow[]> {
  const all: Record<Api, Round[]> = { ours: [], native: [] };
  for (let round = 0; round < rounds; round++) {
    const order: readonly Api[] = round % 2
      ? ["native", "ours"]
      : ["ours", "native"];
    for (const api of order) all[api].push(await measure(each, api, count));
  }
  const { column, mode, bytes } = each;
  return (["ours", "native"] as const).map((api) => ({
    runtime: column.name,
    api,
    mode,
    bytes,
    perSecond: all[api].map((round) => round.perSecond),
    cpuMicros: all[api].map((round) => round.cpuMicros),
    loss: all[api].map((round) => round.loss),
  }));
}

function integer(text: string, name: string, most: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1 && value <= most) return value;
  throw new RangeError(`--${name} is 1 to ${most}, not ${text}`);
}

async function main(args: string[]): Promise<void> {
  const day = new Date().toISOString().slice(0, 10);
  const out = join(repositoryRoot(), `bench/results/udp-${day}.json`);
  const { values } = parseArgs({
    args,
    options: {
      runtimes: { type: "string", default: "deno,deno+net,bun,node20,node26" },
      modes: { type: "string", default: "send,batch,receive,echo" },
      sizes: { type: "string", default: "64,1400" },
      count: { type: "string", default: "150000" },
      rounds: { type: "string", default: "3" },
      out: { type: "string", default: out },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const count = integer(values.count, "count", 10_000_000);
  const rounds = integer(values.rounds, "rounds", 1000);
  const sizes = values.sizes.split(",")
    .map((text) => integer(text, "sizes", 65_507));
  const modes = values.modes.split(",") as Mode[];
  for (const mode of modes) {
    if (!(mode in ROLES)) throw new RangeError(`There is no mode ${mode}`);
  }
  await compile();
  const rows: UdpRow[] = [];
  for (const column of columns(values.runtimes.split(","))) {
    for (const mode of modes) {
      for (const bytes of sizes) {
        rows.push(...await runCase({ column, mode, bytes }, rounds, count));
      }
    }
    console.log(`${column.name}: done`);
  }
  const results: UdpResults = {
    suite: "udp",
    date: new Date().toISOString(),
    commit: commit(),
    versions: versions(RUNTIMES),
    machine: machine(),
    rows,
  };
  console.log(`\n${udpTable(results)}`);
  if (values.out === "none") return;
  mkdirSync(join(repositoryRoot(), "bench/results"), { recursive: true });
  writeFileSync(values.out, `${JSON.stringify(results)}\n`);
  console.log(`\nWritten to ${values.out}`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(`${(error as Error).message}\nSee --help.`);
  process.exitCode = 2;
}
