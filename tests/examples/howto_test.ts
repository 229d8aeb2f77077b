/**
 * The three ways of the HOWTO: threads, processes, and one loop.
 */

import assert from "node:assert/strict";
import process from "node:process";
import { test } from "../harness.ts";
import { spawnRuntime, thisRuntime } from "../runtimes.ts";
import { HAS_THREADS } from "../server/workers/support.ts";
import { call, portOf, watch } from "./programs.ts";

const SLOWLY = { timeoutMs: 60_000 };

/** Asks a program for primes, and ends it as a supervisor would. */
async function countWith(
  name: string,
  args: readonly string[],
  endsWell: boolean,
): Promise<void> {
  const child = spawnRuntime(thisRuntime(), `examples/${name}.ts`, args);
  const program = watch(child);
  try {
    const peers = await Promise.all(
      [await portOf(program)].flatMap((port) => [call(port), call(port)]),
    );
    for (const peer of peers) {
      peer.socket.write("100\nten\n");
      await peer.heard("25 by");
      await peer.heard("no number");
      peer.socket.end();
      assert.match(await peer.all, /^25 by \d+\/\d+\nno number\n$/);
    }
    process.kill(child.pid!, "SIGTERM");
    const { code, stderr } = await program.ended;
    if (endsWell) assert.deepEqual([code, stderr], [0, ""]);
  } finally {
    await program.stop();
  }
}

test("howto_threads counts primes in threads", async () => {
  await countWith("howto_threads", ["2", "0"], true);
}, {
  ...SLOWLY,
  skip: HAS_THREADS ? false : "this Node shares no port among threads",
});

test("howto_processes counts primes in processes", async () => {
  await countWith("howto_processes", ["2", "0"], true);
}, SLOWLY);

test("howto_select counts primes in one loop", async () => {
  await countWith("howto_select", ["0"], false);
}, SLOWLY);
