/**
 * Laws of the states of datagram sockets and of their end.
 *
 * @module
 */

import type { DatagramLaw } from "../datagram_law.ts";
import {
  alike,
  ensure,
  failureOf,
  isSocketError,
  later,
  rejectsWith,
  same,
} from "../expect.ts";
import { receiveText } from "./datagram_kit.ts";

/** Laws of the states of datagram sockets and of their end. */
export const datagramEndingLaws: readonly DatagramLaw[] = [
  {
    name: "close wakes a pending receive with EBADF and settles closed",
    async run(bench) {
      const { to } = await bench.pair();
      const waiting = later(to.recvFrom());
      same(to.isClosed, false, "isClosed before");
      const closing = to.close();
      same(to.isClosed, true, "isClosed after");
      await rejectsWith(waiting, "EBADF", "recvFrom");
      await closing;
      await to.closed;
      await to.close();
    },
  },
  {
    name: "close ends a for await that waits",
    async run(bench) {
      const to = await bench.bound();
      const ended = later((async () => {
        for await (const _ of to) ensure(false, "nothing was sent");
      })());
      await to.close();
      await ended;
    },
  },
  {
    name: "every call of a datagram socket is EBADF after close",
    async run(bench) {
      const { from, target } = await bench.pair();
      await from.close();
      const calls: Record<string, () => unknown> = {
        bind: () => from.bind(bench.maker.freshAddress()),
        connect: () => from.connect(target),
        recvFrom: () => from.recvFrom(),
        recvFromInto: () => from.recvFromInto(new Uint8Array(1)),
        recvMsg: () => from.recvMsg(),
        recv: () => from.recv(),
        tryRecvFrom: () => from.tryRecvFrom(),
        sendTo: () => from.sendTo("x", target),
        send: () => from.send("x"),
        sendMany: () => from.sendMany([["x", target]]),
        trySendTo: () => from.trySendTo("x", target),
        getSockName: () => from.getSockName(),
        getPeerName: () => from.getPeerName(),
        setSockOpt: () => from.setSockOpt(1, 1, 1),
        getSockOpt: () => from.getSockOpt(1, 1),
        setTimeout: () => from.setTimeout(1),
        setBlocking: () => from.setBlocking(false),
      };
      for (const [op, call] of Object.entries(calls)) {
        isSocketError(await failureOf(call, op), "EBADF", op, op);
      }
    },
  },
  {
    name: "close settles every send that is under way",
    async run(bench) {
      const { from, target } = await bench.pair();
      const sends = Array.from(
        { length: 500 },
        () => later(from.sendTo("x", target)),
      );
      await from.close();
      for (const result of await Promise.allSettled(sends)) {
        if (result.status === "fulfilled") continue;
        isSocketError(result.reason, "EBADF", "sendTo", "an unsent datagram");
      }
    },
  },
  {
    name: "what trySendTo accepted is sent though the socket is closed",
    async run(bench) {
      const { from, to, target } = await bench.pair();
      const waiting = later(to.recvFrom());
      same(from.trySendTo("last words", target), 10, "trySendTo");
      await from.close();
      const [data] = await waiting;
      same(new TextDecoder().decode(data), "last words", "the datagram");
    },
  },
  {
    name: "close during a bind leaves nothing open",
    async run(bench) {
      const socket = bench.socket();
      const binding = later(socket.bind(bench.maker.freshAddress()));
      await socket.close();
      await rejectsWith(binding, "EBADF", "bind");
      await socket.closed;
      const unbound = bench.socket();
      await unbound.close();
      await unbound.closed;
    },
  },
  {
    name: "a bound address is EADDRINUSE, a second bind EINVAL",
    async run(bench) {
      const first = await bench.bound();
      const address = first.getSockName();
      const second = bench.socket();
      await rejectsWith(second.bind(address), "EADDRINUSE", "bind");
      await rejectsWith(first.bind(address), "EINVAL", "bind");
      await second.bind(bench.maker.freshAddress());
      await first.close();
      if (address.family === "unix") return;
      const third = bench.socket();
      await third.bind(address);
      alike(third.getSockName(), address, "the address of the third");
    },
  },
  {
    name: "a bind to an address that is not here is EADDRNOTAVAIL",
    needs: ["ports"],
    async run(bench) {
      const isIPv6 = bench.maker.freshAddress() === "[::1]:0";
      const host = isIPv6 ? "2001:db8::7" : "203.0.113.7";
      const socket = bench.socket();
      await rejectsWith(socket.bind([host, 0]), "EADDRNOTAVAIL", "bind");
      await socket.bind(bench.maker.freshAddress());
    },
  },
  {
    name: "a receive may begin before the socket is bound",
    needs: ["ports"],
    async run(bench) {
      const to = await bench.bound();
      const from = bench.socket();
      const waiting = later(from.recvFrom());
      await from.sendTo("hello", to.getSockName());
      const [, address] = await to.recvFrom();
      await to.sendTo("hello yourself", address);
      const [data] = await waiting;
      same(new TextDecoder().decode(data), "hello yourself", "the answer");
      await to.sendTo("more", address);
      await receiveText(from, "more");
    },
  },
];
