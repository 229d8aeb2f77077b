/** Deadlines of polls on a clock that a test moves on. */

import assert from "node:assert/strict";
import { listen } from "../../mod.ts";
import { EVENT_READ, select, Selector } from "../../src/polling/mod.ts";
import { FakeClock, memoryNetwork } from "../../src/testing/mod.ts";
import { turn } from "../../src/testing/expect.ts";
import { test } from "../harness.ts";

const DAY_MS = 86_400_000;

/** A listener that nobody calls, and what tells whether a promise settled. */
async function quiet() {
  const clock = new FakeClock();
  const runtime = memoryNetwork({ clock });
  const listener = await listen("127.0.0.1:0", { runtime });
  return { clock, listener };
}

/** Checks that a poll of a day lasts that long on its clock, and no longer. */
async function lastsADay<T>(clock: FakeClock, poll: Promise<T>): Promise<T> {
  let isOver = false;
  const seen = poll.finally(() => isOver = true);
  await turn();
  clock.advance(DAY_MS - 1);
  await turn();
  assert.equal(isOver, false);
  clock.advance(1);
  const result = await seen;
  assert.equal(clock.pending, 0);
  return result;
}

test("select ends when its clock says so", async () => {
  const { clock, listener } = await quiet();
  const poll = select([listener], [], [], { timeoutMs: DAY_MS, clock });
  assert.deepEqual(await lastsADay(clock, poll), [[], [], []]);
  await listener.close();
});

test("Selector.select ends when its clock says so", async () => {
  const { clock, listener } = await quiet();
  using selector = new Selector({ clock });
  selector.register(listener, EVENT_READ);
  assert.deepEqual(await lastsADay(clock, selector.select(DAY_MS)), []);
  await listener.close();
});

test("Selector.select leaves no timer behind when a signal ends it", async () => {
  const { clock, listener } = await quiet();
  using selector = new Selector({ clock });
  selector.register(listener, EVENT_READ);
  const controller = new AbortController();
  const { signal } = controller;
  const polled = selector.select({ timeoutMs: DAY_MS, signal });
  await turn();
  controller.abort();
  await assert.rejects(polled, { name: "AbortError" });
  assert.equal(clock.pending, 0);
  await listener.close();
});
