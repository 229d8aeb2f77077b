/**
 * What became of each change, kept so that a run can go on where another one
 * stopped.
 *
 * @module
 */

import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import { root } from "../lib.ts";
import type { Fate } from "./sandbox.ts";

/** What became of a change. */
export interface Outcome {
  /** The key of the mutant. */
  readonly key: string;
  /** `"uncovered"`: no test that could be asked runs the line. */
  readonly fate: Fate | "uncovered";
  /** The first test that failed. */
  readonly by: string;
  /** The tests that were asked, with the hash of each. */
  readonly asked: string;
}

const FOLDER = join(root, ".build", "mutate");
const PATH = join(FOLDER, "outcomes.jsonl");

/** Whether somebody noticed. */
export function isNoticed({ fate }: Outcome): boolean {
  return fate === "killed" || fate === "timeout";
}

/** Forgets all. */
export function forgetOutcomes(): void {
  rmSync(PATH, { force: true });
}

/** All that is known, by the key of the mutant: the newest of each. */
export function readOutcomes(): Map<string, Outcome> {
  if (!existsSync(PATH)) return new Map();
  const lines = readFileSync(PATH, "utf8").split("\n").filter(Boolean);
  const all = lines.map((line) => JSON.parse(line) as Outcome);
  return new Map(all.map((each) => [each.key, each]));
}

/** Keeps one more. */
export function keepOutcome(outcome: Outcome): void {
  mkdirSync(FOLDER, { recursive: true });
  appendFileSync(PATH, `${JSON.stringify(outcome)}\n`);
}
