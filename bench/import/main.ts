/**
 * What importing costs: the time from start to exit of an empty program, one
 * that imports this library, and one that imports `node:net`; interleaved.
 */

import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  environment,
  findRuntime,
  type FoundRuntime,
  repositoryRoot,
  RUNTIMES,
} from "../../tests/runtimes.ts";
import { buildPackage, compile } from "../lib/build.ts";
import { commit, machine, versions } from "../lib/machine.ts";
import type { ImportResults, ImportRow, Program } from "./results.ts";
import { importTable } from "./table.ts";

const HELP = `Usage: npm run bench -- import [options]

Times starting each runtime with nothing, with this library (as TypeScript,
and built as for npm), and with node:net.

  --rounds N    how often each is started, interleaved (25)
  --out FILE    where the JSON goes (bench/results/import-<date>.json);
                "none" writes no file
  --help        this text`;

const programs: Readonly<Record<Program, string>> = {
  empty: "bench/import/programs/empty.ts",
  source: "bench/import/programs/ours.ts",
  package: "npm/esm/mod.js",
  node_net: "bench/import/programs/node_net.ts",
};

function fileOf(runtime: FoundRuntime, program: Program): string | undefined {
  const path = programs[program];
  if (runtime.runsTypeScript) return path;
  return program === "source"
    ? undefined
    : program === "package"
    ? path
    : `.build/${path.replace(/\.ts$/, ".js")}`;
}

function startOnce(runtime: FoundRuntime, file: string): number {
  const before = performance.now();
  const { status, stderr } = spawnSync(
    runtime.command,
    [...runtime.args, file],
    { cwd: repositoryRoot(), env: environment(), encoding: "utf8" },
  );
  const ms = performance.now() - before;
  if (status !== 0) throw new Error(`${runtime.name} ${file}: ${stderr}`);
  return ms;
}

function timeRuntime(runtime: FoundRuntime, rounds: number): ImportRow[] {
  const rows = (Object.keys(programs) as Program[])
    .map((program) => ({ program, file: fileOf(runtime, program) }))
    .filter((each) => each.file !== undefined)
    .map((each) => ({ ...each, ms: [] as number[] }));
  // The first start fills caches, such as Deno's of compiled modules.
  for (const { file } of rows) startOnce(runtime, file!);
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 ? rows.toReversed() : rows;
    for (const row of order) row.ms.push(startOnce(runtime, row.file!));
  }
  return rows.map(({ program, ms }) => ({
    runtime: runtime.name,
    program,
    ms: ms.map((each) => Math.round(each * 100) / 100),
  }));
}

async function main(args: string[]): Promise<void> {
  const day = new Date().toISOString().slice(0, 10);
  const out = join(repositoryRoot(), `bench/results/import-${day}.json`);
  const { values } = parseArgs({
    args,
    options: {
      rounds: { type: "string", default: "25" },
      out: { type: "string", default: out },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const rounds = Number(values.rounds);
  if (!Number.isSafeInteger(rounds) || rounds < 1 || rounds > 1000) {
    throw new RangeError(`--rounds is 1 to 1000, not ${values.rounds}`);
  }
  await compile();
  await buildPackage();
  const rows: ImportRow[] = [];
  for (const name of RUNTIMES) {
    const runtime = findRuntime(name);
    if (typeof runtime === "string") {
      console.log(`${name}: skipped, ${runtime}`);
      continue;
    }
    rows.push(...timeRuntime(runtime, rounds));
    console.log(`${name}: done`);
  }
  const results: ImportResults = {
    suite: "import",
    date: new Date().toISOString(),
    commit: commit(),
    versions: versions(RUNTIMES),
    machine: machine(),
    rows,
  };
  console.log(`\n${importTable(results)}`);
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
