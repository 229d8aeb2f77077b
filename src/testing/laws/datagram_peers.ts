/**
 * Laws of connected datagram sockets, and of strangers.
 *
 * @module
 */

import type { DatagramLaw } from "../datagram_law.ts";
import {
  alike,
  later,
  rejection,
  rejectsWith,
  same,
  throwsWith,
  turn,
} from "../expect.ts";
import { cutShort, deadTarget, receiveText } from "./datagram_kit.ts";

/** Laws of connected datagram sockets, and of strangers. */
export const datagramPeerLaws: readonly DatagramLaw[] = [
  {
    name: "a connected socket hears its peer alone",
    async run(bench) {
      const { from: stranger, to: peer, target } = await bench.pair();
      const socket = await bench.bound();
      await socket.connect(target);
      const address = socket.getSockName();
      const waiting = later(socket.recvFrom());
      await stranger.sendTo("not for you", address);
      await peer.sendTo("hello", address);
      const [data, from] = await waiting;
      alike([new TextDecoder().decode(data), from], ["hello", target], "heard");
      await stranger.sendTo("again", address);
      await peer.sendTo("bye", address);
      same(new TextDecoder().decode(await socket.recv()), "bye", "recv");
    },
  },
  {
    name: "connect drops what strangers have sent before",
    async run(bench) {
      const { from: stranger, to: peer, target } = await bench.pair();
      const socket = await bench.bound();
      const address = socket.getSockName();
      same(socket.tryRecvFrom(), undefined, "nothing yet");
      await stranger.sendTo("early", address);
      for (let i = 0; i < 10; i++) await turn();
      await socket.connect(target);
      await peer.sendTo("hello", address);
      await receiveText(socket, "hello", target);
    },
  },
  {
    name: "a connected socket sends to its peer, and to nobody else",
    async run(bench) {
      const { from: stranger, to: peer, target } = await bench.pair();
      const socket = await bench.bound();
      await socket.connect(target);
      alike(socket.getPeerName(), target, "getPeerName");
      same(await socket.send("one"), 3, "send");
      same(await socket.sendTo("two", target), 3, "sendTo the peer");
      same(socket.trySendTo("three"), 5, "trySendTo");
      same(await socket.sendMany([["four"], ["five", target]]), 2, "sendMany");
      for (const text of ["one", "two", "three", "four", "five"]) {
        await receiveText(peer, text, socket.getSockName());
      }
      const other = stranger.getSockName();
      await rejectsWith(socket.sendTo("x", other), "EISCONN", "sendTo");
    },
  },
  {
    name: "an unbound socket that connects has an address and a peer",
    needs: ["ports"],
    async run(bench) {
      const peer = await bench.bound();
      const socket = bench.socket();
      throwsWith(() => socket.getPeerName(), "ENOTCONN", "getPeerName");
      await socket.connect(peer.getSockName());
      await socket.send("hello");
      const [, address] = await peer.recvFrom();
      await peer.sendTo("back", address);
      await receiveText(socket, "back", peer.getSockName());
    },
  },
  {
    name: "a second connect changes the peer",
    needs: ["udpReconnect"],
    async run(bench) {
      const { from: first, to: second } = await bench.pair();
      const socket = await bench.bound();
      const address = socket.getSockName();
      await socket.connect(first.getSockName());
      await first.sendTo("one", address);
      await receiveText(socket, "one");
      await socket.connect(second.getSockName());
      await first.sendTo("two", address);
      await second.sendTo("three", address);
      await receiveText(socket, "three", second.getSockName());
      alike(socket.getSockName(), address, "its own address");
    },
  },
  {
    name: "a connected socket is ECONNREFUSED when nobody is there, and lives",
    needs: ["ports", "udpConnRefused"],
    async run(bench) {
      const socket = bench.socket();
      const target = await deadTarget(bench);
      await socket.connect(target);
      for (let round = 0; round < 2; round++) {
        const waiting = later(socket.recv());
        await socket.send("anybody?");
        await rejectsWith(waiting, "ECONNREFUSED", "recv");
      }
      const peer = bench.socket();
      await peer.bind(target);
      await socket.send("and now?");
      await receiveText(peer, "and now?");
    },
  },
  {
    name: "an unconnected socket never fails because nobody was there",
    needs: ["ports"],
    async run(bench) {
      const { from, to, source, target } = await bench.pair();
      const dead = await deadTarget(bench);
      for (let i = 0; i < 30; i++) {
        await from.sendTo("x", dead);
        await from.sendTo("y", target);
        if (i % 5 === 0) await turn();
      }
      for (let i = 0; i < 30; i++) await receiveText(to, "y", source);
      await to.sendTo("back", source);
      await receiveText(from, "back", target);
      same(from.stats.sent, 60, "stats.sent");
    },
  },
  {
    name: "connect may follow in the abort listener of the one before",
    async run(bench) {
      const { to: peer, target } = await bench.pair();
      for (const isListeningFirst of [true, false]) {
        const socket = await bench.bound();
        const { signal, abort } = cutShort();
        let second: Promise<void> | undefined;
        const again = () => void (second = later(socket.connect(target)));
        if (isListeningFirst) signal.addEventListener("abort", again);
        const first = later(socket.connect(target, { signal }));
        if (!isListeningFirst) signal.addEventListener("abort", again);
        const reason = abort();
        same(await rejection(first, "connect"), reason, "the reason");
        await second;
        await socket.send("hello");
        await receiveText(peer, "hello", socket.getSockName());
      }
    },
  },
  {
    name: "a connect that was aborted leaves an unbound socket as it was",
    needs: ["ports"],
    async run(bench) {
      const { from: other, to: peer, source, target } = await bench.pair();
      const socket = bench.socket();
      const { signal, abort } = cutShort();
      const connecting = later(socket.connect(source, { signal }));
      const sending = later(socket.sendTo("for the other", source));
      const reason = abort();
      same(await rejection(connecting, "connect"), reason, "the reason");
      same(await sending, 13, "a send that waited for its bind");
      await receiveText(other, "for the other");
      throwsWith(() => socket.getPeerName(), "ENOTCONN", "getPeerName");
      await socket.sendTo("for the peer", target);
      await receiveText(peer, "for the peer");
    },
  },
  {
    name: "a bind may follow in the turn in which a connect was aborted",
    async run(bench) {
      const { to: peer, target } = await bench.pair();
      const socket = bench.socket();
      const { signal, abort } = cutShort();
      const connecting = later(socket.connect(target, { signal }));
      const reason = abort();
      await socket.bind(bench.maker.freshAddress());
      same(await rejection(connecting, "connect"), reason, "the reason");
      await socket.connect(target);
      await socket.send("hello");
      await receiveText(peer, "hello", socket.getSockName());
    },
  },
  {
    name: "a second connect is EALREADY while one is pending",
    async run(bench) {
      const { to: peer, target } = await bench.pair();
      const socket = await bench.bound();
      const first = later(socket.connect(target));
      await rejectsWith(socket.connect(target), "EALREADY", "connect");
      await first;
      await socket.send("hello");
      await receiveText(peer, "hello");
    },
  },
  {
    name: "close ends a pending connect with EBADF",
    async run(bench) {
      const { target } = await bench.pair();
      for (const socket of [bench.socket(), await bench.bound()]) {
        const connecting = later(socket.connect(target));
        const closing = socket.close();
        await rejectsWith(connecting, "EBADF", "connect");
        await closing;
      }
    },
  },
  {
    name: "a send of before connect goes where it was sent, one of after too",
    needs: ["ports"],
    async run(bench) {
      const { from: other, to: peer, source, target } = await bench.pair();
      const socket = await bench.bound();
      const before = later(socket.sendTo("before", source));
      const connecting = later(socket.connect(target));
      await before;
      await connecting;
      await socket.send("after");
      await receiveText(other, "before", socket.getSockName());
      await receiveText(peer, "after", socket.getSockName());
    },
  },
];
