/**
 * Every law inside a simulation, in virtual time: over a plain link, and with
 * what a network does on a bad day.
 *
 * @module
 */

import {
  checkDatagramLaw,
  datagramLaws,
  udp4Maker,
  whyNotDatagram,
} from "../../src/testing/mod.ts";
import { test } from "../harness.ts";
import { isQuick } from "../quick.ts";
import { thisRuntime } from "../runtimes.ts";
import {
  checkInside,
  COLUMNS,
  inSimulation,
  lackOf,
  STREAM_LAWS,
  WATCHDOG_MS,
} from "./simulation_laws.ts";

for (const [column, rules] of isQuick ? COLUMNS.slice(0, 1) : COLUMNS) {
  const lacks = new Map<string, string>();
  await inSimulation({}, (host) => {
    for (const law of STREAM_LAWS) {
      lacks.set(law.name, lackOf(law, column, host));
    }
    for (const law of datagramLaws) {
      const why = whyNotDatagram(law, udp4Maker(host.runtime));
      lacks.set(law.name, why ?? "run");
    }
    return Promise.resolve();
  });
  for (const law of STREAM_LAWS) {
    const lack = lacks.get(law.name) as string;
    if (lack === "") continue;
    test(
      `${thisRuntime()}/simulation/${column}: ${law.name}`,
      () => checkInside(law, { rules }),
      { skip: lack !== "run" && lack, timeoutMs: 60_000 },
    );
  }
  if (column !== "plain") continue;
  for (const law of datagramLaws) {
    const lack = lacks.get(law.name);
    test(
      `${thisRuntime()}/simulation/udp: ${law.name}`,
      () =>
        inSimulation(
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
