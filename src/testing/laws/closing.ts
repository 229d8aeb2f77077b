/**
 * Laws of closing.
 *
 * @module
 */

import { SHUT_WR } from "../../constants.ts";
import type { SendOptions } from "../../contracts.ts";
import type { StreamSocket } from "../../socket/mod.ts";
import {
  ensure,
  isSocketError,
  later,
  rejectsWith,
  same,
  throwsWith,
} from "../expect.ts";
import type { Law } from "../law.ts";
import { Pattern } from "../pattern.ts";
import {
  allFailWith,
  inHand,
  receiveAll,
  receivePattern,
  sendUntilStuck,
} from "./kit.ts";

/** What can be pending on a stream that nothing comes on. */
const PENDING: Readonly<
  Record<string, (socket: StreamSocket) => Promise<unknown>>
> = {
  recv: (socket) => socket.recv(),
  recvInto: (socket) => socket.recvInto(new Uint8Array(1)),
  recvExactly: (socket) => socket.recvExactly(1),
  recvUntil: (socket) => socket.recvUntil("\n"),
};

/** The two ways in which bytes leave: by reference, and as copies. */
const UNDER_WAY: Readonly<Record<string, SendOptions>> = {
  "without a deadline": {},
  "with a deadline": { timeoutMs: 25_000 },
};

/** What was cut must not pass for whole. */
async function endsInReset(socket: StreamSocket): Promise<void> {
  await rejectsWith(receiveAll(socket), "ECONNRESET", "recv");
}

/** Laws of closing. */
export const closeLaws: readonly Law[] = [
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
        client.sendAll(new Uint8Array(bench.moreThanFitsBytes)),
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
    name: "input that comes before the peer reads costs it not one byte",
    async run(bench) {
      const [client, server] = await bench.pair();
      const pattern = new Pattern(28);
      const sent = await sendUntilStuck(server, pattern, 0);
      const closing = later(server.close({ lingerMs: 10_000 }));
      await client.sendAll(new Uint8Array(3_000_000));
      await receivePattern(client, pattern, 0, sent);
      same(await client.recv(), null, "what follows");
      await client.close();
      await closing;
    },
  },
  {
    name: "close does not wait for the peer's end",
    async run(bench) {
      const [client, server] = await bench.pair();
      const start = performance.now();
      await server.close({ lingerMs: 20_000 });
      const tookMs = performance.now() - start;
      ensure(tookMs < 5_000, `close took ${Math.round(tookMs)} ms`);
      same(await client.recv(), null, "recv of the peer");
      await client.sendAll("heard by nobody");
      await client.close();
      await server.closed;
    },
  },
  {
    name: "the descriptor is released after lingerMs when the peer never ends",
    async run(bench) {
      const [client, server] = await bench.pair();
      const start = performance.now();
      later(server.close({ lingerMs: 150 }));
      await server.closed;
      const tookMs = performance.now() - start;
      ensure(tookMs < 5_000, `it took ${Math.round(tookMs)} ms`);
      ensure(tookMs > 125, `it took ${Math.round(tookMs)} ms`);
      same(client.isClosed, false, "isClosed of the peer");
      same(await client.recv(), null, "recv of the peer");
    },
  },
  ...[0, 100].map((lingerMs): Law => ({
    name: `every byte and the end come to a reader that starts when lingerMs ` +
      `of ${lingerMs} is long over`,
    async run(bench) {
      const [client, server] = await bench.pair();
      const pattern = new Pattern(29);
      await server.sendAll(pattern.slice(0, bench.fitsBytes));
      await server.close({ lingerMs });
      await server.closed;
      await receivePattern(client, pattern, 0, bench.fitsBytes);
      same(await client.recv(), null, "what follows");
      same(await client.recv(), null, "what follows the end");
    },
  })),
  ...Object.entries(UNDER_WAY).map(([kind, options]): Law => ({
    name: `a sendAll ${kind} that is under way at close is sent whole`,
    async run(bench) {
      const [client, server] = await bench.pair();
      const pattern = new Pattern(33);
      const total = bench.moreThanFitsBytes / 4;
      const sending = later(server.sendAll(pattern.slice(0, total), options));
      const closing = later(server.close({ lingerMs: 20_000 }));
      await receivePattern(client, pattern, 0, total);
      same(await client.recv(), null, "what follows");
      await sending;
      await client.close();
      await closing;
    },
  })),
  ...Object.entries(UNDER_WAY).map(([kind, options]): Law => ({
    name: `a sendAll ${kind} that cannot end in time ends in ECONNRESET`,
    needs: ["reset"],
    async run(bench) {
      const [client, server] = await bench.pair("server");
      const sending = later(rejectsWith(
        server.sendAll(new Uint8Array(bench.moreThanFitsBytes), options),
        "EBADF",
        "sendAll",
      ));
      await server.close({ lingerMs: 50 });
      await server.closed;
      await sending;
      await endsInReset(client);
    },
  })),
  {
    name: "an end after close means that every accepted byte has come",
    needs: ["reset"],
    async run(bench) {
      const [client, server] = await bench.pair("server");
      const sent = await sendUntilStuck(server, new Pattern(34), 0);
      await server.close({ lingerMs: 50 });
      await server.closed;
      try {
        same((await receiveAll(client)).length, sent, "bytes before the end");
      } catch (error) {
        isSocketError(error, "ECONNRESET", "recv", "recv");
      }
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
