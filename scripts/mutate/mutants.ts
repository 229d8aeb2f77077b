/**
 * The changes that can be made to a file, as Stryker thinks them up, and which
 * of them are made.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { drawOf } from "../../src/runtime/memory/chance.ts";
import { root } from "../lib.ts";

/** One change of a file. */
export interface Mutant {
  readonly file: string;
  /** The first line that it changes, and the last, from 1. */
  readonly from: number;
  readonly to: number;
  /** The first line as it stands, without the space around it. */
  readonly line: string;
  /** What kind of change. */
  readonly name: string;
  /** What it changes, and into what. */
  readonly original: string;
  readonly replacement: string;
  /** Where in the file it does. */
  readonly at: number;
  /** Tells it from all others, wherever its line moves to. */
  readonly key: string;
}

interface Place {
  /** From 0. */
  readonly line: number;
  readonly column: number;
}

interface Found {
  readonly location: { readonly start: Place; readonly end: Place };
  readonly mutatorName: string;
  readonly replacement: string;
}

interface Instrumenter {
  instrument(
    files: readonly { name: string; mutate: boolean; content: string }[],
    options: unknown,
  ): Promise<{ readonly mutants: readonly Found[] }>;
}

const STRYKER = join(
  root,
  "tools/mutation/node_modules/@stryker-mutator/instrumenter/dist/src/index.js",
);

/** Whether Stryker is installed. */
export function canMutate(): boolean {
  return existsSync(STRYKER);
}

const OPTIONS = {
  plugins: null,
  ignorers: [],
  // Object texts of messages are no behaviour.
  excludedMutations: ["StringLiteral", "ObjectLiteral"],
};

const SILENT = { debug() {}, info() {}, isDebugEnabled: () => false };

/** All changes of some files. */
export async function mutantsOf(files: readonly string[]): Promise<Mutant[]> {
  const stryker = await import(pathToFileURL(STRYKER).href) as {
    Instrumenter: new (logger: unknown) => Instrumenter;
  };
  const instrumenter = new stryker.Instrumenter(SILENT);
  const all: Mutant[] = [];
  for (const file of files) {
    const content = readFileSync(join(root, file), "utf8");
    const given = [{ name: file, mutate: true, content }];
    const { mutants } = await instrumenter.instrument(given, OPTIONS);
    const lines = content.split("\n");
    const known = new Map<string, number>();
    // What is excluded is told all the same.
    for (const each of mutants) {
      if (OPTIONS.excludedMutations.includes(each.mutatorName)) continue;
      all.push(mutantOf(file, content, lines, each, known));
    }
  }
  return all;
}

function mutantOf(
  file: string,
  content: string,
  lines: readonly string[],
  { location, mutatorName, replacement }: Found,
  known: Map<string, number>,
): Mutant {
  const { start, end } = location;
  const offset = ({ line, column }: Place) =>
    lines.slice(0, line).reduce((sum, each) => sum + each.length + 1, column);
  const at = offset(start);
  const line = (lines[start.line] as string).trim();
  const text = `${file} ${line} ${start.column} ${replacement}`;
  const count = known.get(text) ?? 0;
  known.set(text, count + 1);
  return {
    file,
    from: start.line + 1,
    to: end.line + 1,
    line,
    name: mutatorName,
    original: content.slice(at, offset(end)),
    replacement,
    at,
    key: count === 0 ? text : `${text} #${count}`,
  };
}

/** The file's text with the change made. */
export function mutated(text: string, mutant: Mutant): string {
  const { at, original, replacement } = mutant;
  return text.slice(0, at) + replacement + text.slice(at + original.length);
}

/** So many of all, the same ones for the same seed. */
export function sampleOf(
  all: readonly Mutant[],
  count: number,
  seed: number,
): Mutant[] {
  const drawn = all.map((mutant) => ({ mutant, at: drawOf(seed, mutant.key) }));
  return drawn.sort((a, b) => a.at - b.at).slice(0, count)
    .map(({ mutant }) => mutant);
}
