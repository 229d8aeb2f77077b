/**
 * The histories that must be the same on every runtime: six scenarios with 50
 * seeds each, and what becomes of the planted bugs.
 *
 * @module
 */

import {
  explore,
  type Scenario,
  simulate,
  type SimulateOptions,
  SimulationFailed,
} from "../../src/testing/mod.ts";
import { PLANTED, type Planted } from "./planted.ts";
import { ask, echo, echoDatagrams } from "./scenarios.ts";
import { AF_INET, SOCK_DGRAM, socket } from "../../mod.ts";

/** So many seeds, from 1 on. */
export const SEEDS = 50;

/** Digits of a hash that are kept. */
const DIGITS = 12;

/** A scenario whose histories are compared. */
export interface History {
  readonly name: string;
  readonly options: SimulateOptions;
  readonly scenario: Scenario<unknown>;
}

const everything: History = {
  name: "everything at once",
  options: {
    network: {
      latencyMs: [1, 20],
      lossRate: 0.05,
      duplicateRate: 0.1,
      reorderRate: 0.1,
      corruptRate: 0.05,
      chunkBytes: [1, 400],
      shortWriteRate: 0.2,
      lateWriteRate: 0.2,
      bytesPerSecond: 200_000,
    },
    faults: [
      { at: 40, forMs: 100, partition: [["a"]] },
      { at: 100, crash: "server", restartAfterMs: 50 },
      { at: 200, forMs: 80, stop: "b" },
      { at: 250, skew: "a", byMs: -500 },
    ],
  },
  async scenario(sim) {
    sim.host("server", () => echo("0.0.0.0:7"));
    sim.host("mirror", () => echoDatagrams(8));
    await Promise.all(["a", "b"].map((name) =>
      sim.host(name).run(async () => {
        const sock = socket(AF_INET, SOCK_DGRAM);
        for (let i = 0; i < 6; i++) {
          const text = `${name}${i}${crypto.randomUUID()}`.repeat(20);
          await ask("server:7", text, 3_000).catch(() => {});
          await sock.sendTo(`${Date.now()}`, "mirror:8");
          await sock.recvFrom({ timeoutMs: 50 }).catch(() => {});
          await sim.sleep(Math.random() * 30);
        }
      })
    ));
  },
};

function withoutBug(name: string): History {
  const { options, scenario } = PLANTED.find((each) =>
    each.name === name
  ) as Planted;
  return { name, options, scenario: (sim) => scenario(sim, false) };
}

/** All six. */
export const HISTORIES: readonly History[] = [
  everything,
  withoutBug("retry counted twice"),
  withoutBug("two leaders"),
  withoutBug("leaked socket"),
  withoutBug("answer after cancel"),
  withoutBug("stale connection after restart"),
];

/** The hashes of one scenario's runs. */
export async function hashesOf(
  { options, scenario }: History,
  seeds: number = SEEDS,
): Promise<readonly string[]> {
  const hashes: string[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    const { hash } = await simulate(scenario, { ...options, seed });
    hashes.push(hash.slice(0, DIGITS));
  }
  return hashes;
}

/** What an exploration makes of a planted bug. */
export async function findingOf(
  { options, scenario }: Planted,
): Promise<SimulationFailed> {
  try {
    await explore((sim) => scenario(sim, true), options);
  } catch (error) {
    if (error instanceof SimulationFailed) return error;
    throw error;
  }
  throw new Error("The bug was not found");
}

/** A finding in one line. */
export function lineOfFinding({ run }: SimulationFailed): string {
  const keys = run.fired.map(({ key }) => key).join("; ");
  return `${run.seed} ${keys} ${run.hash.slice(0, DIGITS)}`;
}
