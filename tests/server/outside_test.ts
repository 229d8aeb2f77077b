/**
 * A handler that throws where no server can catch it: the process hears of it
 * once, and if it goes on, so does everybody's connection.
 */

import assert from "node:assert/strict";
import process from "node:process";
import { connect } from "../../mod.ts";
import { portOf, watch } from "../examples/programs.ts";
import { test } from "../harness.ts";
import { spawnRuntime, thisRuntime } from "../runtimes.ts";
import { ask, closeAll } from "./support.ts";

test("a handler that throws in another turn harms nobody else", async () => {
  const script = "tests/fixtures/server/throws_outside.ts";
  const child = spawnRuntime(thisRuntime(), script);
  const program = watch(child);
  try {
    const address = ["127.0.0.1", await portOf(program)] as const;
    const clients = await Promise.all(
      Array.from({ length: 100 }, () => connect(address)),
    );
    const answers = await Promise.all(
      clients.map((client, i) => ask(client, i === 0 ? "!" : "x")),
    );
    assert.deepEqual(answers, ["!", ...Array(99).fill("x")]);
    await program.printed(/^uncaught outside$/m);
    // Each goes on, that of the handler too.
    for (const client of clients) assert.equal(await ask(client, "y"), "y");
    await Promise.all(clients.map((client) => client.close()));
    process.kill(child.pid!, "SIGTERM");
    const { stdout } = await program.ended;
    assert.match(stdout, /^accepted 100 finished 100 failed 0$/m);
    assert.equal(stdout.match(/uncaught/g)?.length, 1);
    assert.doesNotMatch(stdout, /told/);
    await closeAll(clients);
  } finally {
    await program.stop();
  }
});
