/**
 * Reads how many tests passed, failed and were skipped from what the test
 * runners of Deno, Bun and Node print.
 *
 * @module
 */

import { kindOf, type RuntimeName } from "../../tests/runtimes.ts";
import { plainText } from "../lib.ts";

/** How a test run went. */
export interface Counts {
  /** Tests that passed. */
  readonly passed: number;
  /** Tests that failed or were cancelled. */
  readonly failed: number;
  /** Tests that were skipped. */
  readonly skipped: number;
}

/**
 * The counts of one run of a runtime's test runner, or `undefined` where the
 * output has none.
 */
export function readCounts(
  runner: RuntimeName,
  output: string,
): Counts | undefined {
  const text = plainText(output);
  const kind = kindOf(runner);
  if (kind === "deno") return readDeno(text);
  return kind === "bun" ? readBun(text) : readNode(text);
}

/** The counts of all together. */
export function sumOf(all: readonly Counts[]): Counts {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const counts of all) {
    sum.passed += counts.passed;
    sum.failed += counts.failed;
    sum.skipped += counts.skipped;
  }
  return sum;
}

/** `ok | 3 passed (2 steps) | 0 failed | 1 ignored | 0 filtered out (5ms)` */
function readDeno(text: string): Counts | undefined {
  const line = last(
    text,
    /^(?:ok|FAILED) \| (\d+) passed(?: \(.*?\))? \| (\d+) failed(.*)$/gm,
  );
  if (!line) return undefined;
  const ignored = /\| (\d+) ignored/.exec(line[3] ?? "")?.[1];
  return counts(line[1], line[2], ignored);
}

/** A block of lines such as `ℹ pass 3` (spec) or `# pass 3` (tap). */
function readNode(text: string): Counts | undefined {
  const of = (word: string) =>
    last(text, new RegExp(`^(?:ℹ|#) ${word} (\\d+)$`, "gm"))?.[1];
  if (of("pass") === undefined) return undefined;
  const failed = Number(of("fail")) + Number(of("cancelled") ?? 0);
  return counts(of("pass"), `${failed}`, of("skipped"));
}

/** A block of lines such as ` 3 pass`, ` 1 skip`, ` 0 fail`, ` 1 error`. */
function readBun(text: string): Counts | undefined {
  const of = (word: string) =>
    last(text, new RegExp(`^ *(\\d+) ${word}$`, "gm"))?.[1];
  if (of("pass") === undefined || of("fail") === undefined) return undefined;
  const failed = Number(of("fail")) + Number(of("errors?") ?? 0);
  return counts(of("pass"), `${failed}`, of("skip"));
}

function last(text: string, pattern: RegExp): RegExpMatchArray | undefined {
  return [...text.matchAll(pattern)].at(-1);
}

function counts(
  passed: string | undefined,
  failed: string | undefined,
  skipped: string | undefined,
): Counts {
  return {
    passed: Number(passed),
    failed: Number(failed),
    skipped: Number(skipped ?? 0),
  };
}
