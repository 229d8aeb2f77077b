/**
 * Runs one runtime's test runner over the files of its suite.
 *
 * @module
 */

import { join } from "node:path";
import {
  findRuntime,
  type FoundRuntime,
  kindOf,
  OLDEST,
} from "../../tests/runtimes.ts";
import { run } from "../lib.ts";
import { type Counts, readCounts } from "./counts.ts";
import { readFailures } from "./failures.ts";
import type { Suite } from "./plan.ts";
import type { Transcript } from "./transcript.ts";

/** Longer than any honest run; a watchdog inside ends single tests earlier. */
const RUN_TIMEOUT_MS = 20 * 60_000;

/** How a suite went. */
export interface SuiteResult {
  /** Its counts; whatever else went wrong is one failure more. */
  readonly counts: Counts;
  /** What its runner says of failures; empty if none. */
  readonly failures: string;
  /** How long it took. */
  readonly seconds: number;
}

/** Runs a suite to its end; `env` is added to the environment. */
export async function runSuite(
  { runtime: name, files }: Suite,
  transcript: Transcript,
  env: Readonly<Record<string, string>>,
): Promise<SuiteResult> {
  const start = performance.now();
  const runtime = findRuntime(name);
  if (typeof runtime === "string") {
    if (!OLDEST.includes(name)) return failed(runtime, start);
    transcript.reasons.set(runtime, files.length);
    const counts = { passed: 0, failed: 0, skipped: files.length };
    return { counts, failures: "", seconds: 0 };
  }
  const args = testArguments(runtime, files);
  const { code, output } = await run(runtime.command, args, {
    env: { NO_COLOR: "1", ...env },
    onText: (text) => transcript.write(text),
    timeoutMs: RUN_TIMEOUT_MS,
  });
  transcript.end();
  const counts = readCounts(name, output);
  const failures = readFailures(name, output);
  if (!counts) {
    const ending = output.trimEnd().split("\n").slice(-20).join("\n");
    return failed(`${name} said no counts, but:\n${ending}`, start);
  }
  // A run of nothing proves nothing.
  if (counts.passed + counts.failed === 0) {
    return failed(`${name} ran no test`, start);
  }
  if (code === 0 || counts.failed > 0) {
    return { counts, failures, seconds: since(start) };
  }
  // Whatever its runner calls it: a red exit is at least one failure.
  const reason = `${name} ended with ${code}`;
  return {
    counts: { ...counts, failed: 1 },
    failures: `${reason}\n${failures}`,
    seconds: since(start),
  };
}

function failed(reason: string, start: number): SuiteResult {
  const counts = { passed: 0, failed: 1, skipped: 0 };
  return { counts, failures: reason, seconds: since(start) };
}

function since(start: number): number {
  return (performance.now() - start) / 1000;
}

function testArguments(
  runtime: FoundRuntime,
  files: readonly string[],
): string[] {
  if (runtime.name === "deno2.0") {
    // It knows no permissions in deno.json, and refuses a file that has them.
    return ["test", "--no-config", "--allow-all", "--no-check", ...files];
  }
  if (runtime.name === "deno") {
    return ["test", "-P", "--no-check", ...files];
  }
  if (kindOf(runtime.name) === "bun") {
    return ["test", ...files.map((file) => `./${file}`)];
  }
  const paths = runtime.runsTypeScript ? files : files.map(builtPath);
  return ["--test", "--test-reporter=spec", "--enable-source-maps", ...paths];
}

function builtPath(file: string): string {
  return join(".build", file.replace(/\.ts$/, ".js"));
}
