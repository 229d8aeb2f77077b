/** What a run shows while it lasts, and what it leaves behind. */

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { RuntimeName } from "../../tests/runtimes.ts";
import { commit, type Machine, machine, versions } from "./machine.ts";

/** What the results of every suite begin with. */
export interface Results<Name extends string> {
  /** The suite. */
  readonly suite: Name;
  /** When it ran, ISO 8601. */
  readonly date: string;
  /** The commit of this library. */
  readonly commit: string;
  /** The versions of the runtimes. */
  readonly versions: Readonly<Record<string, string>>;
  /** Where it ran. */
  readonly machine: Machine;
}

/** The beginning of the results of a run that ends now. */
export function heading<Name extends string>(
  suite: Name,
  runtimes: readonly RuntimeName[],
): Results<Name> {
  return {
    suite,
    date: new Date().toISOString(),
    commit: commit(),
    versions: versions(runtimes),
    machine: machine(),
  };
}

/** Shows what goes on in a line that the next one replaces. */
export function progress(text: string): void {
  if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${text}`);
}

/** Takes the line of `progress` away. */
export function clearProgress(): void {
  progress("");
}

/** Says in a line that stays what is done. */
export function milestone(text: string): void {
  clearProgress();
  console.log(text);
}

/** Ends a run: prints its table and writes its JSON, if anywhere. */
export function conclude(
  results: Results<string>,
  table: string,
  out: string | undefined,
): void {
  console.log(`\n${table}`);
  if (out === undefined) return;
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, `${JSON.stringify(results)}\n`);
  console.log(`\nWritten to ${out}`);
}
