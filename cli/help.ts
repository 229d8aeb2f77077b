/**
 * The texts that teach: what commands there are, and what each does.
 *
 * @module
 */

import { HELP } from "./arguments.ts";
import type { Command, Option, Options } from "./command.ts";
import { EXIT_FAILED, EXIT_INTERRUPTED, EXIT_OK, EXIT_USAGE } from "./exit.ts";
import { type Paint, plain } from "./paint.ts";
import { VERSION } from "./version.ts";

const EXITS = `${EXIT_OK}  all went well; also where the reader of our output \
has left (| head -1)
${EXIT_FAILED}  the world did not play along: refused, reset, no answer in time
${EXIT_USAGE}  the command line is wrong, and nothing was done
${EXIT_INTERRUPTED}  Ctrl-C`;

/** What `anysock --help` says. */
export function programHelp(
  commands: readonly Command[],
  paint: Paint = plain,
): string {
  const rows = commands.map(({ name, takes, summary }) =>
    [`${name} ${takes}`.trim(), summary] as const
  );
  return [
    `anysock ${VERSION}: sockets from the command line, alike on Deno, Bun ` +
    `and Node`,
    "",
    `${paint.bold("Usage")}  anysock COMMAND [arguments] [options]`,
    "",
    paint.bold("Commands"),
    indented(columns(rows)),
    "",
    paint.bold("Exit codes"),
    indented(EXITS),
    "",
    "An address is HOST:PORT, [V6]:PORT or unix:/path.",
    "`anysock COMMAND --help` tells all of a command.",
  ].join("\n");
}

/** What `anysock COMMAND --help` says. */
export function commandHelp(command: Command, paint: Paint = plain): string {
  const { name, takes, summary, about, options, examples } = command;
  const usage = ["anysock", name, takes, "[options]"].filter(Boolean).join(" ");
  return [
    `${paint.bold("Usage")}  ${usage}`,
    "",
    summary,
    "",
    about.trim(),
    "",
    paint.bold("Options"),
    indented(columns(optionRows(options))),
    "",
    paint.bold("Examples"),
    ...examples.flatMap(([line, what]) => [
      `  ${paint.dim(`# ${what}`)}`,
      `  ${line}`,
    ]),
  ].join("\n");
}

function optionRows(options: Options): (readonly [string, string])[] {
  const all: Options = { ...options, help: HELP };
  return Object.entries(all)
    .map(([name, option]) => [spelled(name, option), option.help] as const);
}

function spelled(name: string, { short, value }: Option): string {
  const before = short === undefined ? "    " : `-${short}, `;
  return `${before}--${name}${value === undefined ? "" : ` ${value}`}`;
}

/** Two columns, the first as wide as it has to be. */
function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows
    .map(([left, right]) => `${left.padEnd(width)}  ${right}`)
    .join("\n");
}

function indented(text: string): string {
  return text.replace(/^/gm, "  ");
}
