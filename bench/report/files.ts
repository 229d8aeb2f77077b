/** Result files: reading one, and finding the newest. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

/** A result file, of whichever suite. */
export interface ResultFile {
  /** Where it is. */
  readonly path: string;
  /** What the file is named before its date: `tls-idle` is a part of `tls`. */
  readonly name: string;
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
    const [name = suite] = basename(path).split(/-\d{4}-|\.json$/);
    return { path, name, suite, date, results };
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
 * The newest file of every name in a folder, by the date inside, in the order
 * of the names: of every suite, and of parts of one that were run apart.
 *
 * @throws {Error} when there is none
 */
export function newestOfEach(folder: string): ResultFile[] {
  const files = existsSync(folder) ? readdirSync(folder) : [];
  const newest = new Map<string, ResultFile>();
  for (const each of files.filter((each) => each.endsWith(".json"))) {
    const file = read(join(folder, each));
    const other = newest.get(file.name);
    if (!other || Date.parse(file.date) > Date.parse(other.date)) {
      newest.set(file.name, file);
    }
  }
  if (newest.size === 0) throw new Error(`There are no results in ${folder}`);
  return [...newest.values()].sort((a, b) => a.name < b.name ? -1 : 1);
}
