/**
 * Laws of calls in the wrong state.
 *
 * @module
 */

import { errno, SHUT_WR } from "../../constants.ts";
import {
  failureOf,
  isSocketError,
  later,
  rejectsWith,
  same,
  throwsWith,
} from "../expect.ts";
import type { Law } from "../law.ts";
import { deadAddress } from "./kit.ts";

/** Laws of calls in the wrong state. */
export const stateLaws: readonly Law[] = [
  {
    name: "an unconnected socket is ENOTCONN when used as a stream",
    async run(bench) {
      const fresh = bench.socket();
      const calls: Record<string, () => unknown> = {
        recv: () => fresh.recv(),
        recvInto: () => fresh.recvInto(new Uint8Array(1)),
        recvExactly: () => fresh.recvExactly(1),
        recvUntil: () => fresh.recvUntil("\n"),
        tryRecv: () => fresh.tryRecv(),
        tryRecvInto: () => fresh.tryRecvInto(new Uint8Array(1)),
        send: () => fresh.send("x"),
        sendAll: () => fresh.sendAll("x"),
        trySend: () => fresh.trySend("x"),
        shutdown: () => fresh.shutdown(SHUT_WR),
        makeFile: () => fresh.makeFile(),
        reset: () => fresh.reset(),
      };
      for (const [op, call] of Object.entries(calls)) {
        isSocketError(await failureOf(call, op), "ENOTCONN", op, op);
      }
      const step = fresh[Symbol.asyncIterator]().next();
      await rejectsWith(step, "ENOTCONN", "recv", "a step of for await");
    },
  },
  {
    name: "a listening socket is ENOTCONN when used as a stream",
    async run(bench) {
      const listening = bench.socket();
      await listening.bind(bench.maker.freshAddress());
      await listening.listen();
      await rejectsWith(listening.recv(), "ENOTCONN", "recv");
      await rejectsWith(listening.sendAll("x"), "ENOTCONN", "sendAll");
      const step = listening[Symbol.asyncIterator]().next();
      await rejectsWith(step, "ENOTCONN", "recv", "a step of for await");
      throwsWith(() => listening.getPeerName(), "ENOTCONN", "getPeerName");
    },
  },
  {
    name: "a socket is EINVAL when bound twice or bound too late",
    async run(bench) {
      const { maker } = bench;
      const fresh = bench.socket();
      await fresh.bind(maker.freshAddress());
      await rejectsWith(fresh.bind(maker.freshAddress()), "EINVAL", "bind");
      const [client] = await bench.pair();
      await rejectsWith(client.bind(maker.freshAddress()), "EINVAL", "bind");
    },
  },
  {
    name: "a socket is EISCONN when connected again",
    async run(bench) {
      const listener = await bench.listen();
      const address = listener.getSockName();
      const client = bench.socket();
      await client.connect(address);
      await rejectsWith(client.connect(address), "EISCONN", "connect");
    },
  },
  {
    name: "a socket is EALREADY when connected while it connects",
    async run(bench) {
      const listener = await bench.listen();
      const address = listener.getSockName();
      const client = bench.socket();
      const first = later(client.connect(address));
      await rejectsWith(client.connect(address), "EALREADY", "connect");
      await first;
    },
  },
  {
    name: "a connected socket is EINVAL when it listens or accepts",
    async run(bench) {
      const [client] = await bench.pair();
      await rejectsWith(client.listen(), "EINVAL", "listen");
      await rejectsWith(client.accept(), "EINVAL", "accept");
      throwsWith(() => client.tryAccept(), "EINVAL", "tryAccept");
    },
  },
  {
    name: "a socket connects, and can be used again, after a failed connect",
    async run(bench) {
      const listener = await bench.listen();
      const nobody = await deadAddress(bench);
      const client = bench.socket();
      const failed = await client.connectEx(nobody);
      const expected = bench.maker.lacks?.paths === undefined
        ? errno.ENOENT
        : errno.ECONNREFUSED;
      same(failed, expected, "connectEx to nobody");
      same(await client.connectEx(listener.getSockName()), 0, "connectEx");
      const [server] = await listener.accept();
      bench.keep(server);
      await client.sendAll("hello");
      same((await server.recvExactly(5)).length, 5, "bytes that came");
    },
  },
];
