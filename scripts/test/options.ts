/**
 * What `npm test` is asked on its command line.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { OLDEST, type RuntimeName, RUNTIMES } from "../../tests/runtimes.ts";

/** Every runtime there is, those that run everything first. */
const ALL: readonly RuntimeName[] = [...RUNTIMES, ...OLDEST];

/** What to run, and how to show it. */
export interface TestOptions {
  /** On which runtimes. */
  readonly runtimes: readonly RuntimeName[];
  /** Parts of paths: files that have none of them stay out; none is all. */
  readonly parts: readonly string[];
  /** Leaves out what takes long. */
  readonly isQuick: boolean;
  /** Shows every line that the runtimes' test runners print. */
  readonly isVerbose: boolean;
  /** Tells how long each file took, and not only the slowest. */
  readonly showsTimes: boolean;
  /** How many processes of test runners run at a time. */
  readonly jobs: number;
}

/** The text of `--help`. */
export const HELP: string = `Usage: npm test -- [options] [part of a path…]

Runs the tests on every runtime, five processes of test runners at a time,
the longest files first. Parts of paths choose among the files:
\`npm test -- --runtime bun framing polling\` runs those whose path contains
"framing" or "polling", on Bun. The oldest runtimes, where they are named, run
each law once over TCP and memory, and the examples.

  --runtime NAME  only on this runtime; may be given several times
                  (${RUNTIMES.join(", ")};
                  the oldest: ${OLDEST.join(", ")})
  --quick         each law once over TCP (UDP) on IPv4, and over memory on one
                  runtime of each engine; TLS over memory, simulations, and
                  tests of what needs no runtime, on one of them only. Leaves
                  out whatever starts a program (examples, foreign programs and
                  peers, benchmarks, the matrix), IPv6, Unix sockets, TLS over
                  TCP and natively, usePosix, node:net of Deno and Bun, and the
                  laws of laws. For every change, not for a release
  --jobs N        so many processes of test runners at a time, default 5
  --times         how long the tests of each file took, and how much of a
                  processor; otherwise the ten slowest are told
  --verbose       every line that the test runners print. Otherwise tests that
                  pass are only counted where several runtimes run
  --help          this text

A name of a runtime among the parts chooses that runtime, too. Files that come
out the same whatever runs them run once, on Node 26 if it is chosen. The last
line is the sum: N passed, N failed, N skipped. The exit code is 1 if anything
failed, 2 if an option is wrong.`;

/**
 * Reads the command line; `undefined` when it asks for help.
 *
 * @throws {TypeError} an option is unknown
 * @throws {RangeError} a runtime is unknown, or `--jobs` is no positive number
 */
export function readOptions(args: readonly string[]): TestOptions | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      runtime: { type: "string", multiple: true, default: [] },
      quick: { type: "boolean", default: false },
      jobs: { type: "string" },
      times: { type: "boolean", default: false },
      verbose: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const unknown = values.runtime.find((name) => !isRuntime(name));
  if (unknown !== undefined) {
    throw new RangeError(
      `There is no runtime "${unknown}"; there is ${ALL.join(", ")}`,
    );
  }
  const { quick: isQuick, jobs = "5" } = values;
  if (!/^[1-9]\d*$/.test(jobs)) {
    throw new RangeError(`--jobs is a positive number, not "${jobs}"`);
  }
  const named = new Set([...values.runtime, ...positionals.filter(isRuntime)]);
  return {
    runtimes: named.size > 0 ? ALL.filter((name) => named.has(name)) : RUNTIMES,
    parts: positionals.filter((part) => !isRuntime(part)),
    isQuick,
    isVerbose: values.verbose,
    showsTimes: values.times,
    jobs: Number(jobs),
  };
}

function isRuntime(name: string): name is RuntimeName {
  return ALL.some((each) => each === name);
}
