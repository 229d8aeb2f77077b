/**
 * Which tests start programs: `--quick` leaves them out, since to start one
 * takes longer than most tests.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { root } from "../lib.ts";
import { importsOf, readSource } from "../source_text.ts";

/** They can start programs, and do so for few of those that import them. */
const INNOCENT: readonly string[] = [
  "tests/runtimes.ts",
  "tests/support/certificates.ts",
];

const seen: Map<string, boolean> = new Map();

/** Whether a file below `tests/`, or one that it needs, starts programs. */
export function startsPrograms(file: string): boolean {
  const known = seen.get(file);
  if (known !== undefined) return known;
  seen.set(file, false);
  const starts = look(file);
  seen.set(file, starts);
  return starts;
}

function look(file: string): boolean {
  const path = join(root, file);
  if (INNOCENT.includes(file) || !existsSync(path)) return false;
  const source = readSource(readFileSync(path, "utf8"));
  if (/\bspawnRuntime\(/.test(source.code)) return true;
  const needed = importsOf(source)
    .filter(({ isType }) => !isType)
    .map(({ specifier }) => specifier);
  return needed.includes("node:child_process") || needed
    .map((specifier) => posix.join(posix.dirname(file), specifier))
    .some((other) => other.startsWith("tests/") && startsPrograms(other));
}
