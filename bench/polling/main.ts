/**
 * What `Selector.select` costs with few and with many registered sockets, ten
 * of them ready. Few and many are measured in turns, in processes of their
 * own, with the other ends in further processes.
 */

import { type RuntimeName, RUNTIMES } from "../../tests/runtimes.ts";
import { compileFor } from "../lib/build.ts";
import { enter } from "../lib/entry.ts";
import { requireLinux } from "../lib/machine.ts";
import { integer, integers, names, rounds } from "../lib/options.ts";
import { conclude, heading, milestone } from "../lib/output.ts";
import type { Plan } from "../lib/plan.ts";
import { interleave } from "../lib/rounds.ts";
import { type Contestant, startContestant } from "./measure.ts";
import { type PollingResults, type PollingRow, ratio } from "./results.ts";
import { summarize } from "./results.ts";
import { pollingTable } from "./table.ts";

/** What the library promises. */
const MOST_MICROS = 100;
const MOST_RATIO = 2;

const suite = {
  name: "polling",
  about: `Times Selector.select with ten sockets ready, for several numbers of
registered sockets. Each number is a process of its own with peers in another.
Linux only: how many descriptors there may be comes from the kernel.`,
  options: {
    runtime: names(RUNTIMES),
    registered: integers(
      "numbers of registered sockets",
      [100, 10_000],
      [10, 1e9],
    ),
    rounds: rounds(9),
    selects: integer("selects in one round", 2_000, [1, 1e9]),
  },
  notes: `The exit code is 1 if a select takes ${MOST_MICROS} µs or longer, or \
twice as long with
the most sockets as with the fewest, or if nothing could be measured.`,
};

type PollingPlan = Plan<typeof suite.options>;

/** Few and many registered sockets on one runtime, measured in turns. */
async function runRuntime(
  { registered, selects, rounds }: PollingPlan,
  runtime: RuntimeName,
): Promise<PollingRow[]> {
  const contestants: Contestant[] = [];
  try {
    for (const each of registered) {
      contestants.push(await startContestant(runtime, each, selects));
    }
    // The first of all is slower: its code is compiled meanwhile.
    for (const each of contestants) await each.warmUp();
    await interleave(runtime, rounds, contestants, (each) => each.play());
  } finally {
    for (const each of contestants) await each.stop();
  }
  return contestants.map((each) => each.row);
}

/** What is not as promised. */
function complaints(rows: readonly PollingRow[]): string[] {
  return rows.flatMap((row) => {
    const found = summarize(row);
    if (found === undefined) return [];
    const name = `${row.runtime} with ${row.registered}`;
    const times = ratio(rows, row) ?? 0;
    const said: string[] = [];
    if (found.readyMicros >= MOST_MICROS) {
      said.push(`${name}: ${found.readyMicros} µs`);
    }
    if (times >= MOST_RATIO) said.push(`${name}: ${times} times the fewest`);
    return said;
  });
}

await enter(suite, async (plan) => {
  requireLinux();
  await compileFor(plan.runtime);
  const rows: PollingRow[] = [];
  for (const runtime of plan.runtime) {
    rows.push(...await runRuntime(plan, runtime));
    milestone(`${runtime}: done`);
  }
  const results: PollingResults = { ...heading("polling", plan.runtime), rows };
  conclude(results, pollingTable(results), plan.out);
  const wrong = complaints(rows);
  for (const each of wrong) console.error(`Too slow: ${each}`);
  if (wrong.length > 0 || rows.every((row) => row.rounds.length === 0)) {
    process.exitCode = 1;
  }
});
