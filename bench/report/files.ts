/** Result files: reading one, and finding the newest. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A result file, of whichever suite. */
export interface ResultFile {
  /** Where it is. */
  readonly path: string;
  /** The suite that wrote it. */
  readonly suite: string;
  /** When that ran, ISO 8601. */
  readonly date: string;
  /** All of it; its shape is the suite's. */
  readonly results: unknown;
}

/**
 * Reads a result file.
 *
 * @throws {TypeError} when it was not written by a suite
 */
export function read(path: string): ResultFile {
  const text = readFileSync(path, "utf8");
  const results = parse(path, text) as Partial<ResultFile> | null;
  const { suite, date } = results ?? {};
  if (typeof suite === "string" && typeof date === "string") {
    return { path, suite, date, results };
  }
  throw new TypeError(`${path} tells no suite and date: no suite wrote it`);
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new TypeError(`${path} is not JSON: ${(error as Error).message}`);
  }
}

/**
 * The newest file of every suite in a folder, by the date inside, in the
 * order of the suites' names.
 *
 * @throws {Error} when there is none
 */
export function newestOfEach(folder: string): ResultFile[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const newest = new Map<string, ResultFile>();
  for (const name of names.filter((each) => each.endsWith(".json"))) {
    const file = read(join(folder, name));
    const other = newest.get(file.suite);
    if (!other || Date.parse(file.date) > Date.parse(other.date)) {
      newest.set(file.suite, file);
    }
  }
  if (newest.size === 0) throw new Error(`There are no results in ${folder}`);
  return [...newest.values()].sort((a, b) => a.suite < b.suite ? -1 : 1);
}
