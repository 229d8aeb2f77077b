/**
 * Laws of sending datagrams.
 *
 * @module
 */

import { AF_INET } from "../../constants.ts";
import type { InetAddress } from "../../contracts.ts";
import type { SocketError } from "../../errors.ts";
import type { Parcel } from "../../socket/mod.ts";
import type { DatagramLaw } from "../datagram_law.ts";
import {
  alike,
  ensure,
  isSocketError,
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
        sends.push(later(from.sendTo(numbered(i), target)));
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
        (_, i) => later(from.sendTo(numbered(i), target)),
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
      await from.sendTo("and goes on", target);
      await receiveText(to, "and goes on");
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
      ) as { op?: string; index?: number };
      same(error.op, "sendMany", "op");
      same(error.index, 1, "which one");
      await receiveText(to, "one");
      await receiveText(to, "two");
    },
  },
  {
    name: "sendMany tries all though some cannot go, and tells the first",
    needs: ["ports"],
    async run(bench) {
      const { from, to, target } = await bench.pair();
      const { hostname } = target as InetAddress;
      const other = bench.maker.family === AF_INET ? "::1" : "224.0.0.1";
      const cannot: Record<string, Parcel> = {
        EMSGSIZE: [new Uint8Array(70_000), target],
        EINVAL: ["to port 0", [hostname, 0]],
        EDESTADDRREQ: ["to no peer"],
        ...(bench.maker.family === AF_INET
          ? { EAFNOSUPPORT: ["of another family", [other, 9]] }
          : {}),
      };
      for (const [code, parcel] of Object.entries(cannot)) {
        const batch: Parcel[] = [["1", target], parcel, ["2", target], parcel];
        const error = await rejection(from.sendMany(batch), code);
        isSocketError(error, code, "sendMany", code);
        same((error as SocketError).index, 1, "which one");
        for (const text of ["1", "2"]) await receiveText(to, text);
      }
      const name: Parcel = ["to a name", ["nowhere.invalid", 9]];
      const error = await rejection(
        from.sendMany([["1", target], name, ["2", target]]),
        "sendMany",
      ) as SocketError;
      ensure(/^EAI_/.test(error.code), `the code is ${error.code}`);
      same(error.index, 1, "which one");
      for (const text of ["1", "2"]) await receiveText(to, text);
    },
  },
  {
    name: "sendMany refuses what is no datagram before anything leaves",
    async run(bench) {
      const { from, to, target } = await bench.pair();
      const wrong: Record<string, unknown> = {
        "a number for bytes": [7, target],
        "a number for an address": ["x", 7],
        "a text for a datagram": "x",
        "nothing": undefined,
      };
      for (const [what, parcel] of Object.entries(wrong)) {
        const batch = [["x", target], parcel] as Parcel[];
        const error = await rejection(later(from.sendMany(batch)), what);
        ensure(error instanceof TypeError, `${what}: ${error}`);
      }
      const sparse = Object.assign(new Array<Parcel>(2), { 0: ["x", target] });
      const error = await rejection(later(from.sendMany(sparse)), "a gap");
      ensure(error instanceof TypeError, `a gap: ${error}`);
      await from.sendTo("the only one", target);
      await receiveText(to, "the only one");
    },
  },
  {
    name: "a datagram that is given in pieces leaves as one",
    async run(bench) {
      const { from, to, target } = await bench.pair();
      const pieces = ["head ", new Uint8Array([98, 111]), "", "dy"];
      same(await from.sendTo(pieces, target), 9, "sendTo");
      same(
        await from.sendMany([[pieces, target], [[], target]]),
        2,
        "sendMany",
      );
      same(from.trySendTo(pieces, target), 9, "trySendTo");
      for (const text of ["head body", "head body", "", "head body"]) {
        await receiveText(to, text);
      }
      await from.connect(target);
      same(await from.send(pieces), 9, "send");
      await receiveText(to, "head body");
      const error = await rejection(from.send(["x", 7 as never]), "send");
      ensure(error instanceof TypeError, `a number: ${error}`);
    },
  },
  {
    name: "memory that was transferred is not sent as an empty datagram",
    async run(bench) {
      const { from, to, source, target } = await bench.pair();
      const gone = new Uint8Array(8);
      structuredClone(gone.buffer, { transfer: [gone.buffer] });
      const before = await rejection(
        later(from.sendTo(gone, target)),
        "sendTo",
      );
      ensure(before instanceof TypeError, `transferred before: ${before}`);
      await from.sendTo("the only one", target);
      await receiveText(to, "the only one", source);
    },
  },
  {
    name: "memory that is transferred while its send waits is not sent",
    needs: ["ports"],
    async run(bench) {
      const to = await bench.bound();
      const from = bench.socket();
      const target = to.getSockName();
      const memory = new Uint8Array(8);
      const waiting = later(from.sendTo(memory, target));
      const next = later(from.sendTo("next", target));
      structuredClone(memory.buffer, { transfer: [memory.buffer] });
      const error = await rejection(waiting, "sendTo");
      ensure(error instanceof TypeError, `transferred meanwhile: ${error}`);
      same(await next, 4, "the next");
      await receiveText(to, "next");
    },
  },
  {
    name: "a send is EBADF when reading its options closes the socket",
    async run(bench) {
      const { from, target } = await bench.pair();
      const options = {
        get flags(): number {
          void from.close();
          return 0;
        },
      };
      const sending = later(from.sendTo("x", target, options));
      await rejectsWith(sending, "EBADF", "sendTo");
      await from.closed;
    },
  },
  {
    name: "20,000 sends that are not awaited are all sent, and in time",
    async run(bench) {
      const { from, to, target } = await bench.pair();
      let received = 0;
      const reading = later((async () => {
        for await (const _ of to) received++;
      })());
      const sends: Promise<number>[] = [];
      for (let i = 0; i < 20_000; i++) {
        sends.push(later(from.sendTo(numbered(i), target)));
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
        ensure(++count < 100_000, "a timer of 5 ms never fired");
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
