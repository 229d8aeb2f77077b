/**
 * The library's own laws on the runtime that runs this, over TCP and UDP on
 * IPv4.
 *
 * @module
 */

import { currentRuntime } from "../../mod.ts";
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

/** What became of the library's own laws on a runtime. */
export interface OwnCount {
  /** How many hold. */
  readonly pass: number;
  /** Those that do not, each with what was found. */
  readonly fail: Readonly<Record<string, string>>;
  /** Those that were not run, each with its cause. */
  readonly skip: Readonly<Record<string, string>>;
}

/** Which of them are checked. */
export interface OwnOptions {
  /** Whether one is wanted, by its name. */
  wants(law: string): boolean;
  /** Why the runtime keeps one from holding, where that is known. */
  gap(law: string): string | undefined;
}

interface Check {
  readonly name: string;
  readonly lack: string | undefined;
  run(): Promise<void>;
}

/** Checks them one after another. */
export async function checkOwnLaws(
  { wants, gap }: OwnOptions,
): Promise<OwnCount> {
  const fail: Record<string, string> = {};
  const skip: Record<string, string> = {};
  let pass = 0;
  for (const { name, lack, run } of checks()) {
    if (!wants(name)) continue;
    const reason = lack ?? gap(name);
    if (reason !== undefined) skip[name] = reason;
    else {
      try {
        await run();
        pass++;
      } catch (error) {
        fail[name] = error instanceof Error ? error.message : String(error);
      }
    }
  }
  return { pass, fail, skip };
}

function checks(): readonly Check[] {
  const runtime = currentRuntime();
  const [streams, datagrams] = [tcp4Maker(runtime), udp4Maker(runtime)];
  return [
    ...[...streamLaws, ...listenerLaws, ...selectorLaws]
      .filter((law) => concerns(law, streams))
      .map((law) => ({
        name: law.name,
        lack: whyNot(law, streams),
        run: () => checkLaw(law, streams),
      })),
    ...datagramLaws.map((law) => ({
      name: law.name,
      lack: whyNotDatagram(law, datagrams),
      run: () => checkDatagramLaw(law, datagrams),
    })),
  ];
}
