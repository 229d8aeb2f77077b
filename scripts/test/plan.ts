/**
 * Which files run on which runtime.
 *
 * @module
 */

import { kindOf, OLDEST, type RuntimeName } from "../../tests/runtimes.ts";
import type { TestOptions } from "./options.ts";
import { startsPrograms } from "./programs.ts";

/** All that one runtime runs. */
export interface Suite {
  /** The runtime. */
  readonly runtime: RuntimeName;
  /** The test files, by their paths from the repository's root. */
  readonly files: readonly string[];
}

/**
 * What comes out the same whatever runtime runs the tests: programs that run
 * on Node 26 alone, children whose runtimes the tests name themselves, other
 * kinds of memory than that of every runtime and other seeds, workers that are
 * none, and who breaks laws.
 */
const ONCE: readonly RegExp[] = [
  /^tests\/bench\//,
  /^tests\/documents\/(porting_page|security)_test/,
  /^tests\/cli\/(figures|shells)_test/,
  /^tests\/conformance\/(memory_(datagram|kinds)|simulation_seeds|tls_below)_test/,
  /^tests\/scripts\//,
  /^tests\/server\/workers\/supervision_test/,
  /^tests\/shm\/saboteurs_test/,
  /^tests\/(names|socket)\/permissions_test/,
  /^tests\/testing\/(pipe_laws|saboteurs)_test/,
];

/**
 * What a network in memory has but the language is its own, alike everywhere:
 * one runtime of each engine runs it. The oldest runtimes run it, too.
 */
const ONCE_AN_ENGINE: readonly RegExp[] = [
  /^tests\/conformance\/(memory|simulation)_test/,
];

/** What the oldest runtimes run. */
const ON_OLDEST: readonly RegExp[] = [
  /^tests\/conformance\/(memory|tcp4)_test/,
  /^tests\/examples\//,
];

/** What never asks a runtime for anything: `--quick` runs it once. */
const PURE: readonly RegExp[] = [
  /^tests\/(byteorder|ground|simulation)\//,
  /^tests\/testing\/(?!pipes|proxy)/,
  /^tests\/framing\/(?!sockets_test)/,
  /^tests\/names\/(alias|services)_test/,
  /^tests\/polling\/(clock|seeds)_test/,
  /^tests\/server\/proxy\/(parse|encode)_test/,
  /^tests\/tls\/(?!talk)/,
];

/** What `--quick` runs once, though it asks each runtime for something. */
const QUICKLY_ONCE: readonly RegExp[] = [
  /^tests\/conformance\/(simulation|tls_memory)_test/,
  /^tests\/documents\/server_page_test/,
  /^tests\/socket\/stream\/histories_test/,
];

/**
 * What `--quick` leaves out besides tests that start programs: kernels asked in
 * more ways than one, and laws of laws.
 */
const SLOW: readonly RegExp[] = [
  /^tests\/conformance\/(abstract|memory_\w+|simulation_seeds|tcp6|tls|tls_below|tls_native|unix)_test/,
  /^tests\/server\/workers\/workers_test/,
  /^tests\/shm\/(deaths|saboteurs)_test/,
  /^tests\/testing\/(pipe_laws|saboteurs)_test/,
  /^tests\/tls\/(outside|roots|truncation)_test/,
];

/** The driver over `node:net`, which `--quick` tests on Node only. */
const NODE_DRIVER = /^tests\/runtime\/node_driver/;

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
    .filter((file) => !isQuick || !isSlow(file));
  const host = runtimes.includes("node26") ? "node26" : runtimes[0];
  const suites = runtimes.map((runtime) => ({
    runtime,
    files: files.filter((file) => {
      if (OLDEST.includes(runtime)) return matches(ON_OLDEST, file);
      const isForNode = isQuick && NODE_DRIVER.test(file);
      if (isForNode && kindOf(runtime) !== "node") return false;
      if (runtime === host) return true;
      if (runsOnce(file, isQuick)) return false;
      return !matches(ONCE_AN_ENGINE, file) || differ(runtime, host);
    }),
  })).filter((suite) => suite.files.length > 0);
  if (suites.length === 0) throw new RangeError("That leaves no test to run");
  return suites;
}

/** Bun runs on JavaScriptCore, all others on V8. */
function differ(runtime: RuntimeName, host?: RuntimeName): boolean {
  return (runtime === "bun") !== (host === "bun");
}

/** Whether a test file runs on one runtime only, of all or of a quick run. */
export function runsOnce(file: string, isQuick = false): boolean {
  return matches(ONCE, file) ||
    (isQuick && (matches(PURE, file) || matches(QUICKLY_ONCE, file)));
}

function isSlow(file: string): boolean {
  return matches(SLOW, file) || startsPrograms(file);
}

function matches(patterns: readonly RegExp[], file: string): boolean {
  return patterns.some((pattern) => pattern.test(file));
}
