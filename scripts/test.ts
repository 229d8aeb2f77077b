/**
 * Runs the tests: `node scripts/run.mjs test [runtime…] [part of a path…]`.
 * Without a runtime it runs them on all four, one after the other. At the end
 * it tells every failure again, and the last line is the sum: `N passed, N
 * failed, N skipped`.
 *
 * @module
 */

import { join } from "node:path";
import {
  findRuntime,
  type FoundRuntime,
  type RuntimeName,
  RUNTIMES,
} from "../tests/runtimes.ts";
import { compile } from "./compile.ts";
import { type Counts, readCounts } from "./counts.ts";
import { readFailures } from "./failures.ts";
import { filesUnder, run, table } from "./lib.ts";

/** Longer than any honest run; a watchdog inside ends single tests earlier. */
const RUN_TIMEOUT_MS = 20 * 60_000;

const args = process.argv.slice(2);
const named = RUNTIMES.filter((name) => args.includes(name));
const parts = args.filter((arg) => !RUNTIMES.includes(arg as RuntimeName));
const files = filesUnder("tests", "_test.ts")
  .filter((file) =>
    parts.length === 0 || parts.some((part) => file.includes(part))
  );

// Node 20 runs what tsc made, also as the child of a test on another runtime.
const complaints = await compile();
if (complaints) console.log(complaints);
const rows: string[][] = [["runtime", "passed", "failed", "skipped", "s"]];
const failures: string[] = [];
const sum = { passed: 0, failed: 0, skipped: 0 };
for (const name of named.length > 0 ? named : RUNTIMES) {
  const start = performance.now();
  const counts = await runOn(name);
  for (const key of ["passed", "failed", "skipped"] as const) {
    sum[key] += counts[key];
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const { passed, failed, skipped } = counts;
  rows.push([name, `${passed}`, `${failed}`, `${skipped}`, seconds]);
}
for (const each of failures) console.log(`\n${each}\n--- end`);
console.log(`\n${table(rows)}`);
console.log(
  `${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`,
);
if (sum.failed > 0 || sum.passed === 0) process.exitCode = 1;

async function runOn(name: RuntimeName): Promise<Counts> {
  console.log(`\n=== ${name}: ${files.length} files`);
  if (files.length === 0) return failure("no test file matches");
  const runtime = findRuntime(name);
  if (typeof runtime === "string") return failure(runtime);
  const { code, output } = await run(
    runtime.command,
    testArguments(runtime),
    { echo: true, env: { NO_COLOR: "1" }, timeoutMs: RUN_TIMEOUT_MS },
  );
  const counts = readCounts(name, output);
  const report = readFailures(name, output);
  if (report !== "") failures.push(`--- failed on ${name}\n${report}`);
  if (!counts) return failure(`${name} said no counts`);
  // Whatever a runner calls it: a red exit is at least one failure, and a run
  // of nothing proves nothing.
  const red = code !== 0 || counts.passed + counts.failed === 0 ||
    (complaints !== "" && !runtime.runsTypeScript);
  return red && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

function failure(reason: string): Counts {
  console.log(`FAILED: ${reason}`);
  return { passed: 0, failed: 1, skipped: 0 };
}

function testArguments(runtime: FoundRuntime): string[] {
  if (runtime.name === "deno") {
    return ["test", "-P", "--no-check", ...files];
  }
  if (runtime.name === "bun") {
    return ["test", ...files.map((file) => `./${file}`)];
  }
  const paths = runtime.runsTypeScript ? files : files.map(builtPath);
  return ["--test", "--test-reporter=spec", "--enable-source-maps", ...paths];
}

function builtPath(file: string): string {
  return join(".build", file.replace(/\.ts$/, ".js"));
}
