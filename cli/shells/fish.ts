/**
 * Completions for fish.
 *
 * @module
 */

import type { Command } from "../command.ts";
import { optionsOf, valuesOf, wordsOf } from "./table.ts";

/** A file `anysock.fish` for fish's folder of completions. */
export function fish(commands: readonly Command[]): string {
  return [
    "# fish completion of anysock",
    "complete -c anysock -f",
    ...commands.flatMap(linesOf),
    "",
  ].join("\n");
}

function linesOf(command: Command): string[] {
  const { name, summary } = command;
  const here = `complete -c anysock -n '__fish_seen_subcommand_from ${name}'`;
  const words = wordsOf(command).join(" ");
  return [
    `complete -c anysock -n __fish_use_subcommand -a ${name} ` +
    `-d ${quoted(summary)}`,
    ...words === "" ? [] : [`${here} -a ${quoted(words)}`],
    ...optionsOf(command).map(([long, option]) => {
      const short = option.short === undefined ? "" : ` -s ${option.short}`;
      const values = option.value === undefined ? undefined : valuesOf(option);
      const takes = values === undefined
        ? ""
        : values === "any"
        ? " -x"
        : values === "files"
        ? " -r -F"
        : ` -x -a ${quoted(values.join(" "))}`;
      return `${here} -l ${long}${short}${takes} -d ${quoted(option.help)}`;
    }),
  ];
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
