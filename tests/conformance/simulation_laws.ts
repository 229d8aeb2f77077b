/**
 * The laws inside a simulation: the links they are run over, and what of them
 * does not apply there.
 *
 * @module
 */

import {
  checkLaw,
  concerns,
  type Host,
  type Law,
  type LinkRules,
  listenerLaws,
  selectorLaws,
  simulate,
  streamLaws,
  type StreamMaker,
  tcp4Maker,
  whyNot,
} from "../../src/testing/mod.ts";

/** Virtual: a loss costs up to 120 s. */
export const WATCHDOG_MS = 7_200_000;

/** The links, by name. */
export const COLUMNS: readonly (readonly [name: string, rules: LinkRules])[] = [
  ["plain", {}],
  ["jitter and cuts", {
    latencyMs: [1, 20],
    mtuBytes: 1_500,
    chunkBytes: [1, 5_000],
    shortWriteRate: 0.3,
    lateWriteRate: 0.3,
  }],
  ["loss", { latencyMs: [1, 3], lossRate: 0.02 }],
];

/** What laws take for granted that wait for a turn, by the column. */
const TOO_EARLY = "what is on its way has not come at the first look";
const TOO_LATE = "a reset drops an end that has to be sent again";
const GAPS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "jitter and cuts": {
    "select that waits for nothing sees what has come, at the first look":
      TOO_EARLY,
  },
  loss: {
    "select that waits for nothing sees what has come, at the first look":
      TOO_EARLY,
    "the end stays an end when a reset comes after it": TOO_LATE,
    "the end stays an end when a send fails before it is read": TOO_LATE,
  },
};

function makerFor(host: Host): StreamMaker {
  return {
    ...tcp4Maker(host.runtime),
    name: "simulation",
    volumeBytes: 200_000,
    moreThanFitsBytes: 1_048_576,
    fitsBytes: 32_768,
  };
}

/** How a simulation of laws differs from others. */
export interface LawsInside {
  readonly rules?: LinkRules;
  readonly seed?: number;
  readonly check?: boolean;
}

/** Runs a body on a host of a simulation. */
export async function inSimulation(
  { rules = {}, seed = 1, check = false }: LawsInside,
  body: (host: Host) => Promise<void>,
): Promise<void> {
  await simulate(async (sim) => {
    const host = sim.host("laws");
    sim.rule({ proto: "tcp" }, rules);
    await host.run(() => body(host));
  }, { seed, check });
}

/** Checks a law there. */
export function checkInside(law: Law, how: LawsInside): Promise<void> {
  return inSimulation(
    how,
    (host) => checkLaw(law, makerFor(host), { watchdogMs: WATCHDOG_MS }),
  );
}

/** All that are about streams. */
export const STREAM_LAWS: readonly Law[] = [
  ...streamLaws,
  ...listenerLaws,
  ...selectorLaws,
];

/** Why a law is not run over a link; `"run"` if it is, `""` if it is none. */
export function lackOf(law: Law, column: string, host: Host): string {
  const maker = makerFor(host);
  if (!concerns(law, maker)) return "";
  if (law.name.endsWith("when the loop was late")) {
    return "no loop is late where time waits for it";
  }
  return GAPS[column]?.[law.name] ?? whyNot(law, maker) ?? "run";
}
