/**
 * Completions for bash.
 *
 * @module
 */

import type { Command } from "../command.ts";
import { optionsOf, valuesOf, wordsOf } from "./table.ts";

/** A function for `complete -F`. */
export function bash(commands: readonly Command[]): string {
  const names = commands.map(({ name }) => name).join(" ");
  return `# bash completion of anysock
_anysock() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]}
  COMPREPLY=()
  if [ "$COMP_CWORD" = 1 ]; then
    COMPREPLY=($(compgen -W "${names} --help --version" -- "$word"))
    return
  fi
  case \${COMP_WORDS[1]}:$before in
${commands.flatMap(casesOf).join("\n")}
  esac
  case \${COMP_WORDS[1]} in
${commands.map(optionsCase).join("\n")}
  esac
}
complete -o nosort -F _anysock anysock
`;
}

/** What comes behind each option that takes a value. */
function casesOf(command: Command): string[] {
  return optionsOf(command).flatMap(([name, option]) => {
    if (option.value === undefined) return [];
    const values = valuesOf(option);
    const offered = values === "any"
      ? ""
      : values === "files"
      ? 'COMPREPLY=($(compgen -f -- "$word")); '
      : `COMPREPLY=($(compgen -W "${values.join(" ")}" -- "$word")); `;
    const spellings = [`${command.name}:--${name}`];
    if (option.short) spellings.push(`${command.name}:-${option.short}`);
    return [`  ${spellings.join("|")}) ${offered}return ;;`];
  });
}

function optionsCase(command: Command): string {
  const words = [
    ...wordsOf(command),
    ...optionsOf(command).map(([name]) => `--${name}`),
  ].join(" ");
  return `  ${command.name}) ` +
    `COMPREPLY=($(compgen -W "${words}" -- "$word")) ;;`;
}
