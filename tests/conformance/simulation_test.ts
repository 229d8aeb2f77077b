/**
 * Every law inside a simulation, in virtual time: over a plain link, and with
 * what a network does on a bad day.
 *
 * @module
 */

import {
  checkDatagramLaw,
  checkLaw,
  concerns,
  datagramLaws,
  type Host,
  type Law,
  type LinkRules,
  listenerLaws,
  selectorLaws,
  simulate,
  streamLaws,
  type StreamMaker,
  tcp4Maker,
  udp4Maker,
  whyNot,
  whyNotDatagram,
} from "../../src/testing/mod.ts";
import { test } from "../harness.ts";
import { isQuick } from "../quick.ts";
import { thisRuntime } from "../runtimes.ts";

/** Virtual: a loss costs up to 120 s. */
const WATCHDOG_MS = 7_200_000;

const COLUMNS: readonly (readonly [name: string, rules: LinkRules])[] = [
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

async function inSimulation(
  seed: number,
  rules: LinkRules,
  body: (host: Host) => Promise<void>,
): Promise<void> {
  await simulate(async (sim) => {
    const host = sim.host("laws");
    sim.rule({ proto: "tcp" }, rules);
    await host.run(() => body(host));
  }, { seed });
}

const laws: readonly Law[] = [...streamLaws, ...listenerLaws, ...selectorLaws];

for (const [column, rules] of isQuick ? COLUMNS.slice(0, 1) : COLUMNS) {
  const skips = new Map<string, string>();
  await inSimulation(1, {}, (host) => {
    const maker = makerFor(host);
    for (const law of laws) {
      if (!concerns(law, maker)) skips.set(law.name, "");
      else if (law.name.endsWith("when the loop was late")) {
        skips.set(law.name, "no loop is late where time waits for it");
      } else skips.set(law.name, whyNot(law, maker) ?? "run");
    }
    for (const law of datagramLaws) {
      const why = whyNotDatagram(law, udp4Maker(host.runtime));
      skips.set(law.name, why ?? "run");
    }
    return Promise.resolve();
  });
  for (const law of laws) {
    const lack = skips.get(law.name) as string;
    if (lack === "") continue;
    const gap = GAPS[column]?.[law.name];
    test(
      `${thisRuntime()}/simulation/${column}: ${law.name}`,
      () =>
        inSimulation(
          1,
          rules,
          (host) => checkLaw(law, makerFor(host), { watchdogMs: WATCHDOG_MS }),
        ),
      { skip: gap ?? (lack !== "run" && lack), timeoutMs: 60_000 },
    );
  }
  if (column !== "plain") continue;
  for (const law of datagramLaws) {
    const lack = skips.get(law.name);
    test(
      `${thisRuntime()}/simulation/udp: ${law.name}`,
      () =>
        inSimulation(
          1,
          {},
          (host) =>
            checkDatagramLaw(law, udp4Maker(host.runtime), {
              watchdogMs: WATCHDOG_MS,
            }),
        ),
      { skip: lack !== "run" && lack },
    );
  }
}
