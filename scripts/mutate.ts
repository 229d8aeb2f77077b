/**
 * Changes lines of `src`, one at a time, and looks whether a test notices:
 *
 *     npm run mutate                       lines changed since main
 *     npm run mutate -- --since v0.1.0     … since then
 *     npm run mutate -- --sample 300       so many lines of all, by --seed
 *     npm run mutate -- --sample 50 framing   … of files with that in their path
 *
 * Survivors are listed. One that changes nothing that can be seen belongs, with
 * the reason, into `tools/mutation/equivalent.json`; for others a test is
 * missing. Of those that are left 90 % must be noticed.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { codeLines } from "./coverage/lines.ts";
import { filesImportedBy } from "./import_rules.ts";
import { filesUnder, root, run, table } from "./lib.ts";
import {
  type FileLines,
  linesOfPatch,
  rangesOf,
  sampleOf,
} from "./mutate/lines.ts";
import { type Imports, testsOf } from "./mutate/tests_of.ts";
import { findRuntime } from "../tests/runtimes.ts";

const LEAST_PERCENT = 90;
const MOST_MS = 60 * 60_000;
const FOLDER = join(root, ".build", "mutate");
const STRYKER = join(root, "tools/mutation/node_modules/.bin/stryker");

interface Mutant {
  readonly mutatorName: string;
  readonly replacement: string;
  readonly status: string;
  readonly location: { readonly start: { readonly line: number } };
}

/** A survivor that no test can notice. */
interface Equivalent {
  readonly file: string;
  /** The line as it stands, without the space around it. */
  readonly line: string;
  readonly replacement: string;
  readonly why: string;
}

interface Outcome {
  readonly file: string;
  readonly mutant: Mutant;
  readonly text: string;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    since: { type: "string", default: "main" },
    sample: { type: "string" },
    seed: { type: "string", default: "1" },
  },
});

if (!existsSync(STRYKER)) {
  console.error("Stryker is missing: run npm ci in tools/mutation");
  process.exitCode = 2;
} else {
  await main();
}

async function main(): Promise<void> {
  const outcomes: Outcome[] = [];
  const tests = importsUnder("tests", "_test.ts");
  const sources = importsUnder("src", ".ts");
  for (const each of choose()) {
    const files = testsOf(each.file, tests, sources);
    const found = await mutate(each, files);
    outcomes.push(...found);
    const noticed = found.filter(isNoticed).length;
    const by = files.map((file) => file.replace(/^tests\//, "")).join(" ");
    console.log(`${each.file}: ${noticed} of ${found.length} by ${by}`);
  }
  report(outcomes);
}

function choose(): readonly FileLines[] {
  if (values.sample !== undefined) {
    const files = filesUnder("src").filter((file) =>
      !/mod\.ts$|tables|\/laws\//.test(file) && isAskedFor(file)
    );
    const all = files.map((file) => ({
      file,
      lines: codeLines(readFileSync(join(root, file), "utf8")),
    }));
    return sampleOf(all, Number(values.sample), Number(values.seed));
  }
  const args = ["diff", "-U0", "--no-color", values.since, "--", "src"];
  const { stdout } = spawnSync("git", args, { cwd: root, encoding: "utf8" });
  return linesOfPatch(stdout).filter(({ file }) => isAskedFor(file));
}

function isAskedFor(file: string): boolean {
  return positionals.length === 0 ||
    positionals.some((part) => file.includes(part));
}

function importsUnder(folder: string, suffix: string): Imports {
  return new Map(
    filesUnder(folder, suffix).map((file) => {
      const text = readFileSync(join(root, file), "utf8");
      return [file, filesImportedBy(file, text)];
    }),
  );
}

async function mutate(
  lines: FileLines,
  tests: readonly string[],
): Promise<Outcome[]> {
  if (tests.length === 0) return [];
  const node = findRuntime("node26");
  if (typeof node === "string") throw new Error(node);
  mkdirSync(FOLDER, { recursive: true });
  const fileName = join(FOLDER, "mutation.json");
  const config = {
    testRunner: "command",
    commandRunner: {
      // Fewer runs of what is tried at random: many mutants, one machine.
      command: `ANYSOCK_QUICK=1 ${node.command} --test-reporter=dot ` +
        `scripts/test/all_in_one.ts ${tests.join(" ")}`,
    },
    mutate: rangesOf(lines),
    reporters: ["json"],
    jsonReporter: { fileName },
    plugins: [],
    concurrency: 1,
    timeoutMS: 30_000,
    buildCommand: `${node.command} scripts/mutate/link.mjs ${root}`,
    symlinkNodeModules: false,
    tempDirName: ".build/mutate/sandbox",
    ignorePatterns: ["npm", ".build", "bench", "coverage"],
    // Object texts of messages are no behaviour.
    mutator: { excludedMutations: ["StringLiteral", "ObjectLiteral"] },
    checkers: [],
    disableTypeChecks: false,
  };
  const path = join(FOLDER, "stryker.json");
  writeFileSync(path, JSON.stringify(config, undefined, 2));
  const { code, output } = await run(STRYKER, ["run", path], {
    timeoutMs: MOST_MS,
  });
  if (code !== 0) throw new Error(`Stryker of ${lines.file}:\n${output}`);
  const text = readFileSync(join(root, lines.file), "utf8").split("\n");
  const { files } = JSON.parse(readFileSync(fileName, "utf8"));
  const mutants = (files[lines.file]?.mutants ?? []) as readonly Mutant[];
  // What is excluded above is told all the same, as ignored.
  return mutants.filter(({ status }) => status !== "Ignored").map((mutant) => ({
    file: lines.file,
    mutant,
    text: (text[mutant.location.start.line - 1] ?? "").trim(),
  }));
}

function isNoticed({ mutant }: Outcome): boolean {
  return /^(Killed|Timeout|RuntimeError|CompileError)$/.test(mutant.status);
}

function equivalents(): readonly Equivalent[] {
  const path = join(root, "tools/mutation/equivalent.json");
  return JSON.parse(readFileSync(path, "utf8"));
}

function report(outcomes: readonly Outcome[]): void {
  const known = equivalents();
  const isKnown = ({ file, text, mutant }: Outcome) =>
    known.some((each) =>
      each.file === file && each.line === text &&
      each.replacement === mutant.replacement
    );
  const counted = outcomes.filter((each) => !isKnown(each));
  const left = counted.filter((each) => !isNoticed(each));
  for (const { file, mutant, text } of left) {
    const { start } = mutant.location;
    console.log(`\n${file}:${start.line}  ${mutant.mutatorName}`);
    console.log(`  - ${text}\n  + ${mutant.replacement}`);
  }
  const percent = counted.length === 0
    ? 100
    : 100 * (counted.length - left.length) / counted.length;
  const rows = [
    ["mutants", "noticed", "equivalent", "survived", "%"],
    [
      `${outcomes.length}`,
      `${counted.length - left.length}`,
      `${outcomes.length - counted.length}`,
      `${left.length}`,
      percent.toFixed(1),
    ],
  ];
  console.log(`\n${table(rows)}`);
  if (percent < LEAST_PERCENT) process.exitCode = 1;
}
