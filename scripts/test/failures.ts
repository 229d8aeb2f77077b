/**
 * Finds what the test runners of Deno, Bun and Node say about tests that
 * failed, so that it can be told again where a long log is cut: at its end.
 *
 * @module
 */

import { kindOf, type RuntimeName } from "../../tests/runtimes.ts";
import { plainText } from "../lib.ts";

/** More than one failure needs, less than one that prints a buffer. */
const MAX_LINES = 400;

/**
 * The lines in which a runtime's test runner reports failed tests; empty
 * where none failed. At most 400 lines.
 */
export function readFailures(runner: RuntimeName, output: string): string {
  const text = plainText(output);
  const lines = kindOf(runner) === "bun"
    ? bunFailures(text)
    : [ending(runner, text)];
  return lines.join("\n").trim().split("\n").slice(0, MAX_LINES).join("\n");
}

/** Deno and Node gather every failure at the end. */
function ending(runner: RuntimeName, text: string): string {
  if (kindOf(runner) !== "deno") return after(text, "\n✖ failing tests:\n");
  return after(text, "\n ERRORS \n").split("\n FAILURES \n")[0] ?? "";
}

function after(text: string, mark: string): string {
  const start = text.lastIndexOf(mark);
  return start < 0 ? "" : text.slice(start + mark.length);
}

/** Bun says what went wrong before it names the test. */
function bunFailures(text: string): string[] {
  const found: string[] = [];
  let report: string[] = [];
  // At the end it names the failed ones again.
  const [told = ""] = text.split(/^\d+ tests? failed:$/m);
  for (const line of told.split("\n")) {
    const verdict = /^\((pass|fail|skip|todo)\) /.exec(line)?.[1];
    if (verdict === "fail") found.push(line, ...report, "");
    if (verdict || /^\S+_test\.[tj]s:$/.test(line)) report = [];
    else report.push(line);
  }
  return found;
}
