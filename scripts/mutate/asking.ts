/**
 * Which tests are asked about a change: those that run its line.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { hashOf, type Kept, readKept } from "../coverage/kept.ts";
import { filesImportedBy } from "../import_rules.ts";
import { filesUnder, root } from "../lib.ts";
import type { Mutant } from "./mutants.ts";
import { batchesOf, type Imports, testsOf } from "./tests_of.ts";

/** Which tests are asked about a change. */
export class Asking {
  readonly #tests = importsUnder("tests", "_test.ts");
  readonly #sources = importsUnder("src", ".ts");
  readonly #kept: readonly Kept[] = readKept("node26");

  /** The tests, a batch a process. */
  batchesOf({ file, from }: Mutant): string[][] {
    const near = testsOf(file, this.#tests, this.#sources);
    const about = this.#kept.filter((each) => each.files[file] !== undefined);
    const isMeasured = about.some((each) =>
      each.files[file]?.hash === hashOf(file)
    );
    if (!isMeasured) return near.length > 0 ? [near] : [];
    const covering = about.filter(({ isGreen, files }) =>
      isGreen && files[file]?.runs.some(([a, b]) => a <= from && from <= b)
    );
    return batchesOf(
      covering.flatMap(({ tests, seconds }) =>
        Object.keys(tests).map((test) => ({ test, seconds }))
      ),
      near,
    );
  }

  /** About how long they take, in seconds. */
  secondsOf(batch: readonly string[]): number {
    return this.#kept.filter(({ tests }) => batch.some((file) => file in tests))
      .reduce((sum, { seconds }) => sum + seconds, 0);
  }

  /** Tells these tests from others, and from what they were. */
  signOf(mutant: Mutant): string {
    return this.batchesOf(mutant).flat()
      .map((test) => `${test}@${hashOf(test)}`).join(" ");
  }
}

function importsUnder(folder: string, suffix: string): Imports {
  return new Map(
    filesUnder(folder, suffix).map((file) => {
      const text = readFileSync(join(root, file), "utf8");
      return [file, filesImportedBy(file, text)];
    }),
  );
}
