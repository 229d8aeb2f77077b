/** Iterating over the connections of a listener. */

import assert from "node:assert/strict";
import { connect, listen, type Listener } from "../../../src/socket/mod.ts";
import { test } from "../../harness.ts";

/** A connection of `listener`, which whoever waits for one gets. */
async function knock(listener: Listener): Promise<() => Promise<void>> {
  const client = await connect(listener.getSockName());
  return () => client.close({ lingerMs: 0 });
}

test("connections swallows none when return comes while it waits", async () => {
  for (const options of [undefined, { signal: new AbortController().signal }]) {
    const listener = await listen("127.0.0.1:0");
    const iterator = listener.connections(options)[Symbol.asyncIterator]();
    const waiting = iterator.next();
    await iterator.return?.();
    assert.deepEqual(await waiting, { done: true, value: undefined });
    assert.deepEqual(await iterator.next(), { done: true, value: undefined });
    const accepted = listener.accept();
    const leave = await knock(listener);
    const [peer] = await accepted;
    await Promise.all([leave(), peer.close({ lingerMs: 0 }), listener.close()]);
  }
});

test("connections rejects with the reason when its signal aborts", async () => {
  const listener = await listen("127.0.0.1:0");
  const controller = new AbortController();
  const options = { signal: controller.signal };
  const iterator = listener.connections(options)[Symbol.asyncIterator]();
  const waiting = iterator.next();
  controller.abort("why");
  await assert.rejects(waiting, (reason) => reason === "why");
  await assert.rejects(iterator.next(), (reason) => reason === "why");
  await iterator.return?.();
  await listener.close();
});

test("connections rejects when it is given no options", async () => {
  const listener = await listen("127.0.0.1:0");
  for (const odd of [{ signal: "no signal" }, { signal: null }, 7, null]) {
    const options = odd as unknown as { signal: AbortSignal };
    const iterator = listener.connections(options)[Symbol.asyncIterator]();
    await assert.rejects(iterator.next(), TypeError);
    await iterator.return?.();
  }
  await listener.close();
});

test("connections gives what waits and goes on where it left off", async () => {
  const listener = await listen("127.0.0.1:0");
  const leaving = [await knock(listener), await knock(listener)];
  let count = 0;
  for await (const [peer] of listener.connections()) {
    await peer.close({ lingerMs: 0 });
    count++;
    break;
  }
  for await (const [peer] of listener.connections()) {
    await peer.close({ lingerMs: 0 });
    if (++count === 2) await listener.close();
  }
  assert.equal(count, 2);
  await Promise.all(leaving.map((leave) => leave()));
});
