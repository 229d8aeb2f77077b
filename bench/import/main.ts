/**
 * What importing costs: the time from start to exit of an empty program, one
 * that imports this library, and one that imports `node:net`; interleaved.
 */

import { spawnSync } from "node:child_process";
import {
  environment,
  type FoundRuntime,
  repositoryRoot,
  RUNTIMES,
} from "../../tests/runtimes.ts";
import { buildPackage, compileFor } from "../lib/build.ts";
import { enter } from "../lib/entry.ts";
import { names, rounds } from "../lib/options.ts";
import { conclude, heading, milestone } from "../lib/output.ts";
import { interleave } from "../lib/rounds.ts";
import { installed } from "../lib/runtimes.ts";
import type { ImportResults, ImportRow, Program } from "./results.ts";
import { importTable } from "./table.ts";

const suite = {
  name: "import",
  about:
    `Times starting each runtime with nothing, with this library (as TypeScript,
and built as for npm), and with node:net.`,
  options: { runtime: names(RUNTIMES), rounds: rounds(25) },
};

const programs: Readonly<Record<Program, string>> = {
  empty: "bench/import/programs/empty.ts",
  source: "bench/import/programs/ours.ts",
  package: "npm/esm/anysock.js",
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

async function timeRuntime(
  runtime: FoundRuntime,
  rounds: number,
): Promise<ImportRow[]> {
  const rows = (Object.keys(programs) as Program[])
    .map((program) => ({ program, file: fileOf(runtime, program) }))
    .filter((each) => each.file !== undefined)
    .map((each) => ({ ...each, ms: [] as number[] }));
  // The first start fills caches, such as Deno's of compiled modules.
  for (const { file } of rows) startOnce(runtime, file!);
  await interleave(runtime.name, rounds, rows, ({ ms, file }) => {
    ms.push(startOnce(runtime, file!));
  });
  return rows.map(({ program, ms }) => ({
    runtime: runtime.name,
    program,
    ms: ms.map((each) => Math.round(each * 100) / 100),
  }));
}

await enter(suite, async (plan) => {
  await compileFor(plan.runtime);
  await buildPackage();
  const rows: ImportRow[] = [];
  for (const runtime of installed(plan.runtime)) {
    rows.push(...await timeRuntime(runtime, plan.rounds));
    milestone(`${runtime.name}: done`);
  }
  const results: ImportResults = { ...heading("import", plan.runtime), rows };
  conclude(results, importTable(results), plan.out);
});
