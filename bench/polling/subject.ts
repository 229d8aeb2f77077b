/**
 * The process under test: registers many connections with one `Selector` and,
 * for each line on standard input, measures a round and prints it as JSON.
 *
 *     … subject.ts PORT COUNT SELECTS
 */

import process from "node:process";
import { connect, type StreamSocket } from "../../mod.ts";
import { EVENT_READ, Selector } from "../../src/polling/mod.ts";
import type { Round } from "./results.ts";

/** How many sockets are ready at once, as the claim has it. */
const READY = 10;

/** Connects are made in batches that the peers' backlog can hold. */
const BATCH = 100;

const [port = 0, count = 0, selects = 0] = process.argv.slice(2).map(Number);

const selector = new Selector<StreamSocket>();
const sockets: StreamSocket[] = [];
while (sockets.length < count) {
  const batch = Array.from(
    { length: Math.min(BATCH, count - sockets.length) },
    () => connect(["127.0.0.1", port]),
  );
  sockets.push(...await Promise.all(batch));
}
for (const socket of sockets) selector.register(socket, EVENT_READ);
await selector.select(0);
console.log(`ready ${sockets.length}`);

/** Makes ten sockets ready, spread over all, by the echo of a byte each. */
async function makeReady(): Promise<StreamSocket[]> {
  const step = sockets.length / READY;
  const chosen = Array.from(
    { length: READY },
    (_, i) => sockets[Math.floor(i * step)]!,
  );
  for (const socket of chosen) await socket.sendAll("x");
  let found = 0;
  while (found < READY) found = (await selector.select()).length;
  return chosen;
}

/** Microseconds that one select takes, and how many keys it gave. */
async function timed(
  timeoutMs: number | null,
  expected: number,
): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < selects; i++) {
    const found = await selector.select(timeoutMs);
    if (found.length === expected) continue;
    throw new Error(`${found.length} keys, not ${expected}`);
  }
  return (performance.now() - start) / selects * 1_000;
}

async function round(): Promise<Round> {
  const chosen = await makeReady();
  const readyMicros = await timed(null, READY);
  for (const socket of chosen) await socket.recvExactly(1);
  return { readyMicros, idleMicros: await timed(0, 0) };
}

for await (const _line of process.stdin) {
  console.log(JSON.stringify(await round()));
}
process.exit(0);
