/**
 * A crowd of the idle, the slow and the deaf does not hurt the others. Small
 * here; `ANYSOCK_CROWD=10000` makes it as large as it should be, with a tenth
 * of slow readers and a tenth who never read. Then the server has a processor
 * for itself, and all who load it share another one.
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { connect, type StreamSocket } from "../../mod.ts";
import { portOf, watch } from "../examples/programs.ts";
import { test } from "../harness.ts";
import { spawnRuntime, thisRuntime } from "../runtimes.ts";

const CROWD = Number(process.env["ANYSOCK_CROWD"] ?? 200);
const SCRIPT = "tests/fixtures/server/crowd.ts";
const CLIENTS = 10;
const IS_LARGE = CROWD > 1000;
const ROUNDS = IS_LARGE ? 500 : 100;

/** So much a busy machine adds to any answer, in milliseconds. */
const NOISE_MS = IS_LARGE ? 0 : 20;

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

/** Of some: the best, since other programs only make it worse. */
async function several(port: number): Promise<number> {
  const all: number[] = [];
  for (let i = 0; i < (IS_LARGE ? 9 : 5); i++) all.push(await p99(port));
  all.sort((a, b) => a - b);
  if (IS_LARGE) console.log(all.map((each) => each.toFixed(2)).join(" "));
  return all[0]!;
}

/** Puts all threads of a process on one processor. */
function pin(pid: number, processor: number): void {
  if (!IS_LARGE) return;
  const args = ["--all-tasks", "--cpu-list", "--pid", `${processor}`, `${pid}`];
  const { status } = spawnSync("taskset", args, { stdio: "ignore" });
  assert.equal(status, 0, "taskset");
}

test("a crowd that is idle, slow or deaf hurts nobody else", async () => {
  const name = thisRuntime();
  const serving = spawnRuntime(name, SCRIPT);
  const server = watch(serving);
  const port = await portOf(server);
  pin(process.pid, 1);
  pin(serving.pid!, 0);
  const tenth = CROWD / 10;
  const counts = [CROWD, tenth, tenth].map(String);
  let crowd: ReturnType<typeof watch> | undefined;
  try {
    // Cold code is slow alone, too.
    if (IS_LARGE) await several(port);
    const alone = await several(port);
    crowd = watch(spawnRuntime(name, SCRIPT, [`${port}`, ...counts]));
    await crowd.printed(/^all there$/m);
    const among = await several(port);
    const told = `p99 ${alone.toFixed(2)} ms alone, ${among.toFixed(2)} among`;
    if (IS_LARGE) console.log(told);
    assert.ok(among <= 2 * alone + NOISE_MS, told);
  } finally {
    await crowd?.stop();
    await server.stop();
  }
}, { timeoutMs: 300_000 });
