/**
 * Laws of how connections end: half-close, close, reset.
 *
 * @module
 */

import { MSG_WAITALL, SHUT_RD, SHUT_RDWR, SHUT_WR } from "../../constants.ts";
import type { StreamSocket } from "../../socket/mod.ts";
import {
  ensure,
  failureOf,
  isSocketError,
  later,
  rejection,
  rejectsWith,
  same,
  sameText,
  throwsWith,
} from "../expect.ts";
import type { Law } from "../law.ts";
import { Pattern } from "../pattern.ts";
import { inHand, receiveAll, receivePattern, sendUntilStuck } from "./kit.ts";

/** More than kernels take from a writer whose reader does not read: 32 MiB. */
const LARGE_BYTES = 33_554_432;

/** Every call of the stream half, by the name its errors have. */
const CALLS: Readonly<Record<string, (socket: StreamSocket) => unknown>> = {
  recv: (socket) => socket.recv(),
  recvInto: (socket) => socket.recvInto(new Uint8Array(1)),
  recvExactly: (socket) => socket.recvExactly(1),
  recvUntil: (socket) => socket.recvUntil("\n"),
  tryRecv: (socket) => socket.tryRecv(),
  tryRecvInto: (socket) => socket.tryRecvInto(new Uint8Array(1)),
  send: (socket) => socket.send("x"),
  sendAll: (socket) => socket.sendAll("x"),
  trySend: (socket) => socket.trySend("x"),
  shutdown: (socket) => socket.shutdown(SHUT_WR),
  makeFile: (socket) => socket.makeFile(),
  reset: (socket) => socket.reset(),
  detach: (socket) => socket.detach(),
};

async function allFailWith(socket: StreamSocket, code: string): Promise<void> {
  for (const [op, call] of Object.entries(CALLS)) {
    isSocketError(await failureOf(() => call(socket), op), code, op, op);
  }
}

/** What can be pending on a stream that nothing comes on. */
const PENDING: Readonly<
  Record<string, (socket: StreamSocket) => Promise<unknown>>
> = {
  recv: (socket) => socket.recv(),
  recvInto: (socket) => socket.recvInto(new Uint8Array(1)),
  recvExactly: (socket) => socket.recvExactly(1),
  recvUntil: (socket) => socket.recvUntil("\n"),
};

const halfCloseLaws: readonly Law[] = [
  {
    name: "an answer arrives when the client has ended its side first",
    async run(bench) {
      const [client, server] = await bench.pair();
      const pattern = new Pattern(20);
      await client.sendAll("question");
      await client.shutdown(SHUT_WR);
      sameText(await receiveAll(server), "question", "the question");
      const answer = later(
        server.sendAll(pattern.slice(0, 3_000_000))
          .then(() => server.shutdown(SHUT_WR)),
      );
      await receivePattern(client, pattern, 0, 3_000_000);
      same(await client.recv(), null, "what follows the answer");
      await answer;
    },
  },
  {
    name: "a question arrives when the server has ended its side first",
    async run(bench) {
      const [client, server] = await bench.pair();
      const pattern = new Pattern(21);
      await server.shutdown(SHUT_WR);
      same(await client.recv(), null, "the server's end");
      const question = later(
        client.sendAll(pattern.slice(0, 3_000_000))
          .then(() => client.shutdown(SHUT_WR)),
      );
      await receivePattern(server, pattern, 0, 3_000_000);
      same(await server.recv(), null, "what follows the question");
      await question;
    },
  },
  {
    name: "SHUT_WR flushes and later sends are EPIPE",
    async run(bench) {
      const [client, server] = await bench.pair();
      const count = await client.send("last words");
      await client.shutdown(SHUT_WR);
      await rejectsWith(client.send("x"), "EPIPE", "send");
      await rejectsWith(client.sendAll("x"), "EPIPE", "sendAll");
      throwsWith(() => client.trySend("x"), "EPIPE", "trySend");
      await client.shutdown(SHUT_WR);
      same(client.bytesSent, count, "bytesSent");
      same((await receiveAll(server)).length, count, "bytes that came");
      await server.sendAll("answer");
      sameText(await client.recvExactly(6), "answer", "the answer");
    },
  },
  {
    name: "SHUT_WR waits for a full stream when the reader is slow",
    async run(bench) {
      const [client, server] = await bench.pair();
      const pattern = new Pattern(22);
      const sent = await sendUntilStuck(client, pattern, 0);
      const ending = later(client.shutdown(SHUT_WR));
      await receivePattern(server, pattern, 0, sent);
      same(await server.recv(), null, "what follows");
      await ending;
    },
  },
  {
    name: "SHUT_RD drops what is in hand and recv gives null",
    async run(bench) {
      const [client, server] = await bench.pair();
      await client.sendAll("dropped");
      await inHand(server, 7);
      await server.shutdown(SHUT_RD);
      same(await server.recv(), null, "recv");
      same(await server.recv(5, MSG_WAITALL), null, "recv of all");
      same(server.tryRecv(), null, "tryRecv");
      await server.sendAll("answer");
      sameText(await client.recvExactly(6), "answer", "the answer");
    },
  },
  {
    name: "SHUT_RD gives null to a receive that is pending",
    async run(bench) {
      const [, server] = await bench.pair();
      const pending = later(server.recv());
      await server.shutdown(SHUT_RD);
      same(await pending, null, "recv");
    },
  },
  {
    name: "SHUT_RD never blocks the peer's writer",
    async run(bench) {
      const [client, server] = await bench.pair();
      await server.shutdown(SHUT_RD);
      await client.sendAll(new Uint8Array(LARGE_BYTES));
      same(client.bytesSent, LARGE_BYTES, "bytesSent");
      same(server.bytesReceived, 0, "bytesReceived");
    },
  },
  {
    name: "SHUT_RDWR ends both directions",
    async run(bench) {
      const [client, server] = await bench.pair();
      await client.shutdown(SHUT_RDWR);
      same(await server.recv(), null, "recv of the peer");
      same(await client.recv(), null, "recv");
      await rejectsWith(client.send("x"), "EPIPE", "send");
      same(client.isClosed, false, "isClosed");
    },
  },
  {
    name: "shutdown is EBUSY when a send is pending",
    async run(bench) {
      const [client, server] = await bench.pair();
      const pattern = new Pattern(23);
      const sending = later(client.sendAll(pattern.slice(0, LARGE_BYTES)));
      await rejectsWith(client.shutdown(SHUT_WR), "EBUSY", "shutdown");
      await receivePattern(server, pattern, 0, LARGE_BYTES);
      await sending;
    },
  },
];

const closeLaws: readonly Law[] = [
  {
    name: "close wakes a pending receive with EBADF",
    async run(bench) {
      for (const [op, call] of Object.entries(PENDING)) {
        const [, server] = await bench.pair();
        const pending = later(rejectsWith(call(server), "EBADF", op));
        await server.close({ lingerMs: 0 });
        await pending;
      }
    },
  },
  {
    name: "close wakes a pending send with EBADF",
    async run(bench) {
      const [client] = await bench.pair();
      const sending = later(rejectsWith(
        client.sendAll(new Uint8Array(LARGE_BYTES)),
        "EBADF",
        "sendAll",
      ));
      await client.close({ lingerMs: 0 });
      await sending;
    },
  },
  {
    name: "close wakes a pending connect with EBADF",
    async run(bench) {
      const listener = await bench.listen();
      const socket = bench.socket();
      const pending = later(rejectsWith(
        socket.connect(listener.getSockName()),
        "EBADF",
        "connect",
      ));
      await socket.close();
      await pending;
    },
  },
  {
    name: "close may be called again and closed settles",
    async run(bench) {
      const [client, server] = await bench.pair();
      same(client.isClosed, false, "isClosed before");
      const closing = later(Promise.all([client.close(), client.close()]));
      same(client.isClosed, true, "isClosed at once");
      same(await server.recv(), null, "recv of the peer");
      await server.close();
      await closing;
      await client.closed;
      await client.close();
      const fresh = bench.socket();
      await fresh.close();
      await fresh.close();
      await fresh.closed;
      same(fresh.isClosed, true, "isClosed of an unconnected socket");
    },
  },
  {
    name: "every call is EBADF after close",
    async run(bench) {
      const [client] = await bench.pair();
      await client.close({ lingerMs: 0 });
      await allFailWith(client, "EBADF");
      const address = bench.maker.freshAddress();
      await rejectsWith(client.bind(address), "EBADF", "bind");
      await rejectsWith(client.connect(address), "EBADF", "connect");
      await rejectsWith(client.listen(), "EBADF", "listen");
      await rejectsWith(client.accept(), "EBADF", "accept");
      throwsWith(() => client.tryAccept(), "EBADF", "tryAccept");
      throwsWith(() => client.getSockName(), "EBADF", "getSockName");
      throwsWith(() => client.getPeerName(), "ENOTCONN", "getPeerName");
    },
  },
  {
    name: "close delivers every accepted byte when the peer reads late",
    async run(bench) {
      const [client, server] = await bench.pair();
      const pattern = new Pattern(24);
      const sent = await sendUntilStuck(server, pattern, 0);
      const closing = later(server.close({ lingerMs: 10_000 }));
      await receivePattern(client, pattern, 0, sent);
      same(await client.recv(), null, "what follows");
      await client.close();
      await closing;
    },
  },
  {
    name: "unread input at close costs the peer not one byte of ours",
    async run(bench) {
      const [client, server] = await bench.pair();
      const pattern = new Pattern(25);
      await client.sendAll(new Uint8Array(5_000));
      await inHand(server, 1);
      const sent = await sendUntilStuck(server, pattern, 0);
      const closing = later(server.close({ lingerMs: 10_000 }));
      await receivePattern(client, pattern, 0, sent);
      same(await client.recv(), null, "what follows");
      await client.close();
      await closing;
    },
  },
  {
    name: "input that comes during close costs the peer not one byte of ours",
    async run(bench) {
      const [client, server] = await bench.pair();
      const pattern = new Pattern(26);
      const sent = await sendUntilStuck(server, pattern, 0);
      const closing = later(server.close({ lingerMs: 10_000 }));
      const talking = later(client.sendAll(new Uint8Array(3_000_000)));
      await receivePattern(client, pattern, 0, sent);
      same(await client.recv(), null, "what follows");
      await talking;
      await client.close();
      await closing;
    },
  },
  {
    name: "close waits no longer than lingerMs when the peer never ends",
    async run(bench) {
      const [client, server] = await bench.pair();
      const start = performance.now();
      await server.close({ lingerMs: 50 });
      const tookMs = performance.now() - start;
      ensure(tookMs < 1_500, `close took ${Math.round(tookMs)} ms`);
      ensure(tookMs > 25, `close took ${Math.round(tookMs)} ms`);
      same(client.isClosed, false, "isClosed of the peer");
    },
  },
  {
    name: "close takes no time when the peer has ended",
    async run(bench) {
      const [client, server] = await bench.pair();
      await client.shutdown(SHUT_WR);
      same(await server.recv(), null, "the peer's end");
      const start = performance.now();
      await server.close({ lingerMs: 10_000 });
      const tookMs = performance.now() - start;
      ensure(tookMs < 5_000, `close took ${Math.round(tookMs)} ms`);
      same(await client.recv(), null, "recv of the peer");
    },
  },
  {
    name: "await using closes a socket at the end of its block",
    async run(bench) {
      const [client, server] = await bench.pair();
      const closing = client[Symbol.asyncDispose]();
      same(client.isClosed, true, "isClosed");
      same(await server.recv(), null, "recv of the peer");
      await server.close();
      await closing;
    },
  },
  {
    name: "a socket tells its state in toString",
    async run(bench) {
      const fresh = bench.socket();
      ensure(/unconnected>$/.test(`${fresh}`), `${fresh}`);
      const [client] = await bench.pair();
      ensure(
        /^<Socket AF_\w+ SOCK_STREAM .*→.* open>$/.test(`${client}`),
        `${client}`,
      );
      await client.close({ lingerMs: 0 });
      ensure(/closed>$/.test(`${client}`), `${client}`);
    },
  },
];

const resetLaws: readonly Law[] = [
  {
    name: "reset makes the peer see ECONNRESET and closes at once",
    needs: ["reset"],
    async run(bench) {
      const [client, server] = await bench.pair("client");
      const pending = later(rejectsWith(server.recv(), "ECONNRESET", "recv"));
      const own = later(rejectsWith(client.recv(), "EBADF", "recv"));
      client.reset();
      same(client.isClosed, true, "isClosed");
      await own;
      await client.closed;
      await pending;
      await allFailWith(client, "EBADF");
    },
  },
  {
    name: "buffered data come before the error and the error stays",
    needs: ["reset"],
    async run(bench) {
      const [client, server] = await bench.pair("client");
      await client.sendAll("abc");
      await inHand(server, 3);
      client.reset();
      await client.closed;
      sameText(await server.recvExactly(3), "abc", "what is in hand");
      await rejectsWith(server.recv(), "ECONNRESET", "recv");
      await rejectsWith(server.recv(), "ECONNRESET", "recv");
      await rejectsWith(server.recvExactly(1), "ECONNRESET", "recvExactly");
      await rejectsWith(server.recvUntil("\n"), "ECONNRESET", "recvUntil");
      throwsWith(() => server.tryRecv(), "ECONNRESET", "tryRecv");
      await rejectsWith(server.send("x"), "ECONNRESET", "send");
      await rejectsWith(server.sendAll("x"), "ECONNRESET", "sendAll");
      throwsWith(() => server.trySend("x"), "ECONNRESET", "trySend");
      await server.close();
    },
  },
  {
    name: "a reset is an error and no end when much is unread",
    needs: ["reset"],
    async run(bench) {
      const [client, server] = await bench.pair("client");
      const pattern = new Pattern(27);
      await sendUntilStuck(client, pattern, 0);
      const { bytesSent } = client;
      client.reset();
      await client.closed;
      let received = 0;
      const error = await rejection(
        (async () => {
          let chunk = await server.recv();
          while (chunk !== null) {
            pattern.check(chunk, received);
            received += chunk.length;
            chunk = await server.recv();
          }
        })(),
        "reading on",
      );
      isSocketError(error, "ECONNRESET", "recv", "recv");
      ensure(received <= bytesSent, `${received} of ${bytesSent} bytes came`);
    },
  },
  {
    name: "recvExactly is ECONNRESET when the peer crashes mid-message",
    needs: ["reset"],
    async run(bench) {
      const [client, server] = await bench.pair("client");
      await client.sendAll("abc");
      await inHand(server, 3);
      const pending = later(rejectsWith(
        server.recvExactly(10),
        "ECONNRESET",
        "recvExactly",
      ));
      client.reset();
      await pending;
    },
  },
  {
    name: "a pending send is ECONNRESET when the peer resets",
    needs: ["reset"],
    async run(bench) {
      const [client, server] = await bench.pair("server");
      await client.sendAll("abc");
      await inHand(server, 3);
      const pending = later(rejectsWith(
        client.sendAll(new Uint8Array(LARGE_BYTES)),
        "ECONNRESET",
        "sendAll",
      ));
      server.reset();
      const { bytesSent } = await pending;
      same(bytesSent, client.bytesSent - 3, "bytesSent of the error");
    },
  },
];

/** Laws of how connections end. */
export const endingLaws: readonly Law[] = [
  ...halfCloseLaws,
  ...closeLaws,
  ...resetLaws,
];
