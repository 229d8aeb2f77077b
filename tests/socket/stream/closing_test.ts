/** What a close takes of time, and what it leaves. */

import assert from "node:assert/strict";
import { listen, type StreamSocket } from "../../../mod.ts";
import { connect } from "../../../src/socket/connect.ts";
import { FakeClock, memoryNetwork } from "../../../src/testing/mod.ts";
import { turn } from "../../../src/testing/expect.ts";
import { test } from "../../harness.ts";

/** A pair whose time stands still. */
async function timelessPair(): Promise<
  { clock: FakeClock; a: StreamSocket; b: StreamSocket }
> {
  const clock = new FakeClock();
  const runtime = memoryNetwork({ clock });
  const listener = await listen("127.0.0.1:0", { runtime });
  const [a, [b]] = await Promise.all([
    connect(listener.getSockName(), { runtime }),
    listener.accept(),
  ]);
  await listener.close();
  return { clock, a, b };
}

/** Tells whether a promise has settled. */
function watch(promise: Promise<unknown>): () => boolean {
  let isSettled = false;
  void promise.then(() => isSettled = true);
  return () => isSettled;
}

test("close settles 50 ms after its FIN when the peer keeps its side open", async () => {
  const { clock, a, b } = await timelessPair();
  const isClosed = watch(a.close());
  const isReleased = watch(a.closed);
  await turn();
  clock.advance(49);
  await turn();
  assert.deepEqual([isClosed(), isReleased()], [false, false]);
  clock.advance(1);
  await turn();
  assert.deepEqual([isClosed(), isReleased()], [true, false]);
  clock.advance(1_950);
  await turn();
  assert.equal(isReleased(), true);
  assert.equal(await b.recv(), null);
  await b.close();
  assert.equal(clock.pending, 0);
});

test("close waits for no drain of another network when the addresses are the same", async () => {
  const [one, other] = [await timelessPair(), await timelessPair()];
  assert.deepEqual(one.a.getSockName(), other.a.getSockName());
  const closing = one.a.close();
  await turn();
  one.clock.advance(50);
  await closing; // and drains behind
  await other.b.close({ lingerMs: 0 });
  await other.a.close({ lingerMs: 0 });
  await one.b.close();
});

test("a second close settles as the first when the peer keeps its side open", async () => {
  const { clock, a, b } = await timelessPair();
  const first = a.close();
  const second = watch(a.close());
  await turn();
  clock.advance(50);
  await first;
  await turn();
  assert.equal(second(), true);
  const third = watch(a.close());
  await turn();
  assert.equal(third(), true);
  await b.close();
  await a.closed;
});

test("close settles at the peer's end when that comes at once", async () => {
  const { clock, a, b } = await timelessPair();
  await Promise.all([a.close(), b.close(), a.closed, b.closed]);
  assert.equal(clock.pending, 0);
});

test("a reader gets every byte and the end when it starts 4 s after close", async () => {
  const { clock, a, b } = await timelessPair();
  await a.sendAll(new Uint8Array(30_000));
  await b.sendAll("unread");
  void a.close();
  await turn();
  clock.advance(4_000);
  await a.closed;
  assert.equal((await b.recvExactly(30_000)).length, 30_000);
  assert.equal(await b.recv(), null);
  await b.close();
});

// Deno's sanitizers and the census look right after each of these.
const orders: Readonly<
  Record<string, (a: StreamSocket, b: StreamSocket) => Promise<unknown>>
> = {
  "one after the other": (a, b) => a.close().then(() => b.close()),
  "at once": (a, b) => Promise.all([a.close(), b.close()]),
  "with a deadline": (a, b) =>
    a.close({ lingerMs: 10_000 }).then(() => b.close({ lingerMs: 10_000 })),
  "without a drain": (a, b) =>
    a.close({ lingerMs: 0 }).then(() => b.close({ lingerMs: 0 })),
  "with unread input": async (a, b) => {
    await a.sendAll(new Uint8Array(200_000));
    await b.sendAll(new Uint8Array(200_000));
    await a.close();
    await b.close();
  },
  "after the peer's end was read": async (a, b) => {
    await a.close();
    assert.equal(await b.recv(), null);
    await b.close();
  },
};

for (const [order, close] of Object.entries(orders)) {
  for (const abortive of [false, true]) {
    const how = abortive ? ", being abortive," : "";
    test(`nothing is left of a pair${how} when both ends are closed ${order}`, async () => {
      for (let round = 0; round < 5; round++) {
        const listener = await listen("127.0.0.1:0", { abortive });
        const [a, [b]] = await Promise.all([
          connect(listener.getSockName(), { abortive }),
          listener.accept(),
        ]);
        await close(a, b);
        await listener.close();
      }
    });
  }
}
