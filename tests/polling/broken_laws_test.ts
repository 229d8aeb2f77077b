/** A law that cannot fail proves nothing: broken drivers break these. */

import assert from "node:assert/strict";
import {
  checkLaw,
  memoryMaker,
  selectorLaws,
  type StreamMaker,
} from "../../src/testing/mod.ts";
import { test } from "../harness.ts";
import { brokenNetwork, type Sabotage } from "../testing/broken_drivers.ts";

/** A broken law often shows as a call that never ends. */
const WATCHDOG_MS = 400;

interface Case {
  readonly does: string;
  readonly breaks: readonly string[];
  readonly how: Sabotage;
}

const CASES: readonly Case[] = [
  {
    does: "never tells of the end",
    breaks: ["the end of a stream is readable, and stays so"],
    how: { end: () => {} },
  },
  {
    does: "never tells of a reset",
    breaks: [
      "death is seen by who waits for nothing else",
      "a dead socket comes back in every list, and the living go on",
      "a dead socket is told for all that was asked, and the living go on",
    ],
    how: { failed: () => {} },
  },
  {
    does: "never tells of room",
    breaks: ["a stream is writable while the kernel takes more, and only then"],
    how: { writable: () => {} },
  },
  {
    does: "takes whatever is written and drops what does not fit",
    breaks: [
      "a stream is writable while the kernel takes more, and only then",
      "every send of a non-blocking socket that would wait is EAGAIN",
    ],
    how: {
      write(data, raw) {
        raw.write(data);
        return data.length;
      },
    },
  },
  {
    does: "never tells of a connection",
    breaks: ["a listener is readable when accept will not wait"],
    how: { connection: () => {} },
  },
  {
    does: "tells of bytes twice",
    breaks: ["a selector tells what is ready again until it is consumed"],
    how: {
      data(chunk, tell) {
        tell(chunk.slice());
        return tell(chunk);
      },
    },
  },
  {
    does: "reads on whatever the sink says",
    breaks: ["a registered stream that nobody reads stops its writer"],
    how: {
      data(chunk, tell, raw) {
        tell(chunk);
        queueMicrotask(() => raw.resume());
        return true;
      },
    },
  },
];

function makerOf(sabotage: Sabotage): StreamMaker {
  return { ...memoryMaker(), runtime: brokenNetwork(() => sabotage) };
}

for (const { does, breaks, how } of CASES) {
  for (const name of breaks) {
    const law = selectorLaws.find((each) => each.name === name);
    test(`the law "${name}" fails when a driver ${does}`, async () => {
      assert.ok(law);
      await checkLaw(law, makerOf({}));
      const options = { watchdogMs: WATCHDOG_MS };
      await assert.rejects(checkLaw(law, makerOf(how), options));
    });
  }
}

test("the laws of polling have names of their own", () => {
  const names = selectorLaws.map((law) => law.name);
  assert.equal(new Set(names).size, names.length);
});
