/**
 * Holds what every entry point exports to the list in `exports.json`, so that
 * a name that comes or goes is seen: `node scripts/run.mjs check_exports`.
 * With `write` the list is made anew.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";
import { root } from "./lib.ts";
import { denoManifest } from "./npm_manifest.ts";

/** The names that an entry point exports, sorted. */
interface Names {
  /** What is there at run time. */
  readonly values: readonly string[];
  /** What only types know. */
  readonly types: readonly string[];
}

const LIST = join(root, "scripts", "exports.json");
const now: Record<string, Names> = {};
const entries = Object.entries(denoManifest().exports)
  .map(([key, source]) => [key, join(root, source)] as const);
const program = ts.createProgram(entries.map(([, file]) => file), {
  module: ts.ModuleKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  allowImportingTsExtensions: true,
  noEmit: true,
  types: [],
});
for (const [key, file] of entries) now[key] = await namesOf(file);

const text = JSON.stringify(now, null, 2) + "\n";
if (process.argv[2] === "write") writeFileSync(LIST, text);
const faults = differences(JSON.parse(readFileSync(LIST, "utf8")), now);
for (const fault of faults) console.log(fault);
const count = Object.values(now)
  .reduce((sum, { values, types }) => sum + values.length + types.length, 0);
console.log(`${count} exported names, ${faults.length} not as in the list`);
if (faults.length > 0) {
  console.log("If that is meant: node scripts/run.mjs check_exports write");
}
if (faults.length > 0 || count === 0) process.exitCode = 1;

async function namesOf(file: string): Promise<Names> {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  if (!module) throw new Error(`${file} is no module`);
  const names = checker.getExportsOfModule(module).map(({ name }) => name);
  const values = Object.keys(await import(pathToFileURL(file).href));
  return {
    values: values.sort(),
    types: names.filter((name) => !values.includes(name)).sort(),
  };
}

/** What came and what went, a line each. */
function differences(
  before: Readonly<Record<string, Names>>,
  after: Readonly<Record<string, Names>>,
): string[] {
  const old = new Set(linesOf(before));
  const fresh = new Set(linesOf(after));
  return [
    ...[...old].filter((line) => !fresh.has(line)).map((line) => `- ${line}`),
    ...[...fresh].filter((line) => !old.has(line)).map((line) => `+ ${line}`),
  ];
}

function linesOf(list: Readonly<Record<string, Names>>): string[] {
  return Object.entries(list).flatMap(([key, { values, types }]) => [
    ...values.map((name) => `${key}: ${name}`),
    ...types.map((name) => `${key}: type ${name}`),
  ]);
}
