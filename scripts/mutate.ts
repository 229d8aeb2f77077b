/**
 * Changes lines of `src`, one at a time, and looks whether a test notices:
 *
 *     npm run mutate                       lines changed since main
 *     npm run mutate -- --since v0.1.0     … since then
 *     npm run mutate -- --sample 400       so many changes of all, by --seed
 *     npm run mutate -- --sample 50 framing   … of files with that in their path
 *     npm run mutate -- --keep …           goes on where an earlier run stopped
 *
 * The tests run on Node 26: what Node cannot reach is not mutated. Which tests
 * run a line tells `npm run coverage -- --runtime node26`, as far as it has been
 * run; of a file that it says nothing of, the tests nearest to it are asked.
 *
 * Survivors are listed. One that changes nothing that can be seen belongs, with
 * the reason, into `tools/mutation/equivalent.json`; for others a test is
 * missing. Of those that are left 90 % must be noticed.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { canReach } from "./coverage/reach.ts";
import { filesUnder, inTurn, root, table } from "./lib.ts";
import { Asking } from "./mutate/asking.ts";
import { linesOfPatch } from "./mutate/lines.ts";
import {
  canMutate,
  type Mutant,
  mutantsOf,
  sampleOf,
} from "./mutate/mutants.ts";
import {
  forgetOutcomes,
  isNoticed,
  keepOutcome,
  type Outcome,
  readOutcomes,
} from "./mutate/outcomes.ts";
import { Sandbox } from "./mutate/sandbox.ts";

const LEAST_PERCENT = 90;

/** A survivor that no test can notice. */
interface Equivalent {
  readonly file: string;
  /** The line as it stands, without the space around it. */
  readonly line: string;
  readonly replacement: string;
  readonly why: string;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    since: { type: "string", default: "main" },
    sample: { type: "string" },
    seed: { type: "string", default: "1" },
    jobs: { type: "string", default: "1" },
    keep: { type: "boolean", default: false },
  },
});

if (!canMutate()) {
  console.error("Stryker is missing: run npm ci in tools/mutation");
  process.exitCode = 2;
} else {
  await main();
}

async function main(): Promise<void> {
  if (!values.keep) forgetOutcomes();
  const mutants = await choose();
  const ask = new Asking();
  const known = readOutcomes();
  const left = mutants.filter((mutant) => {
    const before = known.get(mutant.key);
    if (before === undefined) return true;
    return !isNoticed(before) && before.asked !== ask.signOf(mutant);
  });
  console.log(`${mutants.length} changes, of which ${left.length} are tried`);
  const sandboxes = Array.from(
    { length: Number(values.jobs) },
    (_, i) => new Sandbox(`sandbox${i}`),
  );
  let done = 0;
  await inTurn(sandboxes.length, left, async (mutant) => {
    const sandbox = sandboxes.pop() as Sandbox;
    const outcome = await tried(mutant, sandbox, ask);
    sandboxes.push(sandbox);
    keepOutcome(outcome);
    known.set(mutant.key, outcome);
    const where = `${mutant.file}:${mutant.from} ${mutant.name}`;
    console.log(`${++done}/${left.length} ${outcome.fate} ${where}`);
  });
  report(mutants, known);
}

async function choose(): Promise<Mutant[]> {
  if (values.sample !== undefined) {
    const files = filesUnder("src").filter((file) =>
      !/mod\.ts$|tables|\/laws\//.test(file) && canReach("node26", file) &&
      isAskedFor(file)
    );
    const all = await mutantsOf(files);
    return sampleOf(all, Number(values.sample), Number(values.seed));
  }
  const args = ["diff", "-U0", "--no-color", values.since, "--", "src"];
  const { stdout } = spawnSync("git", args, { cwd: root, encoding: "utf8" });
  const changed = linesOfPatch(stdout).filter(({ file }) => isAskedFor(file));
  const all = await mutantsOf(changed.map(({ file }) => file));
  return all.filter(({ file, from, to }) =>
    changed.some((each) =>
      each.file === file &&
      each.lines.some((line) => from <= line && line <= to)
    )
  );
}

function isAskedFor(file: string): boolean {
  return positionals.length === 0 ||
    positionals.some((part) => file.includes(part));
}

async function tried(
  mutant: Mutant,
  sandbox: Sandbox,
  ask: Asking,
): Promise<Outcome> {
  const { key } = mutant;
  const batches = ask.batchesOf(mutant);
  if (batches.length === 0) {
    return { key, fate: "uncovered", by: "", asked: "" };
  }
  const timed = batches.map((files) => ({
    files,
    seconds: ask.secondsOf(files),
  }));
  const { fate, by } = await sandbox.try(mutant, timed);
  return { key, fate, by, asked: ask.signOf(mutant) };
}

function equivalents(): readonly Equivalent[] {
  const path = join(root, "tools/mutation/equivalent.json");
  return JSON.parse(readFileSync(path, "utf8"));
}

function report(
  mutants: readonly Mutant[],
  outcomes: ReadonlyMap<string, Outcome>,
): void {
  const known = equivalents();
  const noticed = mutants.filter(({ key }) =>
    isNoticed(outcomes.get(key) as Outcome)
  );
  const others = mutants.filter((mutant) => !noticed.includes(mutant));
  const left = others.filter(({ file, line, replacement }) =>
    !known.some((each) =>
      each.file === file && each.line === line &&
      each.replacement === replacement
    )
  );
  for (const { file, from, name, key, original, replacement } of left) {
    console.log(`\n${file}:${from}  ${name}  ${outcomes.get(key)?.fate}`);
    console.log(`  - ${original}\n  + ${replacement}`);
  }
  const counted = noticed.length + left.length;
  const percent = counted === 0 ? 100 : 100 * noticed.length / counted;
  const rows = [
    ["mutants", "noticed", "equivalent", "survived", "%"],
    [
      `${mutants.length}`,
      `${noticed.length}`,
      `${mutants.length - counted}`,
      `${left.length}`,
      percent.toFixed(1),
    ],
  ];
  console.log(`\n${table(rows)}`);
  if (percent < LEAST_PERCENT) process.exitCode = 1;
}
