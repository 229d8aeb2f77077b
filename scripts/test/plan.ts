/**
 * Which files run on which runtime.
 *
 * @module
 */

import { OLDEST, type RuntimeName } from "../../tests/runtimes.ts";
import type { TestOptions } from "./options.ts";

/** The files of one run of one runtime's test runner. */
export interface Suite {
  /** The runtime. */
  readonly runtime: RuntimeName;
  /** The test files, by their paths from the repository's root. */
  readonly files: readonly string[];
}

/**
 * What comes out the same whatever runtime runs the tests: programs that run
 * on Node 26 alone, and children whose runtimes the tests name themselves.
 */
const ONCE: readonly RegExp[] = [
  /^tests\/bench\//,
  /^tests\/scripts\//,
  /^tests\/(names|socket)\/permissions_test/,
];

/** What the oldest runtimes run. */
const ON_OLDEST: readonly RegExp[] = [
  /^tests\/conformance\/(memory|tcp4)_test/,
  /^tests\/examples\//,
];

/** What `--quick` leaves out. */
const SLOW: readonly RegExp[] = [
  /^tests\/bench\//,
  /^tests\/conformance\/(abstract|tcp6|unix)_test/,
  /^tests\/datagram\/(native_deno|strangers)_test/,
  /^tests\/framing\/servers_test/,
  /^tests\/scripts\/matrix_test/,
  /^tests\/socket\/permissions_test/,
  /^tests\/strangers\//,
];

/**
 * Chooses among all test files, and gives each to its runtimes.
 *
 * @throws {RangeError} if a part of a path is a part of none, or if nothing
 *   is left to run
 */
export function plan(
  all: readonly string[],
  { runtimes, parts, isQuick }: TestOptions,
): Suite[] {
  for (const part of parts) {
    if (all.some((file) => file.includes(part))) continue;
    throw new RangeError(`No test file has "${part}" in its path`);
  }
  const files = all
    .filter((file) => parts.length === 0 || parts.some((p) => file.includes(p)))
    .filter((file) => !isQuick || !matches(SLOW, file));
  const host = runtimes.includes("node26") ? "node26" : runtimes[0];
  const suites = runtimes.map((runtime) => ({
    runtime,
    files: files.filter((file) =>
      OLDEST.includes(runtime)
        ? matches(ON_OLDEST, file)
        : runtime === host || !runsOnce(file)
    ),
  })).filter((suite) => suite.files.length > 0);
  if (suites.length === 0) throw new RangeError("That leaves no test to run");
  return suites;
}

/** Whether a test file runs on one runtime only. */
export function runsOnce(file: string): boolean {
  return matches(ONCE, file);
}

function matches(patterns: readonly RegExp[], file: string): boolean {
  return patterns.some((pattern) => pattern.test(file));
}
