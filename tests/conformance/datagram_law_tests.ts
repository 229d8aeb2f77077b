/**
 * Every law of datagrams as a named test over one kind of them.
 *
 * @module
 */

import { AF_INET6 } from "../../src/constants.ts";
import {
  checkDatagramLaw,
  type DatagramMaker,
  whyNotDatagram,
} from "../../src/testing/datagram_law.ts";
import { datagramLaws } from "../../src/testing/laws/datagram.ts";
import { test } from "../harness.ts";

const WATCHDOG_MS = 15_000;

/** Sends by the ten thousand: the queue does not know IPv4 from IPv6. */
const MANY = /^20,000 sends/;

/** Waits above the seam, and knows no driver. */
const OF_QUEUE = /^more waiting sends than/;

/**
 * Declares a test for each law. Those that need what the runtime cannot do are
 * skipped, with the reason; `missing` says why all of them are.
 */
export function datagramLawTests(
  column: string,
  make: () => DatagramMaker,
  missing?: string,
): void {
  const maker = make();
  for (const law of datagramLaws) {
    if (MANY.test(law.name) && maker.family === AF_INET6) continue;
    if (OF_QUEUE.test(law.name) && maker.name !== "memory") continue;
    test(
      `${column}: ${law.name}`,
      () => checkDatagramLaw(law, make(), { watchdogMs: WATCHDOG_MS }),
      {
        timeoutMs: 2 * WATCHDOG_MS + 1_000,
        skip: missing ?? whyNotDatagram(law, maker),
      },
    );
  }
}
