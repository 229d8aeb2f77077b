/**
 * The laws of pipes over one way, in a process of its own: what nobody catches
 * there is the fault of the law at hand, and ends that process alone.
 *
 * @module
 */

import process from "node:process";
import { createInterface } from "node:readline";
import type { Command } from "../command.ts";
import { EXIT_FAILED, EXIT_OK, UsageError } from "../exit.ts";
import { line } from "../io.ts";
import { type Runner, start } from "../matrix/processes.ts";
import { isWay, pipesOf, type Way } from "./way.ts";

/** What became of a law. */
export interface Cell {
  /** Its name. */
  readonly law: string;
  /** Whether it holds. */
  readonly result: "pass" | "fail" | "skip";
  /** What was found, where it does not hold. */
  readonly reason?: string;
}

/** Runs laws over a way and prints a line of JSON for each. */
export const wayLaws: Command = {
  name: "conformance-way",
  takes: "WAY NUMBERS MS",
  words: [3, 3],
  summary: "laws of pipes over one way",
  about: "It is started by `anysock conformance`.",
  options: {},
  examples: [],
  async run({ words: [way = "", numbers = "", ms = ""] }, { output }) {
    if (!isWay(way)) throw new UsageError(`There is no way ${way}`);
    const { checkPipe, pipeLaws } = await import("../../src/testing/mod.ts");
    const laws = numbers.split(",").flatMap((each) =>
      pipeLaws[Number(each)] ?? []
    );
    let at = 0;
    const uncaught = (error: unknown): void => {
      const text = error instanceof Error ? error.message : String(error);
      const reason = `uncaught: ${text}`;
      const cell = { law: laws[at]?.name, result: "fail", reason };
      process.stdout.write(`${JSON.stringify(cell)}\n`);
      process.exit(EXIT_FAILED);
    };
    process.on("uncaughtException", uncaught);
    process.on("unhandledRejection", uncaught);
    const make = await pipesOf(way);
    const options = { laws, watchdogMs: Number(ms) };
    for await (const { law, result, reason } of checkPipe(make, options)) {
      await line(output, JSON.stringify({ law, result, reason }));
      at++;
    }
    return EXIT_OK;
  },
};

/**
 * Runs laws over a way, by their numbers, in processes of their own: where one
 * ends its process, the next ones are run in another.
 *
 * @throws {Error} if a process says nothing.
 */
export async function checkWay(
  runner: Runner,
  way: Way,
  numbers: readonly number[],
  watchdogMs: number,
): Promise<readonly Cell[]> {
  const cells: Cell[] = [];
  while (cells.length < numbers.length) {
    const before = cells.length;
    const args = [way, numbers.slice(before).join(","), `${watchdogMs}`];
    const { child, errors } = start(runner, [wayLaws.name, ...args]);
    child.stdin?.end();
    try {
      for await (const line of createInterface({ input: child.stdout! })) {
        cells.push(JSON.parse(line) as Cell);
      }
    } finally {
      child.kill("SIGKILL");
    }
    if (cells.length > before) continue;
    throw new Error(`${runner.name} ${way} ended without a word: ${errors()}`);
  }
  return cells;
}
