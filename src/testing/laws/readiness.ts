/**
 * Laws of what counts as readable, writable and dead.
 *
 * @module
 */

import { SHUT_RD, SHUT_WR } from "../../constants.ts";
import {
  ensure,
  later,
  rejection,
  rejectsWith,
  same,
  sameText,
} from "../expect.ts";
import type { Law } from "../law.ts";
import { select } from "../library.ts";
import { Pattern } from "../pattern.ts";
import { inHand, receiveCount, receivePattern, sendUntilStuck } from "./kit.ts";
import { acceptNow, fillKernel, polledAs, samePoll } from "./polling_kit.ts";

/** Laws of readiness. */
export const readinessLaws: readonly Law[] = [
  {
    name: "a fresh connection is writable and nothing else",
    async run(bench) {
      const [client, server] = await bench.pair();
      await samePoll(client, "w", "of a client");
      await samePoll(server, "w", "of a server");
    },
  },
  {
    name: "a connection is readable as long as bytes are in hand",
    async run(bench) {
      const [client, server] = await bench.pair();
      await client.sendAll("abc");
      await inHand(server, 3);
      await samePoll(server, "rw", "with three bytes in hand");
      sameText(await server.recvExactly(2), "ab", "what recv gave");
      await samePoll(server, "rw", "with one byte in hand");
      sameText(server.tryRecv(2), "c", "what tryRecv gave");
      await samePoll(server, "w", "with nothing in hand");
      await client.sendAll("d");
      await select([server], [], []);
      sameText(await server.recv(), "d", "what recv gave");
    },
  },
  {
    name: "a poll finds what the kernel has",
    async run(bench) {
      const [client, server] = await bench.pair();
      await samePoll(server, "w", "before anything came");
      for (let round = 0; round < 20; round++) {
        await client.sendAll("x");
        // A network may hold a piece back for some turns, or milliseconds.
        let polls = 1;
        while ((await select([server], [], [], 0))[0].length === 0) {
          ensure(++polls < 100_000, "polls found nothing");
        }
        sameText(server.tryRecv(), "x", `round ${round}`);
      }
    },
  },
  {
    name: "the end of a stream is readable, and stays so",
    async run(bench) {
      const [client, server] = await bench.pair();
      await client.shutdown(SHUT_WR);
      await select([server], [], []);
      for (let round = 0; round < 3; round++) {
        same(server.tryRecv(), null, "what tryRecv gave");
        await samePoll(server, "rw", "at the end");
      }
      await samePoll(client, "w", "of the end that said so");
    },
  },
  {
    name: "a stream is readable after SHUT_RD and writable after SHUT_WR",
    async run(bench) {
      const [client] = await bench.pair();
      const waiting = later(select([client], [], []));
      await client.shutdown(SHUT_RD);
      same((await waiting)[0].length, 1, "readers after SHUT_RD");
      same(client.tryRecv(), null, "what tryRecv gave");
      await client.shutdown(SHUT_WR);
      await samePoll(client, "rw", "after both");
    },
  },
  {
    name: "an unconnected socket is readable and writable: its calls fail",
    async run(bench) {
      const fresh = bench.socket();
      await samePoll(fresh, "rw", "before it is connected");
      const [client, server] = await bench.pair();
      const listener = bench.socket();
      await listener.bind(bench.maker.freshAddress());
      await listener.listen();
      await samePoll(listener, "", "of a listener");
      await Promise.all([client.close(), server.close()]);
    },
  },
  {
    name: "a listener is readable when accept will not wait",
    async run(bench) {
      const listener = await bench.listen();
      await samePoll(listener, "", "before anybody came");
      const one = await bench.connectTo(listener.getSockName());
      await select([listener], [], []);
      await samePoll(listener, "r", "with a connection");
      const [server] = await listener.accept({ timeoutMs: 0 });
      bench.keep(server);
      await samePoll(listener, "", "after accept");
      await one.sendAll("x");
      same((await server.recvExactly(1)).length, 1, "bytes that came");
      const more = [1, 2, 3].map(() => bench.connectTo(listener.getSockName()));
      await Promise.all(more);
      for (const _client of more) {
        await select([listener], [], []);
        await acceptNow(bench, listener);
      }
      await samePoll(listener, "", "after all were accepted");
    },
  },
  {
    name: "a stream is writable while the kernel takes more, and only then",
    async run(bench) {
      const [client, server] = await bench.pair();
      const sent = await fillKernel(client);
      ensure(sent > 0, "nothing went");
      await samePoll(client, "", "with a full kernel");
      const waiting = later(select([], [client], []));
      await receiveCount(server, sent);
      same((await waiting)[1].length, 1, "writers after the peer has read");
      await samePoll(client, "w", "after the peer has read");
      same(await client.send("x"), 1, "what send took");
      same((await server.recv())?.length, 1, "what came");
    },
  },
  {
    name: "a stream is not writable while a send is pending",
    async run(bench) {
      const [client, server] = await bench.pair();
      await fillKernel(client);
      const sending = later(client.sendAll("the last"));
      await samePoll(client, "", "with a send pending");
      void server.shutdown(SHUT_RD);
      await sending;
      await select([], [client], []);
      same(client.trySend("x"), 1, "what trySend took");
    },
  },
  {
    name: "a writer that is full is writable and dead once its peer resets",
    needs: ["reset"],
    async run(bench) {
      const [client, server] = await bench.pair("server");
      await fillKernel(client);
      server.reset();
      const [, writers] = await select([], [client], []);
      same(writers.length, 1, "writers");
      await polledAs(client, "rwx");
    },
  },
  {
    name: "death is seen by who waits for nothing else",
    needs: ["reset"],
    async run(bench) {
      for (const bytes of [0, 3, 20_000]) {
        const [client, server] = await bench.pair("server");
        const sending = later(server.sendAll(new Uint8Array(bytes)));
        // In hand, since a reset takes away what the kernel has.
        await inHand(client, bytes);
        await sending;
        const waiting = later(select([], [], [client]));
        server.reset();
        const [, , dead] = await waiting;
        same(dead.length, 1, `dead with ${bytes} bytes in hand`);
        const rest = await client.recvExactly(bytes);
        same(rest.length, bytes, "bytes in hand");
        await rejectsWith(client.recv(), "ECONNRESET", "recv");
      }
    },
  },
  {
    name: "a stream that is polled and never read stops its writer",
    async run(bench) {
      const [client, server] = await bench.pair();
      const controller = new AbortController();
      const { signal } = controller;
      const polling = later(
        rejection(select([], [], [server], { signal }), "select"),
      );
      const pattern = new Pattern(1);
      const sent = await sendUntilStuck(client, pattern, 0);
      controller.abort("enough");
      same(await polling, "enough", "what select rejected with");
      await receivePattern(server, pattern, 0, sent);
    },
  },
];
