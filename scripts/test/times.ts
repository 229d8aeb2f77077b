/**
 * How long the tests of each file took, and how much of a processor: the
 * harness notes it, a line a test, in a file that the environment names.
 *
 * @module
 */

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { table } from "../lib.ts";

/** What the tests of a file took. */
export interface Spent {
  /** Seconds from their beginnings to their ends. */
  readonly seconds: number;
  /** Seconds of processors in the process of the tests, not in its children. */
  readonly cpuSeconds: number;
}

/** The times of one suite, while it runs and afterwards. */
export class Times {
  readonly #folder: string = mkdtempSync(join(tmpdir(), "anysock-times-"));
  readonly #path: string = join(this.#folder, "times");

  /** What makes the harness of a test run note its times. */
  get env(): Record<string, string> {
    return { ANYSOCK_TIMES: this.#path };
  }

  /** Gives what the tests of each file took, and forgets it. */
  end(): ReadonlyMap<string, Spent> {
    const notes = existsSync(this.#path)
      ? readFileSync(this.#path, "utf8")
      : "";
    rmSync(this.#folder, { recursive: true, force: true });
    return readTimes(notes);
  }
}

/** What each file took, from lines of milliseconds, twice, path and name. */
export function readTimes(notes: string): ReadonlyMap<string, Spent> {
  const times = new Map<string, Spent>();
  for (const line of notes.split("\n").filter((each) => each !== "")) {
    const [ms, cpuMs, path = ""] = line.split("\t");
    // Node 20 runs what was compiled.
    const file = path.replace(/^.*\btests\//, "tests/").replace(/\.js$/, ".ts");
    const before = times.get(file) ?? NOTHING;
    times.set(file, {
      seconds: before.seconds + Number(ms) / 1000,
      cpuSeconds: before.cpuSeconds + Number(cpuMs) / 1000,
    });
  }
  return times;
}

const NOTHING: Spent = { seconds: 0, cpuSeconds: 0 };

/** What a suite's times belong to. */
export interface TimedSuite {
  /** The runtime's name. */
  readonly runtime: string;
  /** What the tests of each file took. */
  readonly times: ReadonlyMap<string, Spent>;
}

/** The files that took longest on all runtimes together, at most `count`. */
export function slowest(suites: readonly TimedSuite[], count: number): string {
  const all = new Set(suites.flatMap(({ times }) => [...times.keys()]));
  const rows = [...all].map((file) => {
    const each = suites.map(({ times }) => times.get(file) ?? NOTHING);
    return {
      file,
      each,
      sum: each.reduce((sum, { seconds }) => sum + seconds, 0),
    };
  });
  rows.sort((a, b) => b.sum - a.sum);
  return table([
    [
      ...suites.map(({ runtime }) => runtime),
      "seconds (of CPU) in the tests of",
    ],
    ...rows.slice(0, count).map(({ file, each }) => [...each.map(cell), file]),
  ]);
}

function cell({ seconds, cpuSeconds }: Spent): string {
  if (seconds === 0) return "";
  return `${seconds.toFixed(1)} (${cpuSeconds.toFixed(1)})`;
}
