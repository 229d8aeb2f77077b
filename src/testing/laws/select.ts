/**
 * Laws of `select`.
 *
 * @module
 */

import type { Pollable } from "../../polling/mod.ts";
import { ensure, later, rejection, same, sameText, textOf } from "../expect.ts";
import type { Law } from "../law.ts";
import { select } from "../library.ts";
import { blows, samePoll } from "./polling_kit.ts";

/** Laws of `select`. */
export const selectLaws: readonly Law[] = [
  {
    name: "select gives those that are ready, in the order of the list",
    async run(bench) {
      const [clientOfA, a] = await bench.pair();
      const [, b] = await bench.pair();
      const [clientOfC, c] = await bench.pair();
      await clientOfC.sendAll("x");
      await select([c], [], []);
      await clientOfA.sendAll("x");
      await select([a], [], []);
      const [readers, writers, dead] = await select([a, b, c], [], [b]);
      ensure(readers.length === 2, `${readers.length} readers`);
      ensure(readers[0] === a && readers[1] === c, "other readers");
      same(writers.length + dead.length, 0, "others");
    },
  },
  {
    name: "select gives a socket back in every list where it is ready",
    async run(bench) {
      const [client, server] = await bench.pair();
      await client.sendAll("x");
      await select([server], [], []);
      const lists = await select([server, server], [server], [server]);
      same(lists.map((list) => list.length).join(), "2,1,0", "lengths");
      ensure(lists.flat().every((each) => each === server), "other sockets");
    },
  },
  {
    name: "select waits for the first of many, for ever if need be",
    async run(bench) {
      const [client, server] = await bench.pair();
      const [, idle] = await bench.pair();
      const listener = await bench.listen();
      const all: Pollable[] = [idle, server, listener];
      for (const timeout of [undefined, null, Infinity, 60_000, {}]) {
        const waiting = later(select(all, [], all, timeout));
        await client.sendAll("x");
        const [readers, , dead] = await waiting;
        same(readers.length + dead.length, 1, "sockets");
        ensure(readers[0] === server, "another one");
        sameText(await server.recv(), "x", "what came");
      }
    },
  },
  {
    name: "select that waits for nothing sees what has come, at the first look",
    async run(bench) {
      const [client, server] = await bench.pair();
      for (let i = 0; i < 5; i++) {
        const [early] = await select([server], [server], [], 0);
        same(early.length, 0, "readers before anything came");
        await client.sendAll("x");
        const [readers, writers] = await select([server], [server], [], 0);
        same(readers.length, 1, "readers");
        same(writers.length, 1, "writers");
        sameText(await server.recv(), "x", "what came");
      }
      const listener = await bench.listen();
      await bench.connectTo(listener.getSockName());
      const [accepting] = await select([listener], [], [], 0);
      same(accepting.length, 1, "listeners");
    },
  },
  {
    name: "select with nothing ready gives three empty lists in time",
    async run(bench) {
      const [, server] = await bench.pair();
      for (const lists of [[], [server]]) {
        for (const timeoutMs of [0, 0.4, 12, 25.5]) {
          const start = performance.now();
          const found = await select(lists, [], lists, { timeoutMs });
          const tookMs = performance.now() - start;
          same(found.flat().length, 0, "sockets");
          ensure(tookMs >= timeoutMs, `${tookMs} ms, not ${timeoutMs}`);
        }
      }
    },
  },
  {
    name: "select takes sets and generators",
    async run(bench) {
      const [client, server] = await bench.pair();
      await client.sendAll("x");
      function* servers() {
        yield server;
      }
      const [readers, writers] = await select(servers(), new Set([client]), []);
      ensure(readers.length === 0 || readers[0] === server, "another reader");
      ensure(writers[0] === client, "another writer");
    },
  },
  {
    name: "select rejects with the reason when it is aborted",
    async run(bench) {
      const [client, server] = await bench.pair();
      const reason = { why: "enough" };
      const early = select([], [client], [], {
        signal: AbortSignal.abort(reason),
      });
      same(await rejection(early, "select"), reason, "told before");
      const controller = new AbortController();
      const { signal } = controller;
      const pending = rejection(select([server], [], [], { signal }), "select");
      controller.abort(reason);
      same(await pending, reason, "told while it waits");
      await client.sendAll("x");
      const [readers] = await select([server], [], []);
      same(readers.length, 1, "readers afterwards");
    },
  },
  {
    name: "select refuses what is no time, no list and no socket",
    async run(bench) {
      const [client] = await bench.pair();
      const table: readonly [unknown[], typeof Error, RegExp][] = [
        [[[], [], [], NaN], RangeError, /NaN/],
        [[[], [], [], -1], RangeError, /-1/],
        [[[], [], [], { timeoutMs: -0.5 }], RangeError, /-0\.5/],
        [[[], [], [], "1"], TypeError, /"1"/],
        [[[], [], [], { signal: 1 }], TypeError, /signal/],
        [[[7], [], []], TypeError, /readers.*7/],
        [[[], [client, {}], []], TypeError, /writers/],
        [[[], [], [null]], TypeError, /errors.*null/],
        [["x", [], []], TypeError, /readers.*"x"/],
        [[[], client, []], TypeError, /writers/],
        [[[], [], null], TypeError, /errors.*null/],
        [[], TypeError, /readers.*undefined/],
      ];
      for (const [args, kind, text] of table) {
        const call = select as (...args: unknown[]) => Promise<unknown>;
        const error = await rejection(call(...args), String(text));
        ensure(error instanceof kind, `${text}: ${String(error)}`);
        ensure(text.test((error as Error).message), `${text}: ${error}`);
      }
    },
  },
  {
    name: "a dead socket comes back in every list, and the living go on",
    async run(bench) {
      for (const { what, dead, living } of await blows(bench)) {
        await samePoll(dead, "rwx", `of ${what}`);
        const both = [living, dead];
        const lists = await select(both, both, both);
        same(lists[0].length, 2, `readers with ${what}`);
        same(lists[1].length, 2, `writers with ${what}`);
        ensure(lists[2].length === 1 && lists[2][0] === dead, what);
        const alone = await select([living], [], [dead], 60_000);
        same(alone.flat().length, 2, `found beside ${what}`);
      }
    },
  },
  {
    name: "a socket that is closed from elsewhere wakes select",
    async run(bench) {
      const [bystander] = await bench.pair();
      const [, server] = await bench.pair();
      const listener = await bench.listen();
      for (const each of [server, listener]) {
        const waits = [
          select([each], [], []),
          select([], [], [bystander, each]),
          select([each], [], [each], 60_000),
        ];
        const closing = each.close({ lingerMs: 0 });
        for (const found of await Promise.all(waits)) {
          ensure(found.flat().every((one) => one === each), "another one");
          ensure(found.flat().length > 0, "nobody");
        }
        await closing;
      }
    },
  },
  {
    name: "a socket that is always writable hides nothing that comes",
    async run(bench) {
      const [client, server] = await bench.pair();
      const listener = await bench.listen();
      const heard: string[] = [];
      const talking = later((async () => {
        for (const word of ["one", "two", "three"]) {
          await client.sendAll(word);
          await bench.connectTo(listener.getSockName());
        }
      })());
      let accepted = 0;
      // As C programs do: everybody in the list of writers, all the time.
      while (heard.join("") !== "onetwothree" || accepted < 3) {
        const readers: Pollable[] = [server, listener];
        const [found] = await select(readers, [server], []);
        if (found.includes(server)) heard.push(textOf(server.tryRecv()!));
        const connection = found.includes(listener) && listener.tryAccept();
        if (connection) bench.keep(connection[0]);
        accepted += connection ? 1 : 0;
      }
      await talking;
    },
  },
  {
    name: "two selects for the same socket both wake, and take nothing",
    async run(bench) {
      const [client, server] = await bench.pair();
      const waits = [1, 2].map(() => select([server], [], []));
      const late = select([server], [], [], 5);
      await client.sendAll("hello");
      for (const [readers] of await Promise.all(waits)) {
        same(readers.length, 1, "readers");
      }
      await late;
      sameText(await server.recvExactly(5), "hello", "what came");
    },
  },
];
