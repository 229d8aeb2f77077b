/**
 * Follows what a test runner prints, line by line: counts as it goes, and
 * tells which lines are worth showing where several runners print at once.
 *
 * @module
 */

import { kindOf, type RuntimeName } from "../../tests/runtimes.ts";
import { plainText } from "../lib.ts";

/** What a line of a test runner is. */
type Kind = "heading" | "passed" | "failed" | "skipped" | "sum" | "text";

/** What comes from here on was told before: each runner sums up in the end. */
const SUMMING_UP =
  /^ ERRORS $|^\d+ tests? (skipped|todo|failed):$|^ℹ tests \d+$/;

/** The lines of each runner; what fits none of these is text. */
const PATTERNS: Readonly<
  Record<"deno" | "bun" | "node", readonly (readonly [Kind, RegExp])[]>
> = {
  deno: [
    ["heading", /^running \d+ tests? from |^\s*\S.* \.\.\.$/],
    ["passed", /^\s*\S.* \.\.\. ok \(/],
    ["skipped", /^\s*\S.* \.\.\. ignored \(/],
    ["failed", /^\s*\S.* \.\.\. FAILED/],
    ["sum", /^(ok|FAILED) \| \d+ passed/],
  ],
  bun: [
    ["heading", /^\S+_test\.[tj]s:$/],
    ["passed", /^\(pass\) /],
    ["skipped", /^\((skip|todo)\) /],
    ["failed", /^\(fail\) /],
    [
      "sum",
      /^ +\d+ (pass|skip|todo|fail|error|expect\(\) call)s?$|^Ran \d+ |^bun test v/,
    ],
  ],
  node: [
    ["heading", /^\s*▶ /],
    ["passed", /^\s*✔ /],
    ["skipped", /^\s*﹣ /],
    ["failed", /^\s*✖ /],
    ["sum", /^ℹ \w+ [\d.]+$/],
  ],
};

/** What a run has come to so far. */
export interface SoFar {
  passed: number;
  failed: number;
  skipped: number;
}

/** What one test runner has printed, and is printing. */
export class Transcript {
  /** How far the run has come; steps of tests are not counted. */
  readonly soFar: SoFar = { passed: 0, failed: 0, skipped: 0 };
  /** Why tests were skipped, and how many for each reason. */
  readonly reasons: Map<string, number> = new Map();
  readonly #patterns: readonly (readonly [Kind, RegExp])[];
  readonly #print: (line: string) => void;
  readonly #showsAll: boolean;
  #begun = "";
  #headings: string[] = [];
  #sumsUp = false;

  /**
   * Follows the runner of `runtime`; `print` is given the lines worth showing,
   * which is every one if `showsAll`.
   */
  constructor(
    runtime: RuntimeName,
    print: (line: string) => void,
    showsAll: boolean,
  ) {
    this.#patterns = PATTERNS[kindOf(runtime)];
    this.#print = print;
    this.#showsAll = showsAll;
  }

  /** The runner printed this: parts of lines, or many of them. */
  write(text: string): void {
    const lines = (this.#begun + text).split("\n");
    this.#begun = lines.pop() ?? "";
    for (const line of lines) this.#take(line);
  }

  /** The runner has ended; another run of it may follow. */
  end(): void {
    if (this.#begun !== "") this.#take(this.#begun);
    this.#begun = "";
    this.#sumsUp = false;
  }

  #take(line: string): void {
    const plain = plainText(line);
    this.#sumsUp ||= SUMMING_UP.test(plain);
    const kind = this.#sumsUp ? "sum" : this.#kindOf(plain);
    this.#count(kind, plain);
    if (this.#showsAll) return this.#print(line);
    if (kind === "heading") return this.#hold(plain);
    if (kind === "text" || kind === "failed") return this.#show(line);
    // What passed with its test needs the test's heading no more.
    if (!/^\s/.test(plain)) this.#headings = this.#headings.filter(isOfFile);
  }

  #kindOf(plain: string): Kind {
    return this.#patterns.find(([, pattern]) => pattern.test(plain))?.[0] ??
      "text";
  }

  #count(kind: Kind, plain: string): void {
    if (/^\s/.test(plain)) return;
    if (kind === "passed" || kind === "failed") this.soFar[kind]++;
    if (kind !== "skipped") return;
    this.soFar.skipped++;
    const reason = /\[skipped: (.*)\]/.exec(plain)?.[1] ?? "no reason told";
    this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1);
  }

  /** A heading is shown when something below it is. */
  #hold(heading: string): void {
    if (isOfFile(heading)) this.#headings = [];
    this.#headings.push(heading);
  }

  #show(line: string): void {
    if (line.trim() === "") return;
    for (const heading of this.#headings) this.#print(heading);
    this.#headings = [];
    this.#print(line);
  }
}

/** Whether a heading is that of a file, and not that of a test with steps. */
function isOfFile(heading: string): boolean {
  return /^running \d|_test\.[tj]s:$/.test(heading);
}
