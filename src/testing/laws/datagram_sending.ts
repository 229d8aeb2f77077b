/**
 * Laws of sending datagrams.
 *
 * @module
 */

import type { DatagramLaw } from "../datagram_law.ts";
import {
  alike,
  ensure,
  later,
  rejection,
  rejectsWith,
  same,
  thrown,
  throwsWith,
  until,
} from "../expect.ts";
import {
  anyBound,
  deadTarget,
  loopbackOf,
  mostBytes,
  numbered,
  numberOf,
  receiveText,
} from "./datagram_kit.ts";

/** Laws of sending datagrams. */
export const datagramSendingLaws: readonly DatagramLaw[] = [
  {
    name: "datagrams leave in the order of the calls, though not awaited",
    async run(bench) {
      const { from, to, target } = await bench.pair();
      const sends: Promise<number>[] = [];
      for (let i = 0; i < 100; i++) {
        sends.push(from.sendTo(numbered(i), target));
      }
      for (let i = 0; i < 100; i++) {
        same(numberOf((await to.recvFrom())[0]), i, "the next datagram");
      }
      await Promise.all(sends);
    },
  },
  {
    name: "datagrams leave in order when the socket was not bound",
    needs: ["ports"],
    async run(bench) {
      const to = await bench.bound();
      const from = bench.socket();
      const target = to.getSockName();
      const sends = Array.from(
        { length: 20 },
        (_, i) => from.sendTo(numbered(i), target),
      );
      for (let i = 0; i < 20; i++) {
        same(numberOf((await to.recvFrom())[0]), i, "the next datagram");
      }
      await Promise.all(sends);
    },
  },
  {
    name: "a name is resolved, and later datagrams wait for it",
    needs: ["ports"],
    async run(bench) {
      const [from, to] = [bench.socket(), await anyBound(bench)];
      const target = loopbackOf(to);
      const { port } = target;
      const sends = [
        later(from.sendTo("by name", { hostname: "localhost", port })),
        later(from.sendTo("by number", target)),
      ];
      await receiveText(to, "by name");
      await receiveText(to, "by number");
      await Promise.all(sends);
    },
  },
  {
    name: "a name without address fails its own datagram alone",
    needs: ["ports"],
    async run(bench) {
      const [from, to] = [bench.socket(), await anyBound(bench)];
      const target = loopbackOf(to);
      const nowhere = later(from.sendTo("x", ["nowhere.invalid", 9]));
      await from.sendTo("still here", target);
      await receiveText(to, "still here");
      const error = await rejection(nowhere, "sendTo") as { code?: string };
      ensure(/^EAI_/.test(`${error.code}`), `the code is ${error.code}`);
    },
  },
  {
    name: "a datagram too long is EMSGSIZE, never cut, and stops nothing",
    needs: ["ports"],
    async run(bench) {
      const { from, to, target } = await bench.pair();
      const most = bench.maker.freshAddress() === "[::1]:0" ? 65_527 : 65_507;
      const long = new Uint8Array(most + 1);
      await rejectsWith(from.sendTo(long, target), "EMSGSIZE", "sendTo");
      throwsWith(() => from.trySendTo(long, target), "EMSGSIZE", "trySendTo");
      same(
        await from.sendTo(new Uint8Array(most), target),
        most,
        "the longest",
      );
      same((await to.recvFrom())[0].length, most, "the longest received");
      await from.sendTo("next", target);
      await receiveText(to, "next");
    },
  },
  {
    name: "memory may be reused once a send has settled",
    async run(bench) {
      const { from, to, target } = await bench.pair();
      const memory = new Uint8Array(1024);
      for (let i = 0; i < 8; i++) {
        memory.fill(i);
        await from.sendTo(memory, target);
      }
      memory.fill(255);
      for (let i = 0; i < 8; i++) {
        const [data] = await to.recvFrom();
        ensure(data.every((byte) => byte === i), `datagram ${i} is not itself`);
      }
    },
  },
  {
    name: "memory may be reused once a send was aborted",
    async run(bench) {
      const { from, to, target } = await bench.pair();
      const memory = new Uint8Array(1024);
      for (let i = 0; i < 20; i++) {
        memory.fill(7);
        const controller = new AbortController();
        const { signal } = controller;
        const send = later(from.sendTo(memory, target, { signal }));
        controller.abort(new Error("enough"));
        await send.catch(() => {});
        memory.fill(255);
      }
      await from.sendTo("end", target);
      for (;;) {
        const [data] = await to.recvFrom();
        if (data.length === 3) break;
        ensure(data.every((byte) => byte === 7), "foreign bytes were sent");
      }
    },
  },
  {
    name: "trySendTo sends at once and leaves the memory alone",
    async run(bench) {
      const { from, to, target } = await bench.pair();
      const memory = new Uint8Array([1, 2, 3]);
      same(from.trySendTo(memory, target), 3, "trySendTo");
      memory.fill(0);
      alike([...(await to.recvFrom())[0]], [1, 2, 3], "the datagram");
      const error = thrown(() => from.trySendTo("x", ["", 1.5]), "a bad port");
      ensure(error instanceof RangeError, "a bad port is a RangeError");
    },
  },
  {
    name: "trySendTo of an unbound socket binds it and then sends",
    needs: ["ports"],
    async run(bench) {
      const to = await bench.bound();
      const from = bench.socket();
      same(from.trySendTo("x", to.getSockName()), undefined, "at first");
      await until(() => from.trySendTo("y", to.getSockName()));
      await receiveText(to, "y");
    },
  },
  {
    name: "sendMany sends all in order",
    async run(bench) {
      const { from, to, target } = await bench.pair();
      const parcels = Array.from(
        { length: 60 },
        (_, i) => [numbered(i), target] as const,
      );
      // Unix datagrams wait for their receiver.
      const sending = later(from.sendMany(parcels));
      for (let i = 0; i < 60; i++) {
        same(numberOf((await to.recvFrom())[0]), i, "the next datagram");
      }
      same(await sending, 60, "sendMany");
      same(await from.sendMany([]), 0, "nothing");
      same(from.stats.sent, 60, "stats.sent");
    },
  },
  {
    name: "sendMany tells of a failure and sends the rest",
    async run(bench) {
      const { from, to, target } = await bench.pair();
      const bad = bench.maker.name.startsWith("unix")
        ? await deadTarget(bench)
        : target;
      const size = mostBytes(bench);
      const tooLong = bad === target
        ? new Uint8Array(size + 1_000)
        : new Uint8Array(1);
      const error = await rejection(
        from.sendMany([["one", target], [tooLong, bad], ["two", target]]),
        "sendMany",
      ) as { op?: string };
      same(error.op, "sendMany", "op");
      if (bad === target) {
        // Too long is the caller's to know: nothing was tried.
        await from.sendMany([["one", target], ["two", target]]);
      }
      await receiveText(to, "one");
      await receiveText(to, "two");
    },
  },
  {
    name: "20,000 sends that are not awaited are all sent, and in time",
    async run(bench) {
      const { from, to, target } = await bench.pair();
      let received = 0;
      const reading = (async () => {
        for await (const _ of to) received++;
      })();
      const sends: Promise<number>[] = [];
      for (let i = 0; i < 20_000; i++) {
        sends.push(from.sendTo(numbered(i), target));
      }
      await Promise.all(sends);
      same(from.stats.sent, 20_000, "stats.sent");
      await to.close();
      await reading;
      ensure(received <= 20_000, `${received} received`);
    },
  },
  {
    name: "more waiting sends than 65,536 are ENOBUFS",
    needs: ["ports"],
    async run(bench) {
      const from = bench.socket();
      const target = await deadTarget(bench);
      const sends: Promise<unknown>[] = [];
      // Unbound: they wait for the bind, which takes a turn at least.
      for (let i = 0; i < 65_536; i++) {
        sends.push(later(from.sendTo("", target)));
      }
      await rejectsWith(from.sendTo("", target), "ENOBUFS", "sendTo");
      await from.close();
      await Promise.allSettled(sends);
    },
  },
  {
    name: "a loop of sends lets timers run",
    async run(bench) {
      const { from, to, target } = await bench.pair();
      void to.recvFrom().catch(() => {});
      let isOver = false;
      setTimeout(() => isOver = true, 5);
      let count = 0;
      while (!isOver) {
        await from.sendTo("x", target, { timeoutMs: 50 }).catch(() => {});
        ensure(++count < 1_000_000, "a timer of 5 ms never fired");
      }
    },
  },
  {
    name: "a send is EDESTADDRREQ without a peer, EINVAL to port 0",
    needs: ["ports"],
    async run(bench) {
      const from = await bench.bound();
      await rejectsWith(from.send("x"), "EDESTADDRREQ", "send");
      throwsWith(() => from.trySendTo("x"), "EDESTADDRREQ", "trySendTo");
      const [host] = bench.maker.freshAddress() === "[::1]:0"
        ? ["::1"]
        : ["127.0.0.1"];
      await rejectsWith(from.sendTo("x", [host!, 0]), "EINVAL", "sendTo");
    },
  },
];
