/**
 * What each process of tests was found to run, kept in `.build/coverage`: a
 * later run goes on where an earlier one stopped, and whoever mutates a line
 * learns which tests run it.
 *
 * @module
 */

import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { RuntimeName } from "../../tests/runtimes.ts";
import { root } from "../lib.ts";
import { type Hits, runsOf } from "./lines.ts";

/** Lines of a file, as it was when they ran. */
interface KeptFile {
  readonly hash: string;
  readonly runs: readonly (readonly [from: number, to: number])[];
}

/** What one process of tests, and those that it started, ran. */
export interface Kept {
  /** The files of tests, and the hash of each. */
  readonly tests: Readonly<Record<string, string>>;
  /** How long it took. */
  readonly seconds: number;
  /** Whether every test passed. */
  readonly isGreen: boolean;
  /** By file: the lines that ran. */
  readonly files: Readonly<Record<string, KeptFile>>;
}

/** The folder of one runtime. */
export function folderOf(runtime: RuntimeName): string {
  return join(root, ".build", "coverage", runtime);
}

/** Forgets what is known of a runtime. */
export function forget(runtime: RuntimeName): void {
  rmSync(folderOf(runtime), { recursive: true, force: true });
}

/** Keeps what some files of tests ran. */
export function keep(
  runtime: RuntimeName,
  tests: readonly string[],
  found: Pick<Kept, "seconds" | "isGreen"> & { readonly hits: Hits },
): void {
  const { hits, seconds, isGreen } = found;
  const files: Record<string, KeptFile> = {};
  for (const [file, lines] of hits) {
    const hash = hashOf(file);
    if (hash === undefined) continue;
    files[file] = { hash, runs: runsOf([...lines].sort((a, b) => a - b)) };
  }
  const hashes = Object.fromEntries(
    tests.map((test) => [test, hashOf(test) ?? ""]),
  );
  const kept: Kept = { tests: hashes, seconds, isGreen, files };
  const name = createHash("sha1").update(tests.join(" ")).digest("hex");
  mkdirSync(folderOf(runtime), { recursive: true });
  const path = join(folderOf(runtime), `${name}.json`);
  writeFileSync(path, JSON.stringify(kept));
}

/** All that is known of a runtime, of tests that are what they were. */
export function readKept(runtime: RuntimeName): Kept[] {
  const folder = folderOf(runtime);
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => name.endsWith(".json"))
    .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as Kept)
    .filter(({ tests }) =>
      Object.entries(tests).every(([test, hash]) => hashOf(test) === hash)
    );
}

/** The lines that ran, of files that are what they were. */
export function hitsOf(all: readonly Kept[]): Hits {
  const hits: Hits = new Map();
  for (const { files } of all) {
    for (const [file, { hash, runs }] of Object.entries(files)) {
      if (hashOf(file) !== hash) continue;
      const lines = hits.get(file) ?? new Set();
      for (const [from, to] of runs) {
        for (let line = from; line <= to; line++) lines.add(line);
      }
      hits.set(file, lines);
    }
  }
  return hits;
}

const hashes: Map<string, string | undefined> = new Map();

/** What tells two texts of a file apart; nothing if it is no more. */
export function hashOf(file: string): string | undefined {
  if (hashes.has(file)) return hashes.get(file);
  const path = join(root, file);
  const hash = existsSync(path)
    ? createHash("sha1").update(readFileSync(path)).digest("hex").slice(0, 12)
    : undefined;
  hashes.set(file, hash);
  return hash;
}
