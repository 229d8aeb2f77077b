/** What a suite says of itself, and the plan that a command line makes. */

import { join } from "node:path";
import { parseArgs } from "node:util";
import { repositoryRoot } from "../../tests/runtimes.ts";
import type { Option } from "./options.ts";

/** The options of a suite by name; every suite has these two. */
export interface Options {
  /** What it is measured on. */
  readonly runtime: Option<string[]>;
  /** How often. */
  readonly rounds: Option<number>;
  /** Whatever else the suite takes. */
  readonly [name: string]: Option<unknown>;
}

/** A suite: a folder of benchmarks with one command line. */
export interface Suite<O extends Options> {
  /** Its name, which is its folder's. */
  readonly name: string;
  /** What it measures. */
  readonly about: string;
  /** What it takes besides `--out` and `--help`. */
  readonly options: O;
  /** Whether it keeps no results, and so takes no `--out`; default `false`. */
  readonly writesNothing?: boolean;
  /** What the help ends with. */
  readonly notes?: string;
}

/** A command line that was read and checked. */
export type Plan<O extends Options> =
  & { readonly [K in keyof O]: O[K] extends Option<infer T> ? T : never }
  & {
    /** Where the JSON goes, `undefined` if nowhere. */
    readonly out: string | undefined;
  };

/**
 * Reads a command line; `undefined` where it asks for help.
 *
 * @throws {TypeError} for an option that there is not
 * @throws {RangeError} for a value that an option does not take
 */
export function readPlan<O extends Options>(
  suite: Suite<O>,
  args: string[],
): Plan<O> | undefined {
  const day = new Date().toISOString().slice(0, 10);
  const file = `bench/results/${suite.name}-${day}.json`;
  const all = Object.entries(suite.options);
  const text = (fallback: string) =>
    ({ type: "string", default: fallback }) as const;
  const { values } = parseArgs({
    args,
    options: {
      ...Object.fromEntries(all.map(([name, o]) => [name, text(o.fallback)])),
      ...suite.writesNothing ? {} : { out: text(join(repositoryRoot(), file)) },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const given = values as Record<string, unknown> & { readonly out?: string };
  const read = all.map(([name, option]) =>
    [name, option.read(`--${name}`, given[name] as string)] as const
  );
  const out = given.out === "none" ? undefined : given.out;
  return { ...Object.fromEntries(read), out } as Plan<O>;
}

/** What `--help` prints. */
export function helpText<O extends Options>(suite: Suite<O>): string {
  const { name, about, options, notes, writesNothing = false } = suite;
  const lines = Object.entries(options).map(([key, option]) => {
    const { placeholder, about, fallback, fallbackName = fallback } = option;
    return [`--${key} ${placeholder}`, `${about} (${fallbackName})`] as const;
  });
  const all = [
    ...lines,
    ...writesNothing ? [] : outHelp(name),
    ["--help", "this text"],
  ] as const;
  const width = Math.max(...all.map(([left]) => left.length));
  return [
    `Usage: npm run bench -- ${name} [options]`,
    about,
    all.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join("\n"),
    "NAMES and LIST are separated by commas." +
    (writesNothing
      ? ""
      : " `npm run bench -- report FILE` makes\nMarkdown from the JSON."),
    ...notes === undefined ? [] : [notes],
  ].join("\n\n");
}

function outHelp(name: string): (readonly [string, string])[] {
  return [
    ["--out FILE", `where the JSON goes; "none" writes no file`],
    ["", `(bench/results/${name}-<date>.json)`],
  ];
}
