/**
 * A connection that the program cuts, for a reason that its calls are told.
 */

import assert from "node:assert/strict";
import {
  connect,
  currentRuntime,
  Fault,
  listen,
  type Runtime,
  SocketError,
  type StreamSocket,
} from "../../../mod.ts";
import { memoryNetwork } from "../../../src/testing/mod.ts";
import { test } from "../../harness.ts";

const REASON = new Fault("ETIMEDOUT", undefined, "nothing came for a while");

async function withPair(
  runtime: Runtime,
  use: (a: StreamSocket, b: StreamSocket) => Promise<void>,
): Promise<void> {
  const listener = await listen("127.0.0.1:0", { runtime });
  const a = await connect(listener.getSockName(), { runtime });
  const [b] = await listener.accept();
  try {
    await use(a, b);
  } finally {
    await Promise.all([a, b, listener].map((each) => each.close()));
  }
}

async function isTold(call: Promise<unknown>): Promise<void> {
  await assert.rejects(
    call,
    (error) =>
      error instanceof SocketError && error.code === "ETIMEDOUT" &&
      error.message.includes("nothing came"),
  );
}

/** How the end looks to the peer: a failure, or a plain end. */
async function endOf(peer: StreamSocket): Promise<string> {
  try {
    while (await peer.recv() !== null);
    return "end";
  } catch (error) {
    return (error as SocketError).code;
  }
}

const volume = new Uint8Array(32_000_000);

for (const make of [memoryNetwork, currentRuntime]) {
  const name = make().name;

  test(`a cut is told to pending and later calls on ${name}`, async () => {
    await withPair(make(), async (a, b) => {
      const received = isTold(b.recv());
      const file = b.makeFile("r");
      b.cut(REASON);
      await received;
      assert.equal(b.isClosed, true);
      await isTold(b.recv());
      await isTold(b.sendAll("x"));
      await isTold(file.read(1));
      await isTold(file.readLine());
      await b.closed;
      const end = await endOf(a);
      const resets = make().supports.abortiveClose === true;
      assert.equal(end, resets ? "ECONNRESET" : "end");
      await file.close();
    });
  });

  test(`a cut ends a send by reference on ${name}`, async () => {
    await withPair(make(), async (_, b) => {
      const sent = isTold(b.sendAll(volume));
      b.cut(REASON);
      await sent;
    });
  });

  test(`a cut ends a send that has a signal on ${name}`, async () => {
    await withPair(make(), async (_, b) => {
      const { signal } = new AbortController();
      const sent = isTold(b.sendAll(volume, { signal }));
      b.cut(REASON);
      await sent;
    });
  });

  test(`a cut ends a close that still writes on ${name}`, async () => {
    await withPair(make(), async (a, b) => {
      const sent = assert.rejects(b.sendAll(volume));
      const closed = b.close({ lingerMs: 60_000 });
      b.cut(REASON);
      await Promise.all([sent, closed, b.closed]);
      const end = await endOf(a);
      const resets = make().supports.abortiveClose === true;
      assert.equal(end, resets ? "ECONNRESET" : "end");
    });
  });

  test(`a cut of what is closed does nothing on ${name}`, async () => {
    await withPair(make(), async (a, b) => {
      await Promise.all([a.close(), b.close()]);
      b.cut(REASON);
      await assert.rejects(b.recv(), { code: "EBADF" });
    });
  });
}
