/**
 * Laws of `Selector.select`: what it waits for, and what ends it.
 *
 * @module
 */

import {
  EVENT_ERROR,
  EVENT_READ,
  EVENT_WRITE,
  Selector,
} from "../../polling/mod.ts";
import type { StreamSocket } from "../../socket/mod.ts";
import {
  ensure,
  later,
  rejection,
  rejectsWith,
  same,
  sameText,
  textOf,
} from "../expect.ts";
import type { Law } from "../law.ts";
import { abortAndGoOn, inHand, WHY } from "./kit.ts";
import { eventsOf } from "./polling_kit.ts";

/** Laws of waiting with a `Selector`. */
export const selectorWaitingLaws: readonly Law[] = [
  {
    name: "a selector tells what is ready again until it is consumed",
    async run(bench) {
      const [client, server] = await bench.pair();
      const selector = new Selector<StreamSocket, string>();
      selector.register(server, EVENT_READ | EVENT_ERROR, "it");
      await client.sendAll("abc");
      await inHand(server, 3);
      for (const rest of ["abc", "bc", "c"]) {
        for (let again = 0; again < 2; again++) {
          const found = await selector.select();
          same(eventsOf(found), `${EVENT_READ}`, `events before ${rest}`);
          same(found[0]?.[0].data, "it", "data");
        }
        sameText(await server.recv(1), rest[0] as string, "what recv gave");
      }
      same((await selector.select(0)).length, 0, "found when all is consumed");
      await client.sendAll("d");
      same(
        eventsOf(await selector.select()),
        `${EVENT_READ}`,
        "what came later",
      );
    },
  },
  {
    name: "a selector finds the few that are ready among many",
    async run(bench) {
      const pairs = [];
      for (let i = 0; i < 40; i++) pairs.push(await bench.pair());
      const selector = new Selector<StreamSocket, number>();
      pairs.forEach(([, server], i) =>
        selector.register(server, EVENT_READ, i)
      );
      for (const wanted of [[3], [0, 39], [7, 8, 9, 30]]) {
        for (const i of wanted) await pairs[i]?.[0].sendAll("x");
        const seen = new Set<number>();
        while (seen.size < wanted.length) {
          for (const [{ data }] of await selector.select()) seen.add(data);
        }
        const sorted = [...seen].sort((a, b) => a - b);
        same(sorted.join(), wanted.join(), "who was found");
        for (const i of wanted) pairs[i]?.[1].tryRecv();
      }
      same((await selector.select(0)).length, 0, "found in the end");
    },
  },
  {
    name: "a selector hears of bytes that come after a receive",
    async run(bench) {
      const [client, server] = await bench.pair();
      const selector = new Selector<StreamSocket>();
      selector.register(server, EVENT_READ);
      const memory = new Uint8Array(8);
      const receives: readonly (() => Promise<unknown>)[] = [
        () => server.recv(),
        () => server.recvExactly(1),
        () => server.recvUntil("\n"),
        () => server.recvInto(memory),
      ];
      for (const receive of receives) {
        const receiving = receive();
        await client.sendAll("\n");
        await receiving;
        const waiting = later(selector.select());
        await client.sendAll("y");
        same(eventsOf(await waiting), `${EVENT_READ}`, "events");
        sameText(await server.recv(), "y", "what came");
      }
    },
  },
  {
    name: "a selector polls when the time is 0 or less, else it waits it out",
    async run(bench) {
      const [client, server] = await bench.pair();
      const selector = new Selector<StreamSocket>();
      selector.register(server, EVENT_READ);
      for (const timeoutMs of [0, -1, -Infinity]) {
        same((await selector.select(timeoutMs)).length, 0, "found");
      }
      for (const timeoutMs of [0.2, 12, 20.5]) {
        const start = performance.now();
        same((await selector.select({ timeoutMs })).length, 0, "found");
        const tookMs = performance.now() - start;
        ensure(tookMs >= timeoutMs, `${tookMs} ms, not ${timeoutMs}`);
      }
      await client.sendAll("x");
      same((await selector.select(60_000)).length, 1, "found in time");
      same((await selector.select(-1)).length, 1, "found by a poll");
    },
  },
  {
    name: "register, modify and unregister act on a pending select",
    async run(bench) {
      const [client, server] = await bench.pair();
      const selector = new Selector<StreamSocket, string | undefined>();
      let waiting = later(selector.select());
      selector.register(server, EVENT_READ, "read");
      await client.sendAll("x");
      same((await waiting)[0]?.[0].data, "read", "data after register");
      sameText(await server.recv(), "x", "what came");
      waiting = later(selector.select());
      selector.modify(server, EVENT_WRITE, "write");
      const [[key, events] = []] = await waiting;
      same(key?.data, "write", "data after modify");
      same(events, EVENT_WRITE, "events after modify");
      selector.modify(server, EVENT_READ);
      waiting = later(selector.select());
      selector.unregister(server);
      selector.register(client, EVENT_READ, "client");
      await client.sendAll("y");
      await server.sendAll("z");
      const found = await waiting;
      same(found.length, 1, "found after unregister");
      same(found[0]?.[0].data, "client", "data after unregister");
    },
  },
  {
    name: "notify ends a select, the pending one or the next",
    async run(bench) {
      const [client, server] = await bench.pair();
      const selector = new Selector<StreamSocket>();
      selector.register(server, EVENT_READ);
      const waiting = later(selector.select());
      selector.notify();
      same((await waiting).length, 0, "found by the one that was pending");
      selector.notify();
      selector.notify();
      same((await selector.select()).length, 0, "found by the next");
      const after = later(selector.select());
      await client.sendAll("x");
      same((await after).length, 1, "found by the one after that");
      selector.notify();
      same((await selector.select()).length, 1, "found when both hold");
      await server.recv();
      same((await selector.select(0)).length, 0, "found afterwards");
    },
  },
  {
    name: "a second select is EBUSY and the first undisturbed",
    async run(bench) {
      const [client, server] = await bench.pair();
      const selector = new Selector<StreamSocket>();
      selector.register(server, EVENT_READ);
      const waiting = later(selector.select());
      await rejectsWith(selector.select(0), "EBUSY", "select");
      await client.sendAll("x");
      same((await waiting).length, 1, "found by the first");
    },
  },
  {
    name: "close ends a pending select with EBADF, and iteration at all",
    async run(bench) {
      const [, server] = await bench.pair();
      const selector = new Selector<StreamSocket>();
      selector.register(server, EVENT_READ);
      const waiting = later(selector.select());
      selector.close();
      await rejectsWith(waiting, "EBADF", "select");
      const other = new Selector<StreamSocket>();
      other.register(server, EVENT_READ);
      const step = other[Symbol.asyncIterator]().next();
      other.close();
      same((await step).done, true, "done");
      for await (const _found of other) ensure(false, "found when closed");
    },
  },
  {
    name: "iteration gives one result after another until close",
    async run(bench) {
      const [client, server] = await bench.pair();
      const selector = new Selector<StreamSocket>();
      selector.register(server, EVENT_READ);
      const heard: string[] = [];
      await client.sendAll("a");
      for await (const found of selector) {
        for (const [{ socket }] of found) heard.push(textOf(socket.tryRecv()!));
        if (heard.length === 3) selector.close();
        else await client.sendAll("b");
      }
      same(heard.join(""), "abb", "what was heard");
      same(server.isClosed, false, "isClosed");
    },
  },
  {
    name: "a select follows one that was aborted, in that same turn",
    async run(bench) {
      const [client, server] = await bench.pair();
      const selector = new Selector<StreamSocket>();
      selector.register(server, EVENT_READ);
      for (const timeoutMs of [null, 0]) {
        for (const isEarly of [true, false]) {
          const { cut, next } = abortAndGoOn(
            isEarly,
            (signal) => selector.select({ timeoutMs, signal }),
            () => selector.select(),
          );
          same(await cut, WHY, "the first was rejected with");
          await client.sendAll("x");
          same((await next).length, 1, "found by the next");
          await server.recv();
        }
      }
    },
  },
  {
    name: "an aborted select rejects with the reason, and the next one works",
    async run(bench) {
      const [client, server] = await bench.pair();
      const selector = new Selector<StreamSocket>();
      selector.register(server, EVENT_READ);
      const reason = { why: "enough" };
      const early = selector.select({ signal: AbortSignal.abort(reason) });
      same(await rejection(early, "select"), reason, "told before");
      const controller = new AbortController();
      const { signal } = controller;
      const waiting = rejection(selector.select({ signal }), "select");
      controller.abort(reason);
      same(await waiting, reason, "told while it waits");
      await client.sendAll("x");
      same((await selector.select()).length, 1, "found by the next");
    },
  },
];
