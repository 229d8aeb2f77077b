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
