/** The same scripts on this kernel and in a simulation: the same comes of them. */

import assert from "node:assert/strict";
import { simulate } from "../../src/testing/mod.ts";
import { test } from "../harness.ts";
import { play, SCRIPTS } from "./kernel_scripts.ts";

for (const [name, script] of Object.entries(SCRIPTS)) {
  test(`a kernel and a simulation agree where ${name}`, async () => {
    const { value } = await simulate((sim) =>
      sim.host("loopback").run(() => play(script))
    );
    assert.deepEqual(await play(script), value);
  });
}
