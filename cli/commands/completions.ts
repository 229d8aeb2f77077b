/**
 * `anysock completions`: what a shell needs to complete our command lines.
 *
 * @module
 */

import type { Command } from "../command.ts";
import { EXIT_OK, UsageError } from "../exit.ts";
import { bash } from "../shells/bash.ts";
import { fish } from "../shells/fish.ts";
import { zsh } from "../shells/zsh.ts";

const SHELLS: Readonly<
  Record<string, (commands: readonly Command[]) => string>
> = { bash, zsh, fish };
const NAMES = Object.keys(SHELLS);

/** The command, which completes `others` and itself. */
export function completionsOf(others: readonly Command[]): Command {
  const command: Command = {
    name: "completions",
    takes: NAMES.join("|"),
    words: [1, 1],
    summary: "print what lets your shell complete commands and options",
    about: `
The text belongs where the shell reads such: see the examples. It is made of
the same tables as the help.`,
    options: {},
    examples: [
      ["source <(anysock completions bash)", "in ~/.bashrc"],
      [
        "anysock completions zsh > ~/.zfunc/_anysock",
        "in a folder of fpath, before compinit",
      ],
      [
        "anysock completions fish > ~/.config/fish/completions/anysock.fish",
        "where fish looks",
      ],
    ],
    async run(given, io) {
      const [shell = ""] = given.words;
      const make = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined;
      if (make === undefined) {
        throw new UsageError(
          `completions are for ${NAMES.join(", ")}: ${JSON.stringify(shell)}`,
        );
      }
      await io.output.write(make([...others, command]));
      return EXIT_OK;
    },
  };
  return command;
}
