/** How a program of the benchmarks begins, and how it ends if it fails. */

import { helpText, type Options, type Plan, readPlan } from "./plan.ts";
import type { Suite } from "./plan.ts";
import { clearProgress } from "./output.ts";

/** Reads the command line and runs the suite, or prints its help. */
export function enter<O extends Options>(
  suite: Suite<O>,
  run: (plan: Plan<O>) => Promise<void>,
): Promise<void> {
  return guarded(async () => {
    const plan = readPlan(suite, process.argv.slice(2));
    if (!plan) return console.log(helpText(suite));
    await run(plan);
  });
}

/** Runs a program; where it throws, it says why and exits with 2. */
export async function guarded(
  main: () => void | Promise<void>,
): Promise<void> {
  try {
    await main();
  } catch (error) {
    clearProgress();
    console.error(`${(error as Error).message}\nSee --help.`);
    process.exitCode = 2;
  }
}
