/**
 * The laws inside a simulation with other seeds, and run twice to be compared
 * (`check: true`). A simulation is the same on every runtime, so that this is
 * run once, and of each a fourth: which law is in which part moves with the
 * seed. `ANYSOCK_SEEDS` asks for all.
 *
 * @module
 */

import process from "node:process";
import { test } from "../harness.ts";
import {
  checkInside,
  COLUMNS,
  inSimulation,
  lackOf,
  type LawsInside,
  STREAM_LAWS,
} from "./simulation_laws.ts";

const PARTS = process.env.ANYSOCK_SEEDS === undefined ? 4 : 1;

const WAYS: readonly (readonly [name: string, how: LawsInside])[] = [
  ["seed 2", { seed: 2 }],
  ["seed 3", { seed: 3 }],
  ["twice", { seed: 1, check: true }],
];

for (const [way, how] of WAYS) {
  for (const [link, [column, rules]] of COLUMNS.entries()) {
    // Where nothing is left to chance a seed changes nothing.
    if (column === "plain" && !how.check) continue;
    const lacks = new Map<string, string>();
    await inSimulation({}, (host) => {
      for (const law of STREAM_LAWS) {
        lacks.set(law.name, lackOf(law, column, host));
      }
      return Promise.resolve();
    });
    for (const [i, law] of STREAM_LAWS.entries()) {
      const lack = lacks.get(law.name) as string;
      if (lack === "" || (i + link + (how.seed ?? 0)) % PARTS !== 0) continue;
      test(
        `simulation/${way}, ${column}: ${law.name}`,
        () => checkInside(law, { ...how, rules }),
        { skip: lack !== "run" && lack, timeoutMs: 60_000 },
      );
    }
  }
}
