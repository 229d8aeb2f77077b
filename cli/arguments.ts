/**
 * The command line, read by the options of a command. What is wrong with it is
 * a {@linkcode UsageError} with the way out.
 *
 * @module
 */

import { parseArgs } from "node:util";
import type { Command, Given, Option, Options } from "./command.ts";
import { UsageError } from "./exit.ts";

/** Every command has it. */
export const HELP: Option = { short: "h", help: "this text" };

/**
 * What the arguments of a command say.
 *
 * @throws {UsageError}
 */
export function readArguments(
  command: Command,
  args: readonly string[],
): Given {
  const options: Options = { ...command.options, help: HELP };
  const { tokens } = parseArgs({
    args: [...args],
    options: toParse(options),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const values = new Map<string, string | true>();
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") words.push(token.value);
    if (token.kind !== "option") continue;
    const option = options[token.name];
    if (option === undefined) throw unknownOption(command, options, token);
    values.set(token.name, valueOf(option, token));
  }
  if (!values.has("help")) demandWords(command, words);
  return {
    words,
    flag: (name) => values.get(name) === true,
    text: (name) => {
      const value = values.get(name);
      return value === true ? undefined : value;
    },
  };
}

function toParse(options: Options) {
  return Object.fromEntries(
    Object.entries(options).map(([name, { value, short }]) => [name, {
      type: value === undefined ? "boolean" as const : "string" as const,
      ...short === undefined ? {} : { short },
    }]),
  );
}

/** What `parseArgs` says of an option that was met. */
interface Met {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

function valueOf(option: Option, met: Met): string | true {
  const { rawName, value } = met;
  if (option.value === undefined) {
    if (value === undefined) return true;
    throw new UsageError(`${rawName} takes no value: ${JSON.stringify(value)}`);
  }
  const isNext = value?.startsWith("-") === true && met.inlineValue !== true;
  if (value === undefined || value === "" || isNext) {
    throw new UsageError(
      `${rawName} needs a value: ${rawName} ${option.value}`,
    );
  }
  const { choices } = option;
  if (choices === undefined || choices.includes(value)) return value;
  throw new UsageError(
    `${rawName} is one of ${choices.join(", ")}: ${JSON.stringify(value)}`,
  );
}

function unknownOption(
  { name }: Command,
  options: Options,
  { rawName }: Met,
): UsageError {
  const near = nearest(
    rawName,
    Object.keys(options).map((each) => `--${each}`),
  );
  const hint = near === undefined ? "" : `; did you mean ${near}?`;
  return new UsageError(`${name} has no option ${rawName}${hint}`);
}

function demandWords(command: Command, words: readonly string[]): void {
  const [least, most] = command.words;
  if (words.length >= least && words.length <= most) return;
  const { name, takes } = command;
  const found = words.length === 0
    ? "none was given"
    : `there are ${words.length}: ${words.join(" ")}`;
  const wanted = takes === "" ? "no arguments" : takes;
  throw new UsageError(`${name} takes ${wanted}; ${found}`);
}

/** The name that is meant, if one is near enough. */
export function nearest(
  word: string,
  names: readonly string[],
): string | undefined {
  const [best] = names
    .map((name) => ({ name, away: distance(word, name) }))
    .sort((a, b) => a.away - b.away);
  return best !== undefined && best.away <= 2 ? best.name : undefined;
}

/** How many letters have to be changed, put in or taken out (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
