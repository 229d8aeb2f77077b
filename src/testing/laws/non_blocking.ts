/**
 * Laws of non-blocking sockets and of the calls that never wait.
 *
 * @module
 */

import {
  errno,
  MSG_DONTWAIT,
  MSG_PEEK,
  MSG_WAITALL,
  SHUT_WR,
  SO_ERROR,
  SOL_SOCKET,
} from "../../constants.ts";
import { SocketError } from "../../errors.ts";
import { select } from "../../polling/mod.ts";
import type { StreamSocket } from "../../socket/mod.ts";
import {
  ensure,
  isSocketError,
  later,
  rejection,
  rejectsWith,
  same,
  sameText,
  thrown,
} from "../expect.ts";
import type { Law, LawBench } from "../law.ts";
import {
  acceptNow,
  codeOf,
  deadAddress,
  fillKernel,
  polledAs,
  samePoll,
} from "./polling_kit.ts";

/** Every receive that would wait, by the method's name. */
function receives(
  socket: StreamSocket,
): readonly (readonly [op: string, call: Promise<unknown>])[] {
  const memory = new Uint8Array(4);
  return [
    ["recv", socket.recv()],
    ["recv", socket.recv(4, MSG_PEEK)],
    ["recv", socket.recv(4, MSG_WAITALL)],
    ["recvInto", socket.recvInto(memory)],
    ["recvExactly", socket.recvExactly(4)],
    ["recvUntil", socket.recvUntil("\n")],
    ["recv", socket[Symbol.asyncIterator]().next()],
  ];
}

async function sameRefusals(
  calls: readonly (readonly [string, Promise<unknown>])[],
  code: string,
): Promise<void> {
  for (const [, call] of calls) later(call);
  for (const [op, call] of calls) await rejectsWith(call, code, op);
}

const modeLaws: readonly Law[] = [
  {
    name: "setBlocking and setTimeout are two words for one thing",
    // deno-lint-ignore require-await -- laws are asynchronous
    async run(bench) {
      const fresh = bench.socket();
      const seen = () => `${fresh.getBlocking()} ${fresh.getTimeout()}`;
      same(seen(), "true null", "at first");
      fresh.setBlocking(false);
      same(seen(), "false 0", "after setBlocking(false)");
      fresh.setBlocking(true);
      same(seen(), "true null", "after setBlocking(true)");
      fresh.setTimeout(0);
      same(seen(), "false 0", "after setTimeout(0)");
      fresh.setTimeout(1_500);
      same(seen(), "true 1500", "after setTimeout(1500)");
      fresh.setTimeout(null);
      same(seen(), "true null", "after setTimeout(null)");
      for (const flag of [0, 1, undefined, "no"]) {
        const call = () => fresh.setBlocking(flag as unknown as boolean);
        ensure(thrown(call, "setBlocking") instanceof TypeError, `${flag}`);
      }
    },
  },
  {
    name: "every receive of a non-blocking socket that would wait is EAGAIN",
    async run(bench) {
      const [client, server] = await bench.pair();
      server.setBlocking(false);
      await sameRefusals(receives(server), "EAGAIN");
      await client.sendAll("abcd");
      await select([server], [], []);
      // A part is no excuse to wait, and is not lost.
      await rejectsWith(server.recvExactly(9), "EAGAIN", "recvExactly");
      await rejectsWith(server.recvUntil("x"), "EAGAIN", "recvUntil");
      sameText(await server.recv(4, MSG_PEEK), "abcd", "what is in hand");
      sameText(await server.recvExactly(4), "abcd", "what was in hand");
      await rejectsWith(server.recv(), "EAGAIN", "recv");
    },
  },
  {
    name: "every send of a non-blocking socket that would wait is EAGAIN",
    async run(bench) {
      const [client, server] = await bench.pair();
      client.setBlocking(false);
      const sent = await fillKernel(client);
      await rejectsWith(client.send("x"), "EAGAIN", "send");
      const error = await rejectsWith(client.sendAll("y"), "EAGAIN", "sendAll");
      same(error.bytesSent, 0, "bytesSent of the error");
      same(client.trySend("z"), undefined, "what trySend took");
      same(client.bytesSent, sent, "bytesSent");
      let received = 0;
      while (received < sent) received += (await server.recv())?.length ?? 0;
      await select([], [client], []);
      same(await client.send("x"), 1, "what send took once there was room");
      same(received, sent, "bytes that came");
      sameText(await server.recv(), "x", "what came last");
    },
  },
  {
    name: "a non-blocking sendAll tells how much went before EAGAIN",
    async run(bench) {
      const [client, server] = await bench.pair();
      client.setBlocking(false);
      const data = new Uint8Array(1_048_576);
      let error: unknown;
      let calls = 0;
      while (error === undefined) {
        const before = client.bytesSent;
        error = await client.sendAll(data).catch((each) => each);
        if (error === undefined) continue;
        isSocketError(error, "EAGAIN", "sendAll", "sendAll");
        const went = client.bytesSent - before;
        same(error.bytesSent, went, "bytesSent of the error");
        ensure(++calls < 1_000, "it is never EAGAIN");
      }
      const sent = client.bytesSent;
      let received = 0;
      while (received < sent) received += (await server.recv())?.length ?? 0;
      same(received, sent, "bytes that came");
    },
  },
  {
    name: "an accept of a non-blocking listener that would wait is EAGAIN",
    async run(bench) {
      const listener = await bench.listen();
      listener.setBlocking(false);
      await rejectsWith(listener.accept(), "EAGAIN", "accept");
      same(listener.tryAccept(), undefined, "what tryAccept gave");
      const client = await bench.connectTo(listener.getSockName());
      await select([listener], [], []);
      const [server] = await listener.accept();
      bench.keep(server);
      same(server.getBlocking(), true, "getBlocking of what is accepted");
      await client.sendAll("x");
      sameText(await server.recv(), "x", "what came");
      await rejectsWith(listener.accept(), "EAGAIN", "accept");
    },
  },
  {
    name: "MSG_DONTWAIT and timeoutMs 0 make one call non-blocking",
    async run(bench) {
      const [client, server] = await bench.pair();
      const listener = await bench.listen();
      const wait = { timeoutMs: 0 };
      await sameRefusals([
        ["recv", server.recv(1, MSG_DONTWAIT)],
        ["recv", server.recv(wait)],
        ["recvInto", server.recvInto(new Uint8Array(1), MSG_DONTWAIT)],
        ["recvExactly", server.recvExactly(1, wait)],
        ["recvUntil", server.recvUntil("x", wait)],
        ["accept", listener.accept(wait)],
      ], "EAGAIN");
      await fillKernel(client);
      await rejectsWith(client.send("x", MSG_DONTWAIT), "EAGAIN", "send");
      await rejectsWith(client.sendAll("x", wait), "EAGAIN", "sendAll");
      same(server.getBlocking(), true, "getBlocking");
      server.setBlocking(false);
      ensure(await server.recv({ timeoutMs: null }) !== null, "the end");
    },
  },
];

/** A connect that goes on in the background. */
function connecting(
  bench: LawBench,
  address: Parameters<StreamSocket["connect"]>[0],
): StreamSocket {
  const client = bench.socket();
  client.setBlocking(false);
  const pending = rejectsWith(
    client.connect(address),
    "EINPROGRESS",
    "connect",
  );
  later(pending);
  return client;
}

const connectLaws: readonly Law[] = [
  {
    name: "a non-blocking connect is EINPROGRESS, and writable when done",
    async run(bench) {
      const listener = await bench.listen();
      const address = listener.getSockName();
      const client = bench.socket();
      client.setBlocking(false);
      await rejectsWith(client.connect(address), "EINPROGRESS", "connect");
      const [, [done]] = await select([], [client], [client]);
      ensure(done === client, "not writable");
      await samePoll(client, "w", "of what is connected");
      await rejectsWith(client.connect(address), "EISCONN", "connect");
      const server = await acceptNow(bench, listener);
      same(await client.send("x"), 1, "what send took");
      sameText(await server.recv(), "x", "what came");
    },
  },
  {
    name: "a socket that connects waits for it in all it does",
    async run(bench) {
      const listener = await bench.listen();
      const client = connecting(bench, listener.getSockName());
      // All in one turn: nobody has connected yet.
      same(client.readiness.events(), 0, "events");
      same(client.tryRecv(), undefined, "tryRecv");
      same(client.tryRecvInto(new Uint8Array(1)), undefined, "tryRecvInto");
      same(client.trySend("x"), undefined, "trySend");
      const again = rejectsWith(
        client.connect(listener.getSockName()),
        "EALREADY",
        "connect",
      );
      const calls = [
        ...receives(client),
        ["send", client.send("x")] as const,
        ["sendAll", client.sendAll("x")] as const,
      ];
      await sameRefusals(calls, "EAGAIN");
      await again;
      await select([], [client], []);
      const server = await acceptNow(bench, listener);
      same(client.trySend("x"), 1, "trySend in the end");
      sameText(await server.recv(), "x", "what came");
    },
  },
  {
    name: "connectEx goes the way of C: in progress, already, connected",
    async run(bench) {
      const listener = await bench.listen();
      const address = listener.getSockName();
      const client = bench.socket();
      client.setBlocking(false);
      const first = client.connectEx(address);
      const second = client.connectEx(address);
      same(await first, errno.EINPROGRESS, "the first");
      same(await second, errno.EALREADY, "the second");
      await select([], [client], []);
      same(await client.connectEx(address), errno.EISCONN, "the last");
      await acceptNow(bench, listener);
    },
  },
  {
    name: "a non-blocking connect that fails is dead, and tells why once",
    async run(bench) {
      const nobody = await deadAddress(bench);
      const listener = await bench.listen();
      const client = bench.socket();
      const blocking = later(rejection(client.connect(nobody), "connect"));
      const code = codeOf(await blocking);
      client.setBlocking(false);
      await rejectsWith(client.connect(nobody), "EINPROGRESS", "connect");
      const lists = await select([client], [client], [client]);
      same(lists.flat().length, 3, "lists that it is in");
      await samePoll(client, "rwx", "after it failed");
      // As in C, whatever is called next is told; then it is a fresh socket.
      await rejectsWith(
        client.connect(listener.getSockName()),
        code,
        "connect",
      );
      await samePoll(client, "rw", "after it was told");
      await rejectsWith(client.recv(), "ENOTCONN", "recv");
      const address = listener.getSockName();
      await rejectsWith(client.connect(address), "EINPROGRESS", "connect");
      await polledAs(client, "w");
      const server = await acceptNow(bench, listener);
      await client.shutdown(SHUT_WR);
      same(await server.recv(), null, "what came");
    },
  },
  {
    name: "SO_ERROR tells why a non-blocking connect failed, once",
    async run(bench) {
      const nobody = await deadAddress(bench);
      const listener = await bench.listen();
      const [failing, succeeding] = [bench.socket(), bench.socket()];
      const ask = (each: StreamSocket) => each.getSockOpt(SOL_SOCKET, SO_ERROR);
      const expected = await failing.connectEx(nobody);
      await failing.connectEx(nobody, { timeoutMs: 0 });
      await succeeding.connectEx(listener.getSockName(), { timeoutMs: 0 });
      same(ask(succeeding), 0, "SO_ERROR while it connects");
      await select([], [], [failing]);
      await select([], [succeeding], []);
      same(ask(failing), expected, "SO_ERROR of the one that failed");
      same(ask(failing), 0, "SO_ERROR asked again");
      same(ask(succeeding), 0, "SO_ERROR of the one that succeeded");
      await samePoll(failing, "rw", "after it was told");
      await acceptNow(bench, listener);
    },
  },
  {
    name: "a receive tells why a non-blocking connect failed",
    async run(bench) {
      const nobody = await deadAddress(bench);
      const client = connecting(bench, nobody);
      await select([], [], [client]);
      const error = await rejection(client.recv(), "recv");
      ensure(error instanceof SocketError, String(error));
      same(error.op, "connect", "op");
      same(await client.connectEx(nobody), errno.EINPROGRESS, "a new one");
      await select([], [], [client]);
      same(await client.connectEx(nobody), error.errno, "connectEx");
    },
  },
  {
    name: "a non-blocking connect that is closed ends quietly",
    async run(bench) {
      const listener = await bench.listen();
      const client = connecting(bench, listener.getSockName());
      const waiting = later(select([client], [client], [client]));
      await client.close();
      same((await waiting).flat().length, 3, "lists that it is in");
      await rejectsWith(client.recv(), "EBADF", "recv");
      ensure(
        thrown(() => client.tryRecv(), "tryRecv") instanceof SocketError,
        "tryRecv",
      );
    },
  },
];

/** Laws of non-blocking mode. */
export const nonBlockingLaws: readonly Law[] = [...modeLaws, ...connectLaws];
