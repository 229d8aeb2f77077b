/**
 * Completions for zsh.
 *
 * @module
 */

import type { Command, Option } from "../command.ts";
import { optionsOf, valuesOf, wordsOf } from "./table.ts";

/** A file `_anysock` for a folder of `fpath`. */
export function zsh(commands: readonly Command[]): string {
  const list = commands
    .map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`)
    .join("\n");
  return `#compdef anysock
# zsh completion of anysock
_anysock() {
  local -a commands
  commands=(
${list}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${commands.map(caseOf).join("\n")}
  esac
}
compdef _anysock anysock
`;
}

function caseOf(command: Command): string {
  const specs = optionsOf(command)
    .flatMap(([name, option]) => specsOf(name, option));
  const words = wordsOf(command);
  const rest = words.length === 0
    ? "*:address:_hosts"
    : `1: :(${words.join(" ")})`;
  const lines = [...specs, quoted(rest)].map((each) => `      ${each}`);
  return `    ${command.name}) _arguments \\\n${lines.join(" \\\n")} ;;`;
}

function specsOf(name: string, option: Option): string[] {
  const values = option.value === undefined ? undefined : valuesOf(option);
  const action = values === undefined
    ? ""
    : values === "any"
    ? `:${option.value}:`
    : values === "files"
    ? `:${option.value}:_files`
    : `:${option.value}:(${values.join(" ").replaceAll(":", "\\:")})`;
  const help = option.help.replace(/[[\]:]/g, (each) => `\\${each}`);
  const spec = (spelling: string) => quoted(`${spelling}[${help}]${action}`);
  return option.short === undefined
    ? [spec(`--${name}`)]
    : [spec(`--${name}`), spec(`-${option.short}`)];
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
