/**
 * What `Selector.select` costs with few and with many registered sockets, ten
 * of them ready. Few and many are measured in turns, in processes of their
 * own, with the other ends in further processes.
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
import { type Child, start } from "../lib/children.ts";
import { commit, descriptorLimit, machine, versions } from "../lib/machine.ts";
import type { PollingResults, PollingRow, Round } from "./results.ts";
import { ratio, summarize } from "./results.ts";
import { pollingTable } from "./table.ts";

const HELP = `Usage: npm run bench -- polling [options]

Times Selector.select with ten sockets ready, for several numbers of
registered sockets. Each number is a process of its own with peers in another.

  --runtime NAMES      ${RUNTIMES.join(",")} (all)
  --registered COUNTS  numbers of registered sockets (100,10000)
  --rounds N           how often each is measured, in turns (9)
  --selects N          selects in one round (2000)
  --out FILE           where the JSON goes
                       (bench/results/polling-<date>.json); "none" for no file
  --help               this text

The exit code is 1 if a select takes 100 µs or longer, or twice as long with
the most sockets as with the fewest, or if a process failed.`;

/** What the library promises. */
const MOST_MICROS = 100;
const MOST_RATIO = 2;

/** Descriptors that a process needs besides its connections. */
const SPARE_DESCRIPTORS = 200;

const CONNECT_TIMEOUT_MS = 60_000;

interface Plan {
  readonly runtimes: readonly RuntimeName[];
  readonly counts: readonly number[];
  readonly rounds: number;
  readonly selects: number;
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
      registered: text("100,10000"),
      rounds: text("9"),
      selects: text("2000"),
      out: text(join(repositoryRoot(), `bench/results/polling-${day}.json`)),
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const names = values.runtime.split(",");
  const unknown = names.find((name) => !RUNTIMES.includes(name as RuntimeName));
  if (unknown !== undefined) {
    throw new RangeError(`There is no ${unknown}; there is ${RUNTIMES}`);
  }
  return {
    runtimes: RUNTIMES.filter((name) => names.includes(name)),
    counts: values.registered.split(",").map((each) => count(each, 10)),
    rounds: count(values.rounds, 1),
    selects: count(values.selects, 1),
    out: values.out === "none" ? undefined : values.out,
  };
}

function count(text: string, least: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  throw new RangeError(`A count of ${least} or more, not ${text}`);
}

/** Few and many registered sockets on one runtime, measured in turns. */
async function runRuntime(
  plan: Plan,
  runtime: RuntimeName,
): Promise<PollingRow[]> {
  const subjects: Subject[] = [];
  try {
    for (const each of plan.counts) {
      subjects.push(await startSubject(plan, runtime, each));
    }
    // The first of all is slower: its code is compiled meanwhile.
    for (const subject of subjects) await subject.warmUp();
    for (let i = 0; i < plan.rounds; i++) {
      for (const subject of i % 2 ? subjects.toReversed() : subjects) {
        await subject.play();
      }
    }
  } finally {
    for (const subject of subjects) await subject.stop();
  }
  return subjects.map((subject) => subject.row);
}

interface Subject {
  readonly row: PollingRow;
  warmUp(): Promise<void>;
  play(): Promise<void>;
  stop(): Promise<void>;
}

async function startSubject(
  { selects }: Plan,
  runtime: RuntimeName,
  registered: number,
): Promise<Subject> {
  const rounds: Round[] = [];
  const row = { runtime, registered, rounds };
  const skipped = reasonToSkip(runtime, registered);
  if (skipped !== undefined) {
    const nothing = () => Promise.resolve();
    return {
      row: { ...row, skipped },
      warmUp: nothing,
      play: nothing,
      stop: nothing,
    };
  }
  const peers = start(process.execPath, ["bench/polling/peers.ts"]);
  const port = word(await peers.nextLine(CONNECT_TIMEOUT_MS));
  const subject = startOn(runtime, [port, `${registered}`, `${selects}`]);
  const stop = async () => {
    await Promise.all([subject.kill(), peers.kill()]);
  };
  try {
    word(await subject.nextLine(CONNECT_TIMEOUT_MS));
  } catch (error) {
    await stop();
    throw error;
  }
  const round = async (): Promise<Round> => {
    subject.say("round");
    return JSON.parse(await subject.nextLine(CONNECT_TIMEOUT_MS)) as Round;
  };
  return {
    row,
    stop,
    warmUp: async () => void await round(),
    play: async () => void rounds.push(await round()),
  };
}

function startOn(runtime: RuntimeName, args: readonly string[]): Child {
  const found = findRuntime(runtime);
  if (typeof found === "string") throw new Error(found);
  const script = found.runsTypeScript
    ? "bench/polling/subject.ts"
    : ".build/bench/polling/subject.js";
  return start(found.command, [...found.args, script, ...args]);
}

/** The second word of a line such as `ready 50007`. */
function word(line: string): string {
  const [ready, value] = line.split(" ");
  if (ready === "ready" && value !== undefined) return value;
  throw new Error(`A strange line: ${line}`);
}

function reasonToSkip(
  runtime: RuntimeName,
  registered: number,
): string | undefined {
  const found = findRuntime(runtime);
  if (typeof found === "string") return found;
  const needed = registered + SPARE_DESCRIPTORS;
  return descriptorLimit() < needed
    ? `needs ${needed} descriptors, the hard limit is ${descriptorLimit()}`
    : undefined;
}

/** What is not as promised. */
function complaints(rows: readonly PollingRow[]): string[] {
  return rows.flatMap((row) => {
    const found = summarize(row);
    if (found === undefined) return [];
    const name = `${row.runtime} with ${row.registered}`;
    const times = ratio(rows, row) ?? 0;
    const said: string[] = [];
    if (found.readyMicros >= MOST_MICROS) {
      said.push(`${name}: ${found.readyMicros} µs`);
    }
    if (times >= MOST_RATIO) said.push(`${name}: ${times} times the fewest`);
    return said;
  });
}

async function main(args: string[]): Promise<void> {
  const plan = readPlan(args);
  if (!plan) return console.log(HELP);
  if (plan.runtimes.includes("node20")) await compile();
  const rows: PollingRow[] = [];
  for (const runtime of plan.runtimes) {
    rows.push(...await runRuntime(plan, runtime));
    console.log(`${runtime} is done`);
  }
  const results: PollingResults = {
    suite: "polling",
    date: new Date().toISOString(),
    commit: commit(),
    versions: versions(plan.runtimes),
    machine: machine(),
    rows,
  };
  console.log(`\n${pollingTable(results)}`);
  const wrong = complaints(rows);
  for (const each of wrong) console.error(`Too slow: ${each}`);
  if (wrong.length > 0 || rows.every((row) => row.rounds.length === 0)) {
    process.exitCode = 1;
  }
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
