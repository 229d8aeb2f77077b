/**
 * `anysock matrix`: every runtime that is installed talks to every other.
 *
 * @module
 */

import { realpathSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import type { Command, Given } from "../command.ts";
import { UsageError } from "../exit.ts";
import { line } from "../io.ts";
import { printedBy, type Runner } from "../matrix/processes.ts";
import { runMatrix } from "../matrix/run.ts";
import { VERSION } from "../version.ts";

/** How each runtime is made to run a program. */
const RUNTIMES: Readonly<Record<string, readonly string[]>> = {
  deno: ["run", "--allow-all", "--quiet"],
  bun: [],
  node: [],
};

/** The command. */
export const matrix: Command = {
  name: "matrix",
  takes: "",
  words: [0, 0],
  summary: "let every runtime here serve a large file to every other",
  about: `
Finds Deno, Bun and Node on the PATH, starts this very program on each of them
as server and as client, passes a file between every two (the largest of their
executables, some 100 MB) over the loopback interface, and checks the SHA-256 of
what came. A runtime that cannot run the program is left out, with the reason.`,
  options: {
    runtime: { value: "NAMES", help: "only these: deno,bun,node" },
    file: { value: "PATH", help: "what is served" },
    bytes: { value: "N", help: "only the first N bytes of it" },
  },
  examples: [
    ["anysock matrix", "all that are installed"],
    ["anysock matrix --runtime bun,node --bytes 1000000", "quickly"],
  ],
  async run(given, io) {
    const limit = limitOf(given);
    const runners: Runner[] = [];
    for (const name of namesOf(given)) {
      const found = await find(name);
      if (typeof found !== "string") runners.push(found);
      else await line(io.output, `left out: ${name}, ${found}`);
    }
    if (runners.length === 0) {
      throw new Error("No runtime was found that runs this program");
    }
    const file = given.text("file");
    return await runMatrix(runners, { file, limit, digest: undefined }, io);
  },
};

function namesOf(given: Given): readonly string[] {
  const names = given.text("runtime")?.split(",") ?? Object.keys(RUNTIMES);
  const unknown = names.find((name) => !Object.hasOwn(RUNTIMES, name));
  if (unknown === undefined) return names;
  throw new UsageError(
    `--runtime is of ${Object.keys(RUNTIMES).join(", ")}: ` +
      JSON.stringify(unknown),
  );
}

function limitOf(given: Given): number {
  const text = given.text("bytes");
  if (text === undefined) return Infinity;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new UsageError(`--bytes is a whole number: ${JSON.stringify(text)}`);
}

/** A runtime that runs this program, or why it does not. */
async function find(name: string): Promise<Runner | string> {
  const command = onPath(name);
  if (command === undefined) return "it is not on the PATH";
  const program = realpathSync(process.argv[1]!);
  const runner = { name, command, args: [...RUNTIMES[name]!, program] };
  const { stdout, errors } = await printedBy(runner, ["--version"]);
  if (stdout.trim() === `anysock ${VERSION}`) return runner;
  return `it does not run ${program}: ${errors || stdout.trim()}`;
}

function onPath(name: string): string | undefined {
  const endings = process.platform === "win32" ? [".exe", ".cmd"] : [""];
  return (process.env.PATH ?? "").split(delimiter)
    .flatMap((dir) => endings.map((ending) => join(dir, name + ending)))
    .find((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
}
