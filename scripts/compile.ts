/**
 * Compiles everything into `.build/`, for Node 20, which strips no types.
 *
 * @module
 */

import {
  existsSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { findRuntime } from "../tests/runtimes.ts";
import { filesUnder, root, run } from "./lib.ts";

/** Says, by its date, since when `.build/` is up to date. */
const STAMP = join(root, ".build", "stamp");

/** The folders that are compiled. */
const FOLDERS = ["src", "cli", "tests", "examples", "scripts", "bench"];

/**
 * Brings `.build/` up to date and gives the compiler's complaints, an empty
 * text where it has none. Several may run at once, and programs may be
 * starting from `.build/` meanwhile.
 */
export async function compile(): Promise<string> {
  const start = new Date();
  const transpile = join(root, "scripts", "transpile.mjs");
  const { code, output } = await run(node(), [transpile]);
  if (code !== 0) return output || `${transpile} ended with ${code}`;
  linkLibraries();
  writeFileSync(STAMP, "");
  utimesSync(STAMP, start, start);
  return "";
}

/**
 * Compiles unless `.build/` is younger than every source, or the program is
 * itself a part of `.build/`.
 *
 * @throws {Error} with the compiler's complaints
 */
export async function compileIfStale(): Promise<void> {
  if (import.meta.url.endsWith(".js")) return;
  const built = modified(STAMP);
  const sources = [
    ...["mod.ts", "package-lock.json", "tsconfig.json", "tsconfig.test.json"],
    ...FOLDERS.flatMap((each) => filesUnder(each)),
  ];
  if (sources.every((file) => modified(join(root, file)) < built)) return;
  console.log("compiling for Node 20");
  const complaints = await compile();
  if (complaints) throw new Error(`It does not compile:\n${complaints}`);
}

function modified(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Lets compiled integrations find the libraries that they import by name. */
function linkLibraries(): void {
  const folder = join("examples", "integrations", "node_modules");
  const link = join(root, ".build", folder);
  if (!existsSync(join(root, folder)) || existsSync(link)) return;
  symlinkSync(join(root, folder), link, "junction");
}

/** A Node for the compiler, also when this runs on Deno or Bun. */
function node(): string {
  const found = (["node26", "node20"] as const).map(findRuntime)
    .find((each) => typeof each !== "string");
  if (!found) throw new Error("There is no Node to compile with");
  return (found as Exclude<typeof found, string>).command;
}
