/** What `select` and `Selector` see of datagram sockets, on every driver. */

import assert from "node:assert/strict";
import {
  AF_INET,
  BlockingIOError,
  type DatagramSocket,
  listen,
  SOCK_DGRAM,
  socket,
} from "../../mod.ts";
import {
  EVENT_ERROR,
  EVENT_READ,
  EVENT_WRITE,
  type Pollable,
  select,
  Selector,
} from "../../src/polling/mod.ts";
import { currentRuntime } from "../../src/runtime/detect.ts";
import { nodeRuntime } from "../../src/runtime/node.ts";
import type { Runtime } from "../../src/runtime/seam/runtime.ts";
import { memoryNetwork } from "../../src/testing/mod.ts";
import { test } from "../harness.ts";

const native = currentRuntime();
const drivers: readonly (readonly [string, Runtime])[] = [
  ["native", native],
  ...(native.name === "node" ? [] : [["node:net", nodeRuntime()] as const]),
  ["memory", memoryNetwork()],
];

async function bound(runtime: Runtime): Promise<DatagramSocket> {
  const made = socket(AF_INET, SOCK_DGRAM, 0, { runtime });
  await made.bind(["127.0.0.1", 0]);
  return made;
}

async function poll(each: Pollable): Promise<string> {
  const found = await select([each], [each], [each], 0);
  return [..."rwx"].filter((_, i) => found[i]?.length === 1).join("");
}

for (const [name, runtime] of drivers) {
  test(`${name}: a datagram socket is readable while a datagram is in hand`, async () => {
    const [a, b] = [await bound(runtime), await bound(runtime)];
    assert.equal(await poll(b), "w");
    for (let round = 0; round < 3; round++) {
      const waiting = select([a, b], [], []);
      await a.sendTo(`datagram ${round}`, b.getSockName());
      assert.deepEqual((await waiting)[0], [b]);
      assert.equal(await poll(b), "rw");
      assert.equal(b.tryRecvFrom()?.[0].length, 10);
      assert.equal(await poll(b), "w");
    }
    // An empty one is a datagram too.
    await a.sendTo("", b.getSockName());
    await select([b], [], []);
    assert.equal((await b.recvFrom())[0].length, 0);
    await Promise.all([a.close(), b.close()]);
    assert.equal(await poll(b), "rwx");
  });

  test(`${name}: a non-blocking datagram socket is EAGAIN when nothing came`, async () => {
    const [a, b] = [await bound(runtime), await bound(runtime)];
    b.setBlocking(false);
    await assert.rejects(b.recvFrom(), BlockingIOError);
    assert.equal(b.tryRecvFrom(), undefined);
    await a.sendTo("x", b.getSockName());
    await select([b], [], []);
    assert.equal((await b.recvFrom())[0].length, 1);
    await assert.rejects(b.recvFrom(), { code: "EAGAIN" });
    await Promise.all([a.close(), b.close()]);
  });

  test(`${name}: a datagram socket that is closed wakes select and Selector`, async () => {
    const [a, b] = [await bound(runtime), await bound(runtime)];
    const selector = new Selector<DatagramSocket>();
    selector.register(b, EVENT_READ | EVENT_ERROR);
    const waits = [select([a, b], [], [a, b]), selector.select()] as const;
    await b.close();
    assert.deepEqual(await waits[0], [[b], [], [b]]);
    const [[key, events] = []] = await waits[1];
    assert.equal(key?.socket, b);
    assert.equal(events, EVENT_READ | EVENT_ERROR);
    await a.close();
  });

  test(`${name}: a selector serves streams, a listener and datagrams in one loop`, async () => {
    const [a, b] = [await bound(runtime), await bound(runtime)];
    const listener = await listen("127.0.0.1:0", { runtime });
    const selector = new Selector<Pollable, string>();
    selector.register(b, EVENT_READ, "datagrams");
    selector.register(listener, EVENT_READ, "listener");
    selector.register(a, EVENT_WRITE, "sender");
    const [first] = await selector.select();
    assert.equal(first?.[0].data, "sender");
    selector.unregister(a);
    for (let round = 0; round < 20; round++) {
      await a.sendTo(`${round}`, b.getSockName());
      const [[key] = []] = await selector.select();
      assert.equal(key?.data, "datagrams");
      assert.equal((await b.recvFrom())[0].length, `${round}`.length);
    }
    assert.deepEqual(await selector.select(0), []);
    await Promise.all([a.close(), b.close(), listener.close()]);
    const dead = await selector.select();
    assert.deepEqual(dead.map(([{ data }]) => data).sort(), [
      "datagrams",
      "listener",
    ]);
  });
}
