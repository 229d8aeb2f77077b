/**
 * The library's own laws on the runtime that runs this, over TCP and UDP on
 * IPv4. Prints the names of those that do not hold, and how many do.
 */

import process from "node:process";
import {
  checkDatagramLaw,
  checkLaw,
  concerns,
  datagramLaws,
  listenerLaws,
  selectorLaws,
  streamLaws,
  tcp4Maker,
  udp4Maker,
  whyNot,
  whyNotDatagram,
} from "../../src/testing/mod.ts";
import { currentRuntime } from "../../src/runtime/detect.ts";
import { knownGap } from "../../tests/conformance/known_gaps.ts";
import { thisRuntime } from "../../tests/runtimes.ts";

/** What became of the library's own laws on a runtime. */
export interface OwnCount {
  /** Those that hold. */
  readonly pass: number;
  /** Those that do not. */
  readonly fail: readonly string[];
  /** Those that were not run, each with its cause. */
  readonly skip: Readonly<Record<string, string>>;
}

const runtime = currentRuntime();
const column = `${thisRuntime()}/native/tcp4`;
const [streams, datagrams] = [tcp4Maker(runtime), udp4Maker(runtime)];
const skip: Record<string, string> = {};
const fail: string[] = [];
let pass = 0;

async function count(
  name: string,
  lack: string | undefined,
  check: () => Promise<void>,
): Promise<void> {
  if (lack !== undefined) return void (skip[name] = lack);
  try {
    await check();
    pass++;
  } catch (error) {
    console.error(name, error);
    fail.push(name);
  }
}

for (const law of [...streamLaws, ...listenerLaws, ...selectorLaws]) {
  if (!concerns(law, streams)) continue;
  const lack = whyNot(law, streams) ?? knownGap(column, law.name);
  await count(law.name, lack, () => checkLaw(law, streams));
}
for (const law of datagramLaws) {
  const lack = whyNotDatagram(law, datagrams);
  await count(law.name, lack, () => checkDatagramLaw(law, datagrams));
}
process.stdout.write(JSON.stringify({ pass, fail, skip }));
process.exit(0);
