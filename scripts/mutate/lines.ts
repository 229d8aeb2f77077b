/**
 * Which lines are mutated: those of a change, or a sample.
 *
 * @module
 */

import { drawOf } from "../../src/runtime/memory/chance.ts";
import { runsOf } from "../coverage/lines.ts";

/** Lines of a file, from 1, in order. */
export interface FileLines {
  readonly file: string;
  readonly lines: readonly number[];
}

/** The lines that a patch (`git diff -U0`) adds or changes below `src/`. */
export function linesOfPatch(patch: string): FileLines[] {
  const found = new Map<string, number[]>();
  let lines: number[] = [];
  for (const row of patch.split("\n")) {
    const file = /^\+\+\+ b\/(.*)$/.exec(row)?.[1];
    if (file !== undefined) found.set(file, lines = []);
    const [, from, count = "1"] = /^@@ \S+ \+(\d+)(?:,(\d+))? @@/.exec(row) ??
      [];
    for (let i = 0; from !== undefined && i < Number(count); i++) {
      lines.push(Number(from) + i);
    }
  }
  return [...found].filter(([file, all]) =>
    /^src\/.*\.ts$/.test(file) && all.length > 0
  ).map(([file, lines]) => ({ file, lines }));
}

/** So many of all lines, the same ones for the same seed. */
export function sampleOf(
  all: readonly FileLines[],
  count: number,
  seed: number,
): FileLines[] {
  const places = all.flatMap(({ file, lines }) =>
    lines.map((line) => ({ file, line, at: drawOf(seed, `${file}:${line}`) }))
  );
  const chosen = places.sort((a, b) => a.at - b.at).slice(0, count);
  const byFile = new Map<string, number[]>();
  for (const { file, line } of chosen) {
    byFile.set(file, [...byFile.get(file) ?? [], line]);
  }
  return [...byFile].sort(([a], [b]) => a < b ? -1 : 1).map(
    ([file, lines]) => ({ file, lines: lines.sort((a, b) => a - b) }),
  );
}

/** `src/a.ts:3-5`, as Stryker wants it. */
export function rangesOf({ file, lines }: FileLines): string[] {
  return runsOf(lines).map(([from, to]) => `${file}:${from}-${to}`);
}
