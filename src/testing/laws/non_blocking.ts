/**
 * Laws of non-blocking sockets and of the calls that never wait.
 *
 * @module
 */

import { MSG_DONTWAIT, MSG_PEEK, SHUT_WR } from "../../constants.ts";
import {
  ensure,
  isSocketError,
  rejectsWith,
  same,
  sameText,
  thrown,
} from "../expect.ts";
import type { Law } from "../law.ts";
import { select } from "../library.ts";
import { Pattern } from "../pattern.ts";
import {
  BOUNDLESS_BYTES,
  inHand,
  receiveAll,
  receiveCount,
  receivePattern,
} from "./kit.ts";
import { fillKernel, receives, sameRefusals } from "./polling_kit.ts";

/** Laws of non-blocking mode. */
export const nonBlockingLaws: readonly Law[] = [
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
      server.setBlocking(true);
      await inHand(server, 4);
      server.setBlocking(false);
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
      await receiveCount(server, sent);
      await select([], [client], []);
      same(await client.send("x"), 1, "what send took once there was room");
      sameText(await server.recv(), "x", "what came last");
    },
  },
  {
    name: "a non-blocking sendAll tells how much went before EAGAIN",
    async run(bench) {
      const [client, server] = await bench.pair();
      client.setBlocking(false);
      const data = new Uint8Array(1_048_576);
      let before = 0;
      let error = await client.sendAll(data).catch((each) => each);
      while (error === undefined) {
        before = client.bytesSent;
        ensure(before < BOUNDLESS_BYTES, "it is never EAGAIN");
        error = await client.sendAll(data).catch((each) => each);
      }
      isSocketError(error, "EAGAIN", "sendAll", "sendAll");
      const { bytesSent } = client;
      same(error.bytesSent, bytesSent - before, "bytesSent of the error");
      await receiveCount(server, bytesSent);
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
    name: "a non-blocking sendAll of what fits succeeds and sends it once",
    async run(bench) {
      const [client, server] = await bench.pair();
      await client.sendAll("one ", { timeoutMs: 0 });
      await client.sendAll("two ", MSG_DONTWAIT);
      client.setBlocking(false);
      await client.sendAll(["th", "ree"]);
      same(client.bytesSent, 13, "bytesSent");
      client.setBlocking(true);
      await client.shutdown(SHUT_WR);
      sameText(await receiveAll(server), "one two three", "what came");
    },
  },
  {
    name: "a non-blocking SHUT_WR ends behind what was accepted",
    async run(bench) {
      const [client, server] = await bench.pair();
      const pattern = new Pattern(31);
      let sent = 0;
      let count: number | undefined = 0;
      while (count !== undefined) {
        sent += count;
        ensure(sent < BOUNDLESS_BYTES, "the writer is never stopped");
        count = client.trySend(pattern.slice(sent, 65_536));
      }
      await client.shutdown(SHUT_WR, { timeoutMs: 0 });
      await rejectsWith(client.send("x"), "EPIPE", "send");
      await receivePattern(server, pattern, 0, sent);
      same(await server.recv(), null, "what follows");
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
