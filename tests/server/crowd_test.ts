/**
 * A crowd of the idle, the slow and the deaf does not hurt the others. Small
 * here; `ANYSOCK_CROWD=10000` makes it as large as it should be, with a tenth
 * of slow readers and a tenth who never read.
 */

import assert from "node:assert/strict";
import process from "node:process";
import { connect, type StreamSocket } from "../../mod.ts";
import { portOf, watch } from "../examples/programs.ts";
import { test } from "../harness.ts";
import { spawnRuntime, thisRuntime } from "../runtimes.ts";

const CROWD = Number(process.env["ANYSOCK_CROWD"] ?? 200);
const SCRIPT = "tests/fixtures/server/crowd.ts";
const CLIENTS = 10;
const ROUNDS = CROWD > 1000 ? 1000 : 100;

/** So much a busy machine adds to any answer, in milliseconds. */
const NOISE_MS = CROWD > 1000 ? 0 : 20;

/** How long an answer took, of each. */
async function latencies(client: StreamSocket): Promise<number[]> {
  const bytes = new Uint8Array(64);
  const all: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    await client.sendAll(bytes);
    await client.recvExactly(bytes.length);
    all.push(performance.now() - start);
  }
  return all;
}

/** What 99 of 100 answers took at most. */
async function p99(port: number): Promise<number> {
  const clients = await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      const client = await connect(["127.0.0.1", port]);
      await client.sendAll("e");
      return client;
    }),
  );
  const all = (await Promise.all(clients.map(latencies))).flat();
  await Promise.all(clients.map((client) => client.close({ lingerMs: 0 })));
  return all.sort((a, b) => a - b)[Math.floor(all.length * 0.99)]!;
}

/** The best of some, since other programs only make it worse. */
async function best(port: number): Promise<number> {
  const all: number[] = [];
  for (let i = 0; i < 5; i++) all.push(await p99(port));
  return Math.min(...all);
}

test("a crowd that is idle, slow or deaf hurts nobody else", async () => {
  const name = thisRuntime();
  const server = watch(spawnRuntime(name, SCRIPT));
  const port = await portOf(server);
  const tenth = CROWD / 10;
  const counts = [CROWD, tenth, tenth].map(String);
  let crowd: ReturnType<typeof watch> | undefined;
  try {
    const alone = await best(port);
    crowd = watch(spawnRuntime(name, SCRIPT, [`${port}`, ...counts]));
    await crowd.printed(/^all there$/m);
    const among = await best(port);
    const told = `p99 ${alone.toFixed(2)} ms alone, ${among.toFixed(2)} among`;
    if (CROWD > 1000) console.log(told);
    assert.ok(among <= 2 * alone + NOISE_MS, told);
  } finally {
    await crowd?.stop();
    await server.stop();
  }
}, { timeoutMs: 300_000 });
