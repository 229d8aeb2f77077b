/**
 * How long the tests of each file took: the harness notes it, a line a test,
 * in a file that the environment names.
 *
 * @module
 */

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { table } from "../lib.ts";

/** The times of one suite, while it runs and afterwards. */
export class Times {
  readonly #folder: string = mkdtempSync(join(tmpdir(), "anysock-times-"));
  readonly #path: string = join(this.#folder, "times");

  /** What makes the harness of a test run note its times. */
  get env(): Record<string, string> {
    return { ANYSOCK_TIMES: this.#path };
  }

  /** Gives the seconds that the tests of each file took, and forgets them. */
  end(): ReadonlyMap<string, number> {
    const notes = existsSync(this.#path)
      ? readFileSync(this.#path, "utf8")
      : "";
    rmSync(this.#folder, { recursive: true, force: true });
    return readTimes(notes);
  }
}

/** The seconds of each file, from lines of milliseconds and a path. */
export function readTimes(notes: string): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const [, ms, path = ""] of notes.matchAll(/^(\S+) (.*)$/gm)) {
    // Node 20 runs what was compiled.
    const file = path.replace(/^.*\btests\//, "tests/").replace(/\.js$/, ".ts");
    times.set(file, (times.get(file) ?? 0) + Number(ms) / 1000);
  }
  return times;
}

/** What a suite's times belong to. */
export interface TimedSuite {
  /** The runtime's name. */
  readonly runtime: string;
  /** The seconds that the tests of each file took. */
  readonly times: ReadonlyMap<string, number>;
}

/** The files that took longest on all runtimes together, at most `count`. */
export function slowest(suites: readonly TimedSuite[], count: number): string {
  const all = new Set(suites.flatMap(({ times }) => [...times.keys()]));
  const rows = [...all].map((file) => {
    const each = suites.map(({ times }) => times.get(file) ?? 0);
    return { file, each, sum: each.reduce((a, b) => a + b, 0) };
  });
  rows.sort((a, b) => b.sum - a.sum);
  return table([
    [...suites.map(({ runtime }) => runtime), "seconds in the tests of"],
    ...rows.slice(0, count).map(({ file, each }) => [
      ...each.map((seconds) => seconds > 0 ? seconds.toFixed(1) : ""),
      file,
    ]),
  ]);
}
