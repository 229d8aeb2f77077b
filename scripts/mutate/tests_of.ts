/**
 * The tests that should notice a change of a file.
 *
 * @module
 */

import { posix } from "node:path";

/** Files, and what each imports. */
export type Imports = ReadonlyMap<string, readonly string[]>;

/** More than these are not nearer to it. */
const MOST = 4;

/**
 * Those of the file's own name, and those that import it; else those in the
 * folder that mirrors its own; else those that come by it over the fewest other
 * files.
 */
export function testsOf(
  file: string,
  tests: Imports,
  sources: Imports,
): string[] {
  const all = [...tests.keys()];
  const name = posix.basename(file, ".ts");
  const named = all.filter((test) => posix.basename(test, "_test.ts") === name);
  const direct = all.filter((test) => tests.get(test)?.includes(file));
  const own = [...new Set([...named, ...direct])];
  if (own.length > 0) return own.slice(0, MOST);
  const folder = posix.dirname(file).replace(/^src/, "tests");
  const beside = all.filter((test) => posix.dirname(test) === folder);
  return (beside.length > 0 ? beside : nearest(file, tests, sources))
    .slice(0, MOST);
}

/** The tests that reach the file over the fewest imports. */
function nearest(file: string, tests: Imports, sources: Imports): string[] {
  let wanted = new Set([file]);
  for (let step = 0; step < 3; step++) {
    const found = [...tests].filter(([, all]) =>
      all.some((each) => wanted.has(each))
    ).map(([test]) => test);
    if (found.length > 0) return found;
    wanted = new Set(
      [...sources].filter(([, all]) => all.some((each) => wanted.has(each)))
        .map(([source]) => source),
    );
  }
  return [];
}

/** What `npm run coverage` found of a file of tests. */
export interface Covering {
  readonly test: string;
  readonly seconds: number;
}

/** Seconds that the tests of one process take, about. */
const BATCH_SECONDS = 4;
/** More files say little that those did not. */
const MOST_SECONDS = 30;

/** The laws look at nearly everything, and are asked last. */
const LAWS = /^tests\/conformance\/(?:memory|tcp4|datagram|tls_memory)_test/;

/**
 * The tests that run a line, in the order in which they are asked, a batch a
 * process: first those that are nearest to it, then the shortest, and at last
 * the laws.
 */
export function batchesOf(
  covering: readonly Covering[],
  near: readonly string[],
): string[][] {
  const rankOf = ({ test }: Covering) =>
    near.includes(test) ? 0 : LAWS.test(test) ? 2 : 1;
  const sorted = covering.toSorted((a, b) =>
    rankOf(a) - rankOf(b) || a.seconds - b.seconds
  );
  const batches: string[][] = [];
  let inBatch = Infinity;
  let sum = 0;
  for (const each of sorted) {
    const isLast = rankOf(each) === 2;
    if (!isLast && sum + each.seconds > MOST_SECONDS) continue;
    if (inBatch + each.seconds > BATCH_SECONDS) {
      batches.push([]);
      inBatch = 0;
    }
    batches.at(-1)?.push(each.test);
    inBatch += each.seconds;
    sum += each.seconds;
  }
  return batches;
}
