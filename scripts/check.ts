/**
 * Runs every gate: `npm run check`, or some of them by a part of their names:
 * `npm run check -- format lint`. Exits 1 if one fails.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { deno, filesUnder, root, run, table } from "./lib.ts";
import { denoManifest } from "./npm_manifest.ts";

interface Gate {
  readonly name: string;
  readonly command: readonly string[];
}

const entries = Object.values(denoManifest().exports);
const sources = ["mod.ts", ...filesUnder("src")];
const programs = ["tests", "examples", "scripts", "bench"]
  .filter((folder) => existsSync(join(root, folder)))
  .flatMap((folder) => filesUnder(folder))
  // Deno knows neither the globals of Bun nor our npm package; dnt is of JSR.
  .filter((file) => !/^tests\/types\/|build_npm_dnt\.ts$/.test(file));
const documents = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"]
  .filter((file) => existsSync(join(root, file)));

const gates: readonly Gate[] = [
  { name: "format", command: [deno, "fmt", "--check"] },
  { name: "lint", command: [deno, "lint"] },
  { name: "manifests", command: script("check_manifests") },
  { name: "import rule", command: script("check_imports") },
  { name: "exported names", command: script("check_exports") },
  { name: "types: tsc", command: tsc("tsconfig.json") },
  ...bunTypes(),
  { name: "types: deno", command: [deno, "check", ...sources, ...programs] },
  { name: "doc lint", command: [deno, "doc", "--lint", ...entries] },
  {
    name: "doc examples",
    command: [deno, "check", "--doc", ...sources],
  },
  ...documents.map((file) => ({
    name: `examples in ${file}`,
    command: [deno, "check", "--doc-only", file],
  })),
  {
    name: "publish to JSR",
    command: [deno, "publish", "--dry-run", "--allow-dirty"],
  },
  { name: "npm build", command: script("build_npm") },
  { name: "npm package", command: script("check_npm") },
];

const wanted = process.argv.slice(2);
const chosen = gates.filter(({ name }) =>
  wanted.length === 0 || wanted.some((part) => name.includes(part))
);
const rows: string[][] = [["gate", "result", "s"]];
let failed = 0;
for (const [i, { name, command }] of chosen.entries()) {
  console.log(`[${i + 1}/${chosen.length}] ${name}`);
  const start = performance.now();
  const [program = "", ...args] = command;
  const { code, output } = await run(program, args, { env: { NO_COLOR: "1" } });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  rows.push([name, code === 0 ? "ok" : "FAILED", seconds]);
  if (code === 0) continue;
  failed++;
  console.log(output.trimEnd());
}
console.log(`\n${table(rows)}`);
console.log(`${chosen.length - failed} gates passed, ${failed} failed`);
if (failed > 0 || chosen.length === 0) process.exitCode = 1;

function script(name: string): string[] {
  return [process.execPath, join(root, "scripts", `${name}.ts`)];
}

function tsc(project: string): string[] {
  const bin = join(root, "node_modules", "typescript", "bin", "tsc");
  return [process.execPath, bin, "--noEmit", "-p", project];
}

/** The check of the drivers' own types against Bun's, where there is one. */
function bunTypes(): Gate[] {
  const folder = "tests/types/bun";
  if (filesUnder(folder).length === 0) return [];
  return [{ name: "types: bun", command: tsc(`${folder}/tsconfig.json`) }];
}
