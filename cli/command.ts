/**
 * What a command is: what it takes, what it says of itself, and what it does.
 *
 * @module
 */

import type { Io } from "./io.ts";

/** An option of a command. */
export interface Option {
  /** What stands behind it in the help, such as `MS`; none is a flag. */
  readonly value?: string;
  /** Its short form, one letter. */
  readonly short?: string;
  /** The values that it can have, where they are few. */
  readonly choices?: readonly string[];
  /** What it does, in one line. */
  readonly help: string;
}

/** The options of a command, by their names. */
export type Options = Readonly<Record<string, Option>>;

/** What the command line said. */
export interface Given {
  /** The arguments that are no options, in their order. */
  readonly words: readonly string[];
  /** Whether a flag was given. */
  flag(name: string): boolean;
  /** The value of an option; `undefined` if it was not given. */
  text(name: string): string | undefined;
}

/** A command. */
export interface Command {
  /** Its name. */
  readonly name: string;
  /** Its arguments, as the help writes them: `HOST:PORT`. */
  readonly takes: string;
  /** The fewest and the most arguments. */
  readonly words: readonly [least: number, most: number];
  /** What it does, in half a line. */
  readonly summary: string;
  /** What one has to know, in paragraphs. */
  readonly about: string;
  /** Its options. */
  readonly options: Options;
  /** Command lines that are worth copying, with what each does. */
  readonly examples: readonly (readonly [line: string, what: string])[];
  /** Does it, and gives the exit code. */
  run(given: Given, io: Io): Promise<number>;
}
