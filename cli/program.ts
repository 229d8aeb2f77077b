/**
 * The program: finds the command, runs it, and says how it ended.
 *
 * @module
 */

import { SocketError } from "../mod.ts";
import { nearest, readArguments } from "./arguments.ts";
import type { Command } from "./command.ts";
import { COMMANDS, HIDDEN } from "./commands.ts";
import {
  EXIT_FAILED,
  EXIT_INTERRUPTED,
  EXIT_OK,
  EXIT_USAGE,
  UsageError,
} from "./exit.ts";
import { commandHelp, programHelp } from "./help.ts";
import { type Io, line, OutputClosed } from "./io.ts";
import { paintFor } from "./paint.ts";
import { VERSION } from "./version.ts";

/** Runs a command line to its end and gives the exit code. Never rejects. */
export async function runProgram(
  args: readonly string[],
  io: Io,
): Promise<number> {
  try {
    return await run(args, io);
  } catch (error) {
    return await failed(args, error, io).catch(() => EXIT_FAILED);
  } finally {
    io.input.stop();
  }
}

async function run(args: readonly string[], io: Io): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined) {
    await line(io.errors, programHelp(COMMANDS, paintFor(io, io.errors)));
    return EXIT_USAGE;
  }
  if (name === "--version" || name === "-V") {
    return await tell(io, `anysock ${VERSION}`);
  }
  const paint = paintFor(io, io.output);
  if (name === "--help" || name === "-h" || name === "help") {
    const [about] = rest;
    if (about === undefined) {
      return await tell(io, programHelp(COMMANDS, paint));
    }
    return await tell(io, commandHelp(commandNamed(about), paint));
  }
  const command = commandNamed(name);
  const given = readArguments(command, rest);
  if (given.flag("help")) return await tell(io, commandHelp(command, paint));
  return await command.run(given, io);
}

async function tell(io: Io, text: string): Promise<number> {
  await line(io.output, text);
  return EXIT_OK;
}

function commandNamed(name: string): Command {
  const found = [...COMMANDS, ...HIDDEN]
    .find((command) => command.name === name);
  if (found !== undefined) return found;
  const names = COMMANDS.map((command) => command.name);
  const near = nearest(name, names);
  const hint = near === undefined
    ? `; there are ${names.join(", ")}`
    : `; did you mean ${near}?`;
  throw new UsageError(`There is no command ${name}${hint}`);
}

/** Says what went wrong, in one line, and gives the exit code. */
async function failed(
  args: readonly string[],
  error: unknown,
  io: Io,
): Promise<number> {
  if (error instanceof OutputClosed) return EXIT_OK;
  if (io.interrupted.aborted && !(error instanceof UsageError)) {
    return EXIT_INTERRUPTED;
  }
  const { bold, red } = paintFor(io, io.errors);
  const say = (text: string) => line(io.errors, `${red("anysock:")} ${text}`);
  if (error instanceof UsageError) {
    const name = COMMANDS.find((each) => each.name === args[0])?.name;
    const help = ["anysock", name, "--help"].filter(Boolean).join(" ");
    await say(`${error.message}\nSee ${bold(help)}`);
    return EXIT_USAGE;
  }
  await say(textOf(error));
  return EXIT_FAILED;
}

/** The message, and the code that other programs know it by. */
function textOf(error: unknown): string {
  if (error instanceof SocketError) return `${error.message} (${error.code})`;
  return error instanceof Error ? error.message : String(error);
}
