/**
 * What there is to complete, as shells are told it.
 *
 * @module
 */

import { HELP } from "../arguments.ts";
import type { Command, Option } from "../command.ts";
import { FRAME, FRAME_NAMES } from "../frames.ts";

/** The options of a command, by name, its help among them. */
export function optionsOf(
  { options }: Command,
): (readonly [name: string, option: Option])[] {
  return Object.entries({ ...options, help: HELP });
}

/** The values to offer behind an option: words, files, or nothing known. */
export function valuesOf(option: Option): readonly string[] | "files" | "any" {
  if (option === FRAME) return FRAME_NAMES;
  if (option.choices !== undefined) return option.choices;
  return option.value === "FILE" ? "files" : "any";
}

/** What can stand as an argument of a command, where it is one of few words. */
export function wordsOf({ takes }: Command): readonly string[] {
  return takes.includes("|") ? takes.split("|") : [];
}
