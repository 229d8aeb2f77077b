/**
 * A peer that has ended its side and waits for a large answer, where Deno's
 * `node:net` drops what the kernel does not take at once.
 */

import assert from "node:assert/strict";
import {
  ANSWER_BYTES,
  answerHalfClosed,
} from "../fixtures/runtime/half_closed.ts";
import { test } from "../harness.ts";
import { printedOnDeno } from "../support/deno_program.ts";

const SKIP = "Deno" in globalThis ? false : "Deno's node:net is on Deno";

const SCRIPT = "tests/fixtures/runtime/half_closed.ts";

test(
  "an answer that an abortive listener of Deno drops passes for whole nowhere",
  async () => {
    const { server, bytes, client } = await answerHalfClosed({
      abortive: true,
    });
    assert.equal(server, "ECONNRESET");
    assert.equal(client, "ECONNRESET");
    assert.ok(bytes < ANSWER_BYTES);
  },
  { skip: SKIP },
);

test(
  "reusePort is Deno's own and keeps every byte when the flag is given",
  async () => {
    const printed = await printedOnDeno(SCRIPT, [
      "--allow-net",
      "--unstable-net",
    ]);
    const whole = { server: "ok", bytes: ANSWER_BYTES, client: "end" };
    assert.deepEqual(JSON.parse(printed), whole);
  },
  { skip: SKIP },
);
