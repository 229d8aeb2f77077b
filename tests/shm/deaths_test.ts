/**
 * What an end of a channel is told when its partner's thread ends, and threads
 * that block.
 */

import assert from "node:assert/strict";
import { Worker } from "node:worker_threads";
import {
  type DoorbellKind,
  shmChannel,
  type ShmChannelOptions,
  shmPartnerDied,
  type ShmStream,
} from "../../src/shm/mod.ts";
import { Dice } from "../../src/testing/dice.ts";
import type { Order, Way } from "../fixtures/shm/dying.ts";
import { test } from "../harness.ts";
import { thisRuntime } from "../runtimes.ts";
import { workerUrl } from "./remote_end.ts";

const DEATHS: readonly Way[] = [
  "throw",
  "exit",
  "return",
  "idle",
  "spinning",
  "blocked",
];

/** There the port of a worker that was terminated so says nothing. */
const isDeaf = (way: Way): boolean =>
  thisRuntime().startsWith("deno") && (way === "spinning" || way === "blocked");

/** What an end of a channel is woken by, and who tells it of a death. */
const COLUMNS = [
  { doorbell: "port", isOwner: true },
  { doorbell: "atomics", isOwner: true },
  { doorbell: "port", isOwner: false },
  { doorbell: "atomics", isOwner: false },
] as const;

/** A worker of the fixture with as many channels as there are columns. */
function start(
  way: Way,
  columns: readonly { doorbell: DoorbellKind; isOwner: boolean }[],
): { worker: Worker; exited: Promise<void>; streams: ShmStream[] } {
  const worker = new Worker(workerUrl("dying"));
  worker.on("error", () => {});
  const exited = new Promise<void>((resolve) => {
    worker.on("exit", () => resolve());
  });
  const channels = columns.map(({ doorbell, isOwner }) => {
    const options: ShmChannelOptions = { doorbell, capacity: 4_096 };
    return shmChannel(isOwner ? { ...options, worker } : options);
  });
  const ends = channels.map(({ remote }, i) => ({
    handle: remote,
    doorbell: columns[i]!.doorbell,
  }));
  const ports = channels.map(({ remote }) => remote.port);
  worker.postMessage({ way, ends } satisfies Order, ports as never);
  return { worker, exited, streams: channels.map(({ local }) => local) };
}

async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    return await promise;
  } catch (error) {
    return (error as { code?: string }).code;
  }
}

async function textOf(stream: ShmStream): Promise<string> {
  return new TextDecoder().decode(await stream.recv() ?? undefined);
}

for (const way of DEATHS) {
  test(`an end is told when its partner's thread ends: ${way}`, async () => {
    const { worker, exited, streams } = start(way, COLUMNS);
    for (const stream of streams) assert.equal(await textOf(stream), "hello");
    const pending = streams.map((stream) => codeOf(stream.recv()));
    if (["idle", "spinning", "blocked"].includes(way)) await worker.terminate();
    await exited;
    if (isDeaf(way)) {
      for (const stream of streams.slice(2)) stream.partnerDied();
    }
    for (const code of pending) assert.equal(await code, "ECONNRESET");
    for (const stream of streams) {
      assert.equal(await codeOf(stream.sendAll("x")), "ECONNRESET");
      assert.equal(await codeOf(stream.recv()), "ECONNRESET");
      assert.throws(() => stream.recvSync(), { code: "ECONNRESET" });
      await stream.close();
    }
  });
}

for (const doorbell of ["port", "atomics"] as const) {
  test(`a thread that blocks answers one that does not: ${doorbell}`, async () => {
    const { exited, streams: [stream] } = start("echo", [
      { doorbell, isOwner: true },
    ]);
    assert.ok(stream);
    const dice = new Dice(7);
    for (let i = 0; i < 300; i++) {
      const sent = new Uint8Array(1 + dice.next() * 9_000).fill(i);
      const sending = stream.sendAll(sent);
      for (let left = sent.length; left > 0;) {
        const bytes = await stream.recv();
        assert.ok(bytes !== null);
        assert.ok(bytes.every((byte) => byte === (i & 255)));
        left -= bytes.length;
      }
      await sending;
    }
    await stream.shutdown(1);
    assert.equal(await stream.recv(), null);
    await stream.close();
    await exited;
  });

  test(`two threads that block answer one another: ${doorbell}`, async () => {
    const { exited, streams: [stream] } = start("echo", [
      { doorbell, isOwner: true },
    ]);
    assert.ok(stream);
    for (let i = 0; i < 300; i++) {
      stream.sendAllSync(new Uint8Array(1 + (i % 7)).fill(i), 15_000);
      assert.equal(stream.recvSync(1, 15_000)?.[0], i & 255);
      for (let left = i % 7; left > 0;) {
        left -= stream.recvSync(left, 15_000)?.length ?? left;
      }
    }
    await stream.close();
    await exited;
  });
}

test("a thread that blocks is told by the owner that its partner died", async () => {
  const worker = new Worker(workerUrl("dying"));
  const { local, remote } = shmChannel({ capacity: 4_096 });
  const { buffer, port } = remote;
  const ends = [{ handle: remote, doorbell: "port" as const }];
  const told = new Promise((resolve) => worker.once("message", resolve));
  worker.postMessage({ way: "listen", ends } satisfies Order, [port] as never);
  assert.equal(await textOf(local), "hello");
  shmPartnerDied(buffer);
  assert.equal(await told, "ECONNRESET");
  await local.close();
  await worker.terminate();
});

test("a closed end forgets the worker that it watched", async () => {
  const worker = new Worker(workerUrl("dying"));
  const before = worker.listenerCount("exit");
  const { local, remote } = shmChannel({ worker });
  assert.equal(worker.listenerCount("exit"), before + 1);
  remote.port.close();
  await local.close();
  assert.equal(worker.listenerCount("exit"), before);
  await worker.terminate();
});
