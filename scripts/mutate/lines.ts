/**
 * Which lines a change touches.
 *
 * @module
 */

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
