/**
 * Lines of code, and which of them ran.
 *
 * @module
 */

import { stripTypeScriptTypes } from "node:module";
import { readSource } from "../source_text.ts";

/** By file, from the repository's root: the lines that ran, from 1. */
export type Hits = Map<string, Set<number>>;

/**
 * The lines with something to run: no types, comments, imports, nor brackets
 * alone. Every runtime's share is counted of the same lines.
 */
export function codeLines(text: string): number[] {
  const bare = stripTypeScriptTypes(text);
  const { code } = readSource(bare);
  const without = code.replace(
    /^[ \t]*(?:import|export)\b[^;=()]*?\bfrom\s*"";|^[ \t]*import\s*"";/gm,
    (found) => found.replace(/[^\n]/g, " "),
  );
  return without.split("\n").flatMap((line, i) =>
    /[^\s{}()[\];,]/.test(line) && !/^\s*(?:else|try|finally)\s*\{?$/.test(line)
      ? [i + 1]
      : []
  );
}

/** Lines in order, as the runs that they make: the first and the last of each. */
export function runsOf(lines: readonly number[]): [number, number][] {
  const runs: [number, number][] = [];
  for (const line of lines) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] === line - 1) last[1] = line;
    else runs.push([line, line]);
  }
  return runs;
}

/** Adds what ran elsewhere, too. */
export function addHits(to: Hits, from: Hits): void {
  for (const [file, lines] of from) {
    const known = to.get(file);
    if (known === undefined) to.set(file, new Set(lines));
    else for (const line of lines) known.add(line);
  }
}
