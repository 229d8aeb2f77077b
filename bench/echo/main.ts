/**
 * The echo benchmark: this library, the runtime's native API and `node:net`
 * side by side on every runtime, under one load generator in another process.
 * Rounds are interleaved, so that a busy moment of the machine hits all alike.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  findRuntime,
  repositoryRoot,
  type RuntimeName,
  RUNTIMES,
} from "../../tests/runtimes.ts";
import { compile } from "../lib/build.ts";
import { commit, descriptorLimit, machine, versions } from "../lib/machine.ts";
import { type Case, cases, serverNames, serverScript } from "./cases.ts";
import type { Measurement } from "./load.ts";
import { measure, measureIdle, type Server, startServer } from "./measure.ts";
import { type EchoResults, type Row, summarize } from "./results.ts";
import { echoTable } from "./table.ts";

const HELP = `Usage: npm run bench -- echo [options]

Measures echo servers: this library (recv + sendAll, and recvInto), the
runtime's native API, and node:net. Linux only: CPU and memory of the server
come from the kernel.

  --runtime NAMES  ${RUNTIMES.join(",")} (all)
  --case NAMES     ${cases.map((each) => each.name).join(",")} (all)
  --server NAMES   ${serverNames.join(",")} (all)
  --rounds N       how often each is measured, interleaved (5)
  --seconds S      how long one measurement takes (1)
  --out FILE       where the JSON goes (bench/results/echo-<date>.json);
                   "none" writes no file
  --help           this text

Names are separated by commas. The exit code is 1 if any server failed.
npm run bench -- report FILE makes the Markdown table from the JSON.`;

interface Plan {
  readonly runtimes: readonly RuntimeName[];
  readonly cases: readonly Case[];
  readonly servers: typeof serverNames;
  readonly rounds: number;
  readonly seconds: number;
  readonly out: string | undefined;
}

function readPlan(args: string[]): Plan | undefined {
  const text = (fallback: string) => ({
    type: "string" as const,
    default: fallback,
  });
  const day = new Date().toISOString().slice(0, 10);
  const { values } = parseArgs({
    args,
    options: {
      runtime: text(RUNTIMES.join(",")),
      case: text(cases.map((each) => each.name).join(",")),
      server: text(serverNames.join(",")),
      rounds: text("5"),
      seconds: text("1"),
      out: text(join(repositoryRoot(), `bench/results/echo-${day}.json`)),
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const caseNames = chosen(values.case, cases.map((each) => each.name));
  return {
    runtimes: chosen(values.runtime, RUNTIMES),
    cases: cases.filter((each) => caseNames.includes(each.name)),
    servers: chosen(values.server, serverNames),
    rounds: number("--rounds", values.rounds, 1, 100),
    seconds: number("--seconds", values.seconds, 0.05, 60),
    out: values.out === "none" ? undefined : values.out,
  };
}

function chosen<T extends string>(list: string, all: readonly T[]): T[] {
  const names = list.split(",");
  const unknown = names.find((name) => !all.includes(name as T));
  if (unknown !== undefined) {
    throw new RangeError(
      `There is no ${JSON.stringify(unknown)}; there is ${all.join(", ")}`,
    );
  }
  return all.filter((name) => names.includes(name));
}

function number(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (value >= min && value <= max) return value;
  throw new RangeError(`${name} is ${min} to ${max}, not ${text}`);
}

/** The servers of one runtime under one load, round by round. */
async function runCase(
  plan: Plan,
  runtime: RuntimeName,
  load: Case,
): Promise<Row[]> {
  const contestants = plan.servers
    .map((server) => ({ server, script: serverScript(runtime, server) }))
    .filter((each) => each.script !== undefined)
    .map((each) => new Contestant(runtime, load, each.server, each.script!));
  const missing = reasonToSkip(runtime, load);
  for (let round = 0; round < plan.rounds && !missing; round++) {
    // There and back: nobody always runs first.
    const order = round % 2 ? contestants.toReversed() : contestants;
    for (const each of order) {
      await each.play(plan.seconds);
      progress(`${runtime} ${load.name} round ${round + 1}/${plan.rounds}`);
    }
  }
  for (const each of contestants) await each.stop();
  return contestants.map((each) => each.row(missing));
}

function reasonToSkip(runtime: RuntimeName, load: Case): string | undefined {
  const found = findRuntime(runtime);
  if (typeof found === "string") return found;
  const needed = load.connections + 200;
  return descriptorLimit() < needed
    ? `needs ${needed} descriptors, the hard limit is ${descriptorLimit()}`
    : undefined;
}

class Contestant {
  readonly #runtime: RuntimeName;
  readonly #load: Case;
  readonly #name: Row["server"];
  readonly #script: string;
  readonly #rounds: Measurement[] = [];
  readonly #idle: number[] = [];
  #server: Server | undefined;
  #failure: string | undefined;

  constructor(
    runtime: RuntimeName,
    load: Case,
    name: Row["server"],
    script: string,
  ) {
    this.#runtime = runtime;
    this.#load = load;
    this.#name = name;
    this.#script = script;
  }

  async play(seconds: number): Promise<void> {
    if (this.#failure) return;
    try {
      await this.#measure(seconds);
    } catch (error) {
      this.#failure = `FAILED: ${(error as Error).message.split("\n")[0]}`;
      process.exitCode = 1;
      console.error(`\n${this.#runtime} ${this.#load.name} ${this.#name}:`);
      console.error((error as Error).message);
    }
  }

  async #measure(seconds: number): Promise<void> {
    const load = this.#load;
    this.#server ??= await startServer(this.#runtime, this.#script, load);
    if (load.mode !== "hold") {
      this.#rounds.push(await measure(this.#server, load, seconds));
      return;
    }
    this.#idle.push(await measureIdle(this.#server, load));
    // What was freed stays resident: every round needs a fresh process.
    await this.stop();
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    await server?.child.kill();
  }

  row(missing: string | undefined): Row {
    const skipped = missing ?? this.#failure;
    return {
      runtime: this.#runtime,
      case: this.#load.name,
      server: this.#name,
      rounds: this.#rounds,
      bytesPerConnection: this.#idle,
      ...(skipped && { skipped }),
    };
  }
}

function progress(text: string): void {
  if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${text}`);
}

async function main(args: string[]): Promise<void> {
  const plan = readPlan(args);
  if (!plan) return console.log(HELP);
  if (process.platform !== "linux") {
    throw new Error(
      `This needs Linux's /proc, and here is ${process.platform}`,
    );
  }
  if (plan.runtimes.includes("node20")) await compile();
  const total = plan.runtimes.length * plan.cases.length;
  const perCase = plan.rounds * plan.servers.length * (plan.seconds + 0.7);
  console.log(`About ${Math.ceil(total * perCase / 60)} minutes at most.`);
  const rows: Row[] = [];
  for (const runtime of plan.runtimes) {
    for (const load of plan.cases) {
      const start = performance.now();
      rows.push(...await runCase(plan, runtime, load));
      const took = ((performance.now() - start) / 1000).toFixed(1);
      const done = new Set(rows.map((each) => each.runtime + each.case)).size;
      progress("");
      console.log(`${done}/${total} ${runtime} ${load.name}: ${took} s`);
    }
  }
  const results: EchoResults = {
    suite: "echo",
    date: new Date().toISOString(),
    commit: commit(),
    versions: versions(plan.runtimes),
    load: versions(["bun"]).bun!,
    machine: machine(),
    seconds: plan.seconds,
    rows,
  };
  console.log(`\n${echoTable(results)}`);
  if (!rows.some((row) => summarize(row))) process.exitCode = 1;
  if (!plan.out) return;
  mkdirSync(join(repositoryRoot(), "bench/results"), { recursive: true });
  writeFileSync(plan.out, `${JSON.stringify(results)}\n`);
  console.log(`\nWritten to ${plan.out}`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(`${(error as Error).message}\nSee --help.`);
  process.exitCode = 2;
}
