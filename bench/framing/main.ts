/**
 * What framing costs: decoding alone, against loops written by hand and the
 * libraries in bench/package.json; and pipelined echo over TCP, against
 * `node:net` as most programs use it and the runtime's own API.
 */

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  findRuntime,
  type FoundRuntime,
  repositoryRoot,
  type RuntimeName,
  RUNTIMES,
  scriptPath,
} from "../../tests/runtimes.ts";
import { compile } from "../lib/build.ts";
import { start } from "../lib/children.ts";
import { commit, machine, versions } from "../lib/machine.ts";
import type {
  DecodeRow,
  EchoRound,
  EchoRow,
  FramingResults,
} from "./results.ts";
import { framingTables } from "./table.ts";

const HELP = `Usage: npm run bench -- framing [options]

Decodes frames, and echoes them over TCP: 8 connections, 512 frames in flight.

  --runtime A,B   of ${RUNTIMES.join(", ")} (all)
  --part A,B      of decode, echo (both)
  --frames N      frames of a decoding round (1000000)
  --rounds N      how often each is measured, interleaved (5)
  --seconds N     how long one echo round is measured (1)
  --out FILE      where the JSON goes (bench/results/framing-<date>.json);
                  "none" writes no file
  --help          this text`;

const SERVERS = ["loop", "batches", "naive", "hand"] as const;
const PAYLOADS = [32, 1_024] as const;
const CONNECTIONS = 8;
const IN_FLIGHT = 512;
const WARM_MS = 300;
const DECODE_TIMEOUT_MS = 600_000;
const LOAD_TIMEOUT_MS = 60_000;

/** What the command line says, checked. */
interface Settings {
  readonly runtimes: readonly string[];
  readonly parts: readonly string[];
  readonly frames: number;
  readonly rounds: number;
  readonly measureMs: number;
  readonly out: string;
}

/** The libraries are those of bench/package-lock.json. */
function installRivals(): void {
  const bench = join(repositoryRoot(), "bench");
  if (!existsSync(join(bench, "node_modules"))) {
    const { status, stderr } = spawnSync("npm", ["ci"], {
      cwd: bench,
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`npm ci in bench failed:\n${stderr}`);
  }
}

/** Node 20 runs what was compiled and looks for the libraries beside that. */
function showRivalsToCompiled(): void {
  const link = join(repositoryRoot(), ".build/bench/node_modules");
  if (!existsSync(link)) symlinkSync("../../bench/node_modules", link);
}

async function decodeOn(
  runtime: FoundRuntime,
  { frames, rounds }: Settings,
): Promise<DecodeRow[]> {
  const script = scriptPath(runtime, "bench/framing/programs/decode.ts");
  const child = start(runtime.command, [
    ...runtime.args,
    script,
    ...[frames, rounds].map(String),
  ]);
  const rows: DecodeRow[] = [];
  try {
    for (;;) {
      const line = await child.nextLine(DECODE_TIMEOUT_MS);
      if (line === "done") return rows;
      const row = JSON.parse(line) as Omit<DecodeRow, "runtime">;
      rows.push({ runtime: runtime.name, ...row });
    }
  } finally {
    await child.kill();
  }
}

async function echoOnce(
  runtime: FoundRuntime,
  server: string,
  payload: number,
  measureMs: number,
): Promise<EchoRound> {
  const bun = findRuntime("bun");
  if (typeof bun === "string") throw new Error(`The load needs bun: ${bun}`);
  const script = scriptPath(runtime, "bench/framing/programs/echo_server.ts");
  const child = start(runtime.command, [...runtime.args, script, server]);
  try {
    const [port, pid] = (await child.nextLine(LOAD_TIMEOUT_MS)).split(" ");
    const numbers = [CONNECTIONS, IN_FLIGHT, payload, WARM_MS, measureMs];
    const load = start(bun.command, [
      scriptPath(bun, "bench/framing/programs/echo_load.ts"),
      ...[port!, pid!, ...numbers].map(String),
    ]);
    try {
      return JSON.parse(await load.nextLine(LOAD_TIMEOUT_MS)) as EchoRound;
    } finally {
      await load.kill();
    }
  } finally {
    await child.kill();
  }
}

async function echoOn(
  runtime: FoundRuntime,
  { rounds, measureMs }: Settings,
): Promise<EchoRow[]> {
  const rows = PAYLOADS.flatMap((payload) =>
    SERVERS.map((server) => ({
      runtime: runtime.name,
      payload,
      server,
      rounds: [] as EchoRound[],
    }))
  );
  for (let round = 0; round < rounds; round++) {
    // There and back, so that a busy moment hits all alike.
    for (const row of round % 2 ? rows.toReversed() : rows) {
      const { server, payload } = row;
      row.rounds.push(await echoOnce(runtime, server, payload, measureMs));
    }
  }
  return rows;
}

function readSettings(args: string[]): Settings | undefined {
  const day = new Date().toISOString().slice(0, 10);
  const file = join(repositoryRoot(), `bench/results/framing-${day}.json`);
  const { values } = parseArgs({
    args,
    options: {
      runtime: { type: "string", default: RUNTIMES.join() },
      part: { type: "string", default: "decode,echo" },
      frames: { type: "string", default: "1000000" },
      rounds: { type: "string", default: "5" },
      seconds: { type: "string", default: "1" },
      out: { type: "string", default: file },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  return {
    runtimes: choose(values.runtime, RUNTIMES),
    parts: choose(values.part, ["decode", "echo"]),
    frames: within("frames", values.frames, 1_000, 1e8),
    rounds: within("rounds", values.rounds, 1, 100),
    measureMs: 1_000 * within("seconds", values.seconds, 0.05, 60),
    out: values.out,
  };
}

function choose(given: string, all: readonly string[]): string[] {
  const names = given.split(",");
  const unknown = names.find((name) => !all.includes(name));
  if (unknown === undefined) return names;
  throw new RangeError(`There is no "${unknown}"; there is ${all.join(", ")}`);
}

/** The runtimes that are here; the others are named. */
function found(names: readonly string[]): FoundRuntime[] {
  return names.flatMap((name) => {
    const runtime = findRuntime(name as RuntimeName);
    if (typeof runtime !== "string") return [runtime];
    console.log(`${name}: skipped, ${runtime}`);
    return [];
  });
}

function within(name: string, given: string, low: number, high: number) {
  const value = Number(given);
  if (value >= low && value <= high) return value;
  throw new RangeError(`--${name} is ${low} to ${high}, not ${given}`);
}

async function main(settings: Settings): Promise<void> {
  installRivals();
  await compile();
  showRivalsToCompiled();
  const decode: DecodeRow[] = [];
  const echo: EchoRow[] = [];
  const runtimes = found(settings.runtimes);
  for (const runtime of runtimes) {
    if (settings.parts.includes("decode")) {
      decode.push(...await decodeOn(runtime, settings));
    }
    if (settings.parts.includes("echo")) {
      echo.push(...await echoOn(runtime, settings));
    }
    console.log(`${runtime.name}: done`);
  }
  const results: FramingResults = {
    suite: "framing",
    date: new Date().toISOString(),
    commit: commit(),
    versions: versions(runtimes.map(({ name }) => name)),
    machine: machine(),
    decode,
    echo,
  };
  console.log(`\n${framingTables(results)}`);
  if (settings.out === "none") return;
  mkdirSync(join(repositoryRoot(), "bench/results"), { recursive: true });
  writeFileSync(settings.out, `${JSON.stringify(results)}\n`);
  console.log(`\nWritten to ${settings.out}`);
}

try {
  const settings = readSettings(process.argv.slice(2));
  if (settings === undefined) console.log(HELP);
  else await main(settings);
} catch (error) {
  console.error(`${(error as Error).message}\nSee --help.`);
  process.exitCode = 2;
}
