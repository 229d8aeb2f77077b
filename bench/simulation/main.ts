/** What simulated time costs in real time. */

import { type FoundRuntime, RUNTIMES } from "../../tests/runtimes.ts";
import { compileFor } from "../lib/build.ts";
import { startOn } from "../lib/children.ts";
import { enter } from "../lib/entry.ts";
import { names, rounds, seconds } from "../lib/options.ts";
import { conclude, heading, milestone } from "../lib/output.ts";
import { interleave } from "../lib/rounds.ts";
import { installed } from "../lib/runtimes.ts";
import {
  type Load,
  LOADS,
  type SimulationResults,
  type SimulationRound,
  type SimulationRow,
} from "./results.ts";
import { simulationTable } from "./table.ts";

const LINE_TIMEOUT_MS = 120_000;

const suite = {
  name: "simulation",
  about:
    `Runs simulations: timers, small messages between hosts, a crowd of hosts, an
hour and a day of keep-alive, and a hundred seeds of a client that asks again.`,
  options: {
    runtime: names(RUNTIMES),
    load: names(LOADS),
    scale: {
      ...seconds("how much of each load, 1 being what is promised", 1, [
        0.01,
        10,
      ]),
      placeholder: "X",
    },
    rounds: rounds(3),
  },
};

async function measure(
  runtime: FoundRuntime,
  load: Load,
  scale: number,
): Promise<SimulationRound> {
  const args = [load, scale];
  const child = startOn(runtime, "bench/simulation/program.ts", args);
  try {
    return JSON.parse(await child.nextLine(LINE_TIMEOUT_MS)) as SimulationRound;
  } finally {
    await child.kill();
  }
}

await enter(suite, async (plan) => {
  await compileFor(plan.runtime);
  const runtimes = installed(plan.runtime);
  const rows: SimulationRow[] = [];
  for (const load of plan.load) {
    const found = runtimes.map((runtime) => ({
      runtime,
      rounds: [] as SimulationRound[],
    }));
    await interleave(load, plan.rounds, found, async ({ runtime, rounds }) => {
      rounds.push(await measure(runtime, load, plan.scale));
    });
    for (const { runtime, rounds } of found) {
      rows.push({ runtime: runtime.name, load, rounds });
    }
    milestone(`${load}: done`);
  }
  const results: SimulationResults = {
    ...heading("simulation", runtimes.map(({ name }) => name)),
    rows,
  };
  conclude(results, simulationTable(results), plan.out);
});
