/**
 * Many connections, one after the other and side by side: memory and
 * descriptors stay flat, and every byte is accounted for. Bounded; longer with
 * `ANYSOCK_SOAK_S=600`.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { AF_INET, SHUT_WR, SOCK_DGRAM } from "../../src/constants.ts";
import {
  connect,
  listen,
  type Listener,
  socket,
  type StreamSocket,
} from "../../src/socket/mod.ts";
import { Dice } from "../../src/testing/dice.ts";
import { liveHandles } from "../../src/testing/mod.ts";
import { test } from "../harness.ts";

const SOAK_MS = Number(process.env["ANYSOCK_SOAK_S"] ?? 0.6) * 1_000;
const SIDE_BY_SIDE = 8;

/** Descriptors that a runtime opens for itself when first needed. */
const RUNTIMES_OWN = 16;

/** What a runtime's own memory may move by, in bytes. */
const SLACK_BYTES = 64 * 1024 * 1024;

const data = new Uint8Array(262_144).map((_, i) => i * 13 + (i >> 8));

interface Sums {
  sent: number;
  received: number;
  connections: number;
  resets: number;
}

/** Deno lets nobody look there who may not do everything; `ls` is another. */
function descriptors(): number {
  const path = `/proc/${process.pid}/fd`;
  const { stdout } = spawnSync("ls", [path], { encoding: "utf8" });
  return stdout.trim().split("\n").length;
}

/** One connection: each end sends, ends, and reads; or one of them resets. */
async function talk(
  listener: Listener,
  dice: Dice,
  sums: Sums,
): Promise<void> {
  const client = await connect(listener.getSockName(), { abortive: true });
  const [server] = await listener.accept();
  sums.connections++;
  if (dice.chance(0.2)) {
    await server.sendAll(data.subarray(0, dice.size(10_000)));
    client.reset();
    const reading = (async () => {
      while (await server.recv() !== null);
    })();
    await assert.rejects(reading, { code: "ECONNRESET" });
    sums.resets++;
  } else {
    const sizes = [dice.size(data.length), dice.size(data.length)] as const;
    const got = await Promise.all([
      say(client, sizes[0]),
      say(server, sizes[1]),
      hear(client),
      hear(server),
    ]);
    assert.deepEqual(got.slice(2), [sizes[1], sizes[0]]);
    assert.equal(client.bytesSent, server.bytesReceived);
    assert.equal(server.bytesSent, client.bytesReceived);
    sums.sent += client.bytesSent + server.bytesSent;
    sums.received += client.bytesReceived + server.bytesReceived;
  }
  await Promise.all([client.close(), server.close()]);
}

async function say(socket: StreamSocket, size: number): Promise<void> {
  await socket.sendAll(data.subarray(0, size));
  await socket.shutdown(SHUT_WR);
}

/** Reads to the end, looks at each byte, and gives their number. */
async function hear(socket: StreamSocket): Promise<number> {
  let count = 0;
  for await (const chunk of socket) {
    const want = data.subarray(count, count + chunk.length);
    if (Buffer.compare(chunk, want) !== 0) throw new Error(`at ${count}`);
    count += chunk.length;
  }
  return count;
}

async function askByDatagram(): Promise<void> {
  await using one = socket(AF_INET, SOCK_DGRAM);
  await using other = socket(AF_INET, SOCK_DGRAM);
  await one.bind("127.0.0.1:0");
  await other.sendTo(data.subarray(0, 1_000), one.getSockName());
  const [bytes] = await one.recvFrom();
  assert.equal(bytes.length, 1_000);
}

test(
  "memory and descriptors stay flat, and no byte is lost, for as long as it goes on",
  async () => {
    const sums: Sums = { sent: 0, received: 0, connections: 0, resets: 0 };
    const listeners = await Promise.all(
      Array.from(
        { length: SIDE_BY_SIDE },
        () => listen("127.0.0.1:0", { abortive: true }),
      ),
    );
    const dice = new Dice(2026);
    const round = async () => {
      const talks = listeners.map((each) => talk(each, dice, sums));
      await Promise.all([...talks, askByDatagram()]);
    };
    // What is made once is made before it counts.
    for (let i = 0; i < 5; i++) await round();
    const before = {
      handles: liveHandles(),
      fds: descriptors(),
      bytes: process.memoryUsage().rss,
    };
    const until = performance.now() + SOAK_MS;
    let most = 0;
    while (performance.now() < until) {
      await round();
      most = Math.max(most, process.memoryUsage().rss);
    }
    const after = { handles: liveHandles(), fds: descriptors() };
    await Promise.all(listeners.map((each) => each.close()));
    assert.equal(sums.sent, sums.received);
    assert.ok(sums.resets > 0 && sums.connections > sums.resets);
    assert.deepEqual(after.handles, before.handles);
    assert.ok(
      after.fds <= before.fds + RUNTIMES_OWN,
      `${before.fds} descriptors before, ${after.fds} after`,
    );
    const grown = most - before.bytes;
    assert.ok(grown < SLACK_BYTES, `${grown} bytes more`);
  },
  {
    timeoutMs: SOAK_MS + 30_000,
    skip: process.platform !== "linux" && "descriptors are counted in /proc",
  },
);
