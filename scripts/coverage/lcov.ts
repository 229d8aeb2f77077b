/**
 * What Deno and Bun say of which lines ran, in the format of lcov.
 *
 * @module
 */

import { isAbsolute, join, relative } from "node:path";
import type { Hits } from "./lines.ts";

/** The lines that ran, by file from `root`. */
export function readLcov(text: string, root: string): Hits {
  const hits: Hits = new Map();
  let lines = new Set<number>();
  for (const row of text.split("\n")) {
    const source = /^SF:(.*)$/.exec(row)?.[1];
    if (source !== undefined) {
      const path = isAbsolute(source) ? source : join(root, source);
      lines = new Set();
      hits.set(relative(root, path), lines);
      continue;
    }
    const [, line, count] = /^DA:(\d+),(\d+)/.exec(row) ?? [];
    if (line !== undefined && count !== "0") lines.add(Number(line));
  }
  return hits;
}
