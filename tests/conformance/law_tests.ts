/**
 * Every law as a named test over one kind of stream.
 *
 * @module
 */

import {
  checkLaw,
  type Law,
  listenerLaws,
  type StreamMaker,
  streamLaws,
  whyNot,
} from "../../src/testing/mod.ts";
import { test } from "../harness.ts";
import { knownGap } from "./known_gaps.ts";

/** Longer than any law takes on a busy machine. */
const WATCHDOG_MS = 30_000;

/**
 * Declares a test for each law. Laws that need what the maker lacks are left
 * out; a runtime's own bug is skipped with its cause.
 */
export function lawTests(column: string, makeMaker: () => StreamMaker): void {
  const maker = makeMaker();
  const laws: readonly Law[] = [...streamLaws, ...listenerLaws];
  for (const law of laws) {
    const lack = whyNot(law, maker);
    test(
      `${column}: ${law.name}`,
      () => checkLaw(law, makeMaker(), { watchdogMs: WATCHDOG_MS }),
      {
        timeoutMs: 2 * WATCHDOG_MS + 1_000,
        skip: lack ?? knownGap(column, law.name),
      },
    );
  }
}
