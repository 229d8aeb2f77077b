/**
 * Every law as a named test over one kind of stream.
 *
 * @module
 */

import {
  checkLaw,
  concerns,
  type Law,
  listenerLaws,
  selectorLaws,
  streamLaws,
  type StreamMaker,
  tlsLaws,
  whyNot,
} from "../../src/testing/mod.ts";
import { test } from "../harness.ts";
import { gapIn, knownGap } from "./known_gaps.ts";
import { TLS_GAPS } from "./tls_gaps.ts";

/** Longer than any law takes on a busy machine. */
const WATCHDOG_MS = 30_000;

/**
 * Declares a test for each law that speaks of such streams. Those that need
 * what the runtime cannot do, and those that its own bug breaks, are skipped,
 * with the reason; `missing` says why all of them are.
 */
export function lawTests(
  column: string,
  makeMaker: (law?: Law) => StreamMaker,
  missing?: string,
): void {
  const maker = makeMaker();
  const laws: readonly Law[] = [
    ...streamLaws,
    ...listenerLaws,
    ...selectorLaws,
    ...(maker.tls === undefined ? [] : tlsLaws),
  ];
  for (const law of laws) {
    if (!concerns(law, maker)) continue;
    const lack = whyNot(law, maker) ??
      (maker.tls && gapIn(TLS_GAPS, column, law.name));
    test(
      `${column}: ${law.name}`,
      () => checkLaw(law, makeMaker(law), { watchdogMs: WATCHDOG_MS }),
      {
        timeoutMs: 2 * WATCHDOG_MS + 1_000,
        skip: missing ?? lack ?? knownGap(column, law.name),
      },
    );
  }
}
