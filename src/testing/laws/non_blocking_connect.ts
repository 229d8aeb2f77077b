/**
 * Laws of connects that nobody waits for.
 *
 * @module
 */

import { errno, SHUT_WR, SO_ERROR, SOL_SOCKET } from "../../constants.ts";
import { SocketError } from "../../errors.ts";
import type { StreamSocket } from "../../socket/mod.ts";
import {
  ensure,
  later,
  rejection,
  rejectsWith,
  same,
  sameText,
  thrown,
} from "../expect.ts";
import type { Law, LawBench } from "../law.ts";
import { select } from "../library.ts";
import { deadAddress } from "./kit.ts";
import {
  acceptNow,
  codeOf,
  polledAs,
  receives,
  samePoll,
  sameRefusals,
} from "./polling_kit.ts";

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

/** Laws of non-blocking connects. */
export const nonBlockingConnectLaws: readonly Law[] = [
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
