/**
 * The laws of pipes over one way, in a process of its own: `program.ts WAY
 * FIRST`. Prints a line of JSON for each law from the one with this number on.
 * What nobody catches is the fault of the law at hand, and ends the process.
 */

import process from "node:process";
import { checkPipe, pipeLaws } from "../../src/testing/mod.ts";
import type { WayModule } from "./ways/way.ts";

/** Laws wait for the machine, which may be busy. */
const WATCHDOG_MS = 8_000;

const [way = "", first = "0"] = process.argv.slice(2);
const laws = pipeLaws.slice(Number(first));
let at = 0;

function say(line: unknown): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function uncaught(error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  say({ law: laws[at]?.name, result: "fail", reason: `uncaught: ${text}` });
  process.exit(1);
}

process.on("uncaughtException", uncaught);
process.on("unhandledRejection", uncaught);

const { make }: WayModule = await import(`./ways/${way}.ts`);
const options = { laws, watchdogMs: WATCHDOG_MS };
for await (const { law, result, reason } of checkPipe(make, options)) {
  say({ law, result, reason });
  at++;
}
process.exit(0);
