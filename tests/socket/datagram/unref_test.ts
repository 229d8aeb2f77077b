/** Timers of a datagram socket that is not to keep the process. */

import assert from "node:assert/strict";
import { AF_INET, SOCK_DGRAM, socket } from "../../../mod.ts";
import type { Clock, Timer } from "../../../src/clock.ts";
import type {
  DatagramSink,
  RawDatagram,
} from "../../../src/runtime/seam/datagram.ts";
import type { Runtime } from "../../../src/runtime/seam/runtime.ts";
import { later } from "../../../src/testing/expect.ts";
import { memoryNetwork } from "../../../src/testing/mod.ts";
import { test } from "../../harness.ts";

/** A clock that stands still and counts the timers that hold the process. */
class Holding implements Clock {
  readonly held: Set<object> = new Set();
  /** What the last timer calls. */
  fire: () => void = () => {};

  now(): number {
    return 0;
  }

  start(_delayMs: number, fire: () => void): Required<Timer> {
    this.fire = fire;
    const timer = {
      cancel: () => void this.held.delete(timer),
      ref: (flag: boolean) => {
        if (flag) this.held.add(timer);
        else this.held.delete(timer);
      },
    };
    this.held.add(timer);
    return timer;
  }
}

/** A runtime that holds on to every datagram it is given. */
function keeping(clock: Clock): Runtime {
  const bindDatagram = (): Promise<RawDatagram> => {
    let sink: DatagramSink;
    return Promise.resolve({
      queuesSends: false,
      sendsAtOnce: false,
      localAddress: () => ({ family: "ipv4", hostname: "127.0.0.1", port: 9 }),
      attach: (given: DatagramSink) => void (sink = given),
      resume: () => {},
      ref: () => {},
      send: () => undefined,
      close: () => sink.closed(),
    } as unknown as RawDatagram);
  };
  const { name, names, supports } = memoryNetwork();
  const none = () => new Promise<never>(() => {});
  return {
    name,
    names,
    supports,
    clock,
    bindDatagram,
    connect: none,
    listen: none,
    lookup: none,
    permits: () => true,
  };
}

const TARGET = ["127.0.0.1", 9] as const;
const SLOW = { timeoutMs: 60_000 };

test("deadlines of sends hold the process while the socket does", async () => {
  const clock = new Holding();
  const sock = socket(AF_INET, SOCK_DGRAM, 0, { runtime: keeping(clock) });
  await sock.bind([...TARGET]);
  const sends = [later(sock.sendTo("in flight", TARGET, SLOW))];
  sends.push(later(sock.sendTo("waiting", TARGET, SLOW)));
  assert.equal(clock.held.size, 2);
  sock.unref();
  assert.equal(clock.held.size, 0);
  sends.push(later(sock.sendTo("later", TARGET, SLOW)));
  assert.equal(clock.held.size, 0);
  sock.ref();
  assert.equal(clock.held.size, 3);
  await sock.close({ lingerMs: 0 });
  await Promise.allSettled(sends);
  assert.equal(clock.held.size, 0);
});

test("what close waits for holds the process while the socket does", async () => {
  for (const isUnrefFirst of [true, false]) {
    const clock = new Holding();
    const sock = socket(AF_INET, SOCK_DGRAM, 0, { runtime: keeping(clock) });
    await sock.bind([...TARGET]);
    assert.equal(sock.trySendTo("in flight", TARGET), 9);
    if (isUnrefFirst) sock.unref();
    void sock.close();
    assert.equal(clock.held.size, isUnrefFirst ? 0 : 1);
    sock.unref();
    assert.equal(clock.held.size, 0);
    clock.fire();
    await sock.closed;
  }
});
