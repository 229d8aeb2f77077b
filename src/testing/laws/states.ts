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
  sameText,
  throwsWith,
} from "../expect.ts";
import type { WaitOptions } from "../../contracts.ts";
import type { SocketFile, StreamSocket } from "../../socket/mod.ts";
import type { Closable, Law } from "../law.ts";
import { deadAddress, inHand } from "./kit.ts";

/** Every call that takes options, by the name its errors have. */
const CALLS_WITH_OPTIONS: Readonly<
  Record<string, (socket: StreamSocket, options: WaitOptions) => unknown>
> = {
  recv: (socket, options) => socket.recv(options),
  recvInto: (socket, options) => socket.recvInto(new Uint8Array(9), options),
  recvExactly: (socket, options) => socket.recvExactly(3, options),
  recvUntil: (socket, options) => socket.recvUntil("c", options),
  send: (socket, options) => socket.send("x", options),
  sendAll: (socket, options) => socket.sendAll("x", options),
  sendFile: (socket, options) => socket.sendFile({ read: () => null }, options),
  shutdown: (socket, options) => socket.shutdown(SHUT_WR, options),
};

/** Options that close something when they are read. */
function closer(it: Closable): WaitOptions {
  return {
    get timeoutMs() {
      void it.close({ lingerMs: 0 });
      return null;
    },
  };
}

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
        sendFile: () => fresh.sendFile({ read: () => null }),
        shutdown: () => fresh.shutdown(SHUT_WR),
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
    name: "calls of a file are ENOTCONN until its socket is connected",
    async run(bench) {
      const listener = await bench.listen();
      const client = bench.socket();
      const file = bench.keep(client.makeFile("rw"));
      const calls: Record<string, () => unknown> = {
        read: () => file.read(1),
        readInto: () => file.readInto(new Uint8Array(1)),
        readExactly: () => file.readExactly(1),
        readLine: () => file.readLine(),
        readUntil: () => file.readUntil("x"),
        write: () => file.write("x"),
        flush: () => file.flush(),
      };
      for (const [op, call] of Object.entries(calls)) {
        isSocketError(await failureOf(call, op), "ENOTCONN", op, op);
      }
      const reader = bench.keep(client.makeFile("r"));
      await rejectsWith(reader.write("x"), "EBADF", "write");
      await client.connect(listener.getSockName());
      const [server] = await listener.accept();
      bench.keep(server);
      await file.write("abc");
      await file.flush();
      sameText(await server.recvExactly(3), "abc", "what came");
    },
  },
  {
    name: "a socket that was never connected is released with its last file",
    async run(bench) {
      const fresh = bench.socket();
      const file = fresh.makeFile("rw");
      const closed = fresh.closed;
      await fresh.close();
      await rejectsWith(file.read(1), "EBADF", "read");
      throwsWith(() => fresh.makeFile(), "EBADF", "makeFile");
      await file.close();
      await closed;
    },
  },
  {
    name: "a closed listener is EBADF when its timeout is set",
    async run(bench) {
      const listener = await bench.listen();
      await listener.close();
      throwsWith(() => listener.setTimeout(1), "EBADF", "setTimeout");
      throwsWith(() => listener.setBlocking(false), "EBADF", "setBlocking");
    },
  },
  {
    name: "a call is EBADF when reading its options closes the socket",
    async run(bench) {
      for (const [op, call] of Object.entries(CALLS_WITH_OPTIONS)) {
        const [client, server] = await bench.pair();
        await server.sendAll("abcdef");
        await inHand(client, 6);
        const failing = failureOf(() => call(client, closer(client)), op);
        isSocketError(await failing, "EBADF", op, op);
      }
      const listener = await bench.listen();
      const accepting = listener.accept(closer(listener));
      await rejectsWith(accepting, "EBADF", "accept");
    },
  },
  {
    name: "a call of a file is EBADF when reading its options closes the file",
    async run(bench) {
      const [client, server] = await bench.pair();
      await server.sendAll("abc\n");
      await inHand(client, 4);
      const calls: Record<string, (file: SocketFile) => unknown> = {
        read: (file) => file.read(1, closer(file)),
        readInto: (file) => file.readInto(new Uint8Array(1), closer(file)),
        readExactly: (file) => file.readExactly(1, closer(file)),
        readLine: (file) => file.readLine(closer(file)),
        readUntil: (file) => file.readUntil("c", closer(file)),
        write: (file) => file.write("x", closer(file)),
        flush: (file) => file.flush(closer(file)),
      };
      for (const [op, call] of Object.entries(calls)) {
        const file = bench.keep(client.makeFile("rw"));
        const failing = failureOf(() => call(file), op);
        isSocketError(await failing, "EBADF", op, op);
      }
      sameText(await client.recvExactly(4), "abc\n", "what is left");
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
