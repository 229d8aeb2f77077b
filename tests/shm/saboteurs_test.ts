/**
 * No law of channels that cannot fail: each is broken by a saboteur, and holds
 * without him, which laws_test.ts shows.
 */

import assert from "node:assert/strict";
import { byteStreamLaws } from "../../src/testing/laws/byte_stream.ts";
import { shmLaws } from "../../src/testing/laws/shm.ts";
import { test } from "../harness.ts";
import { attachAgain, CAPACITY, Channels } from "./channels.ts";
import { sabotage, SHM_SABOTEURS, type ShmSaboteur } from "./saboteurs.ts";

/** A law that has not ended by then never will. */
const HUNG_MS = 250;

const NAMES = [...byteStreamLaws, ...shmLaws].map(({ name }) => name);

/** Runs one law over channels; rejects if it is broken or does not end. */
async function check(name: string, saboteur: ShmSaboteur): Promise<void> {
  const channels = new Channels("port");
  const mend = sabotage(saboteur);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const hung = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("it hangs")), HUNG_MS);
  });
  try {
    await Promise.race([runLaw(name, channels), hung]);
  } finally {
    clearTimeout(timer);
    mend();
    await channels.close();
  }
}

function runLaw(name: string, channels: Channels): Promise<void> {
  const pair = () => channels.open();
  const general = byteStreamLaws.find((law) => law.name === name);
  if (general) return general.run({ pair, moreThanFitsBytes: 8 * CAPACITY });
  return shmLaws.find((law) => law.name === name)!.run({
    pair,
    capacity: CAPACITY,
    messages: 200,
    memoryOf: (end) => channels.handleOf(end).buffer,
    attachAgain: (end) => attachAgain(channels.handleOf(end).buffer),
  });
}

test("every law of channels has a saboteur that breaks it", () => {
  const broken = SHM_SABOTEURS.flatMap(({ breaks }) => breaks);
  assert.deepEqual(NAMES.filter((name) => !broken.includes(name)), []);
  assert.deepEqual(broken.filter((name) => !NAMES.includes(name)), []);
});

for (const saboteur of SHM_SABOTEURS) {
  test(`laws of channels fail when ${saboteur.does}`, async () => {
    for (const name of saboteur.breaks) {
      await assert.rejects(check(name, saboteur), Error, `This holds: ${name}`);
    }
  }, { unsanitized: "a law that is broken may hang, and its timers with it" });
}
