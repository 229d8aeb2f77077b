/**
 * Many messages both ways between two threads that both pause as they like: a
 * lost wake-up is a hang. ANYSOCK_SHM_MESSAGES says how many: 1,000,000 were run
 * on each runtime.
 */

import assert from "node:assert/strict";
import process from "node:process";
import { Worker } from "node:worker_threads";
import { openChannel } from "../../src/shm/channel.ts";
import { createMemory } from "../../src/shm/memory.ts";
import { receiveMessages, sendMessages } from "../../src/testing/laws/shm.ts";
import type { Talk } from "../fixtures/shm/talker.ts";
import { test } from "../harness.ts";
import { CAPACITY } from "./channels.ts";
import { workerUrl } from "./remote_end.ts";

const MESSAGES = Number(process.env.ANYSOCK_SHM_MESSAGES ?? 1_000);

/** The counters of bytes wrap on the way. */
const START = -100_000;

for (const doorbell of ["port", "atomics"] as const) {
  test(`two threads lose no wake-up: ${doorbell}`, async () => {
    const buffer = createMemory(CAPACITY, START);
    const { local, remote } = openChannel(buffer, doorbell);
    const workerData: Talk = { handle: remote, doorbell, messages: MESSAGES };
    const worker = new Worker(workerUrl("talker"), {
      workerData,
      transferList: [remote.port] as never,
    });
    const exited = new Promise((resolve) => worker.once("exit", resolve));
    await Promise.all([
      sendMessages(local, MESSAGES, 1),
      receiveMessages(local, MESSAGES, 4),
    ]);
    assert.equal(await local.recv(), null);
    await local.close();
    await exited;
  }, { timeoutMs: Math.max(20_000, MESSAGES) });
}
