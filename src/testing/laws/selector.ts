/**
 * Laws of `Selector`: what it keeps, and sockets that others use too.
 *
 * @module
 */

import {
  EVENT_ERROR,
  EVENT_READ,
  EVENT_WRITE,
  Selector,
} from "../../polling/mod.ts";
import type { Listener, StreamSocket } from "../../socket/mod.ts";
import {
  ensure,
  later,
  rejection,
  rejectsWith,
  same,
  sameText,
  thrown,
  throwsWith,
} from "../expect.ts";
import type { Law } from "../law.ts";
import { Pattern } from "../pattern.ts";
import { receivePattern, sendUntilStuck } from "./kit.ts";
import { acceptNow, blows, eventsOf } from "./polling_kit.ts";

const ALL = EVENT_READ | EVENT_WRITE | EVENT_ERROR;

const bookkeepingLaws: readonly Law[] = [
  {
    name: "a selector keeps what was registered, and its data",
    async run(bench) {
      const [client, server] = await bench.pair();
      const selector = new Selector<StreamSocket, string>();
      const map = selector.getMap();
      const key = selector.register(client, EVENT_READ, "mine");
      same(key.socket, client, "key.socket");
      same(key.events, EVENT_READ, "key.events");
      same(key.data, "mine", "key.data");
      same(selector.getKey(client), key, "getKey");
      same(map.size, 1, "size");
      selector.register(server, ALL, "yours");
      const seen = [...map].map(([socket, { data }]) => [socket, data]).flat();
      ensure(seen[0] === client && seen[2] === server, "the order of the map");
      same(`${seen[1]},${seen[3]}`, "mine,yours", "data in the map");
      same(
        [...map.keys()].length + [...map.values()].length,
        4,
        "keys, values",
      );
      same(selector.modify(client, ALL, "new").data, "new", "modify");
      same(map.get(client)?.events, ALL, "events in the map");
      same(selector.unregister(client).data, "new", "unregister");
      same(map.has(client), false, "has");
      let calls = 0;
      map.forEach(({ data }, socket, itself) => {
        calls++;
        ensure(socket === server && itself === map, "arguments of forEach");
        same(data, "yours", "data of forEach");
      });
      same(calls, 1, "calls of forEach");
      ensure(!("set" in map) && !("clear" in map), "the map can be changed");
    },
  },
  {
    name: "a selector is EEXIST, ENOENT and EBADF where it should be",
    async run(bench) {
      const [client, server] = await bench.pair();
      const selector = new Selector<StreamSocket>();
      selector.register(client, EVENT_READ);
      const register = () => selector.register(client, EVENT_WRITE);
      throwsWith(register, "EEXIST", "register");
      same(selector.getKey(client).events, EVENT_READ, "events");
      const strangers: Record<string, () => unknown> = {
        modify: () => selector.modify(server, EVENT_READ),
        unregister: () => selector.unregister(server),
        getKey: () => selector.getKey(server),
      };
      for (const [op, call] of Object.entries(strangers)) {
        throwsWith(call, "ENOENT", op);
      }
      selector.close();
      selector.close();
      const calls: Record<string, () => unknown> = {
        ...strangers,
        register,
        getMap: () => selector.getMap(),
        notify: () => selector.notify(),
      };
      for (const [op, call] of Object.entries(calls)) {
        throwsWith(call, "EBADF", op);
      }
      await rejectsWith(selector.select(), "EBADF", "select");
      same(client.isClosed, false, "isClosed of a socket in it");
    },
  },
  {
    name: "a selector refuses what is no socket, no event and no time",
    async run(bench) {
      const [client] = await bench.pair();
      const selector = new Selector();
      const register = selector.register.bind(selector) as (
        ...args: unknown[]
      ) => unknown;
      const table: readonly [unknown, unknown, typeof Error, RegExp][] = [
        [{}, EVENT_READ, TypeError, /sockets/],
        [3, EVENT_READ, TypeError, /3/],
        [undefined, EVENT_READ, TypeError, /undefined/],
        [client, 0, RangeError, /0/],
        [client, 8, RangeError, /8/],
        [client, -1, RangeError, /-1/],
        [client, 1.5, RangeError, /1\.5/],
        [client, NaN, RangeError, /NaN/],
        [client, "1", TypeError, /"1"/],
        [client, undefined, TypeError, /undefined/],
      ];
      for (const [socket, events, kind, text] of table) {
        const error = thrown(() => register(socket, events), String(text));
        ensure(error instanceof kind, `${text}: ${String(error)}`);
        ensure(text.test((error as Error).message), `${text}: ${error}`);
      }
      same(selector.getMap().size, 0, "size");
      selector.register(client, EVENT_READ);
      const bad = thrown(() => selector.modify(client, 9), "modify");
      ensure(bad instanceof RangeError, String(bad));
      same(selector.getKey(client).events, EVENT_READ, "events");
      const odd = thrown(() => new Selector({ clok: 1 } as never), "new");
      ensure(odd instanceof TypeError, String(odd));
      const nan = await rejection(selector.select(NaN), "select");
      ensure(nan instanceof RangeError, String(nan));
    },
  },
];

const sharingLaws: readonly Law[] = [
  {
    name: "unregistering loses no byte",
    async run(bench) {
      const [client, server] = await bench.pair();
      const pattern = new Pattern(2);
      const selector = new Selector<StreamSocket>();
      let sent = 0;
      let received = 0;
      const sizes = [
        { before: 0, after: 9 },
        { before: 9, after: 0 },
        { before: 70_000, after: 5_000 },
      ];
      for (const { before, after } of sizes) {
        selector.register(server, EVENT_READ);
        const all = pattern.slice(sent, before + after);
        const sending = later(client.sendAll(all));
        if (before > 0) await selector.select();
        selector.unregister(server);
        sent += all.length;
        await receivePattern(server, pattern, received, sent);
        received = sent;
        await sending;
      }
    },
  },
  {
    name: "a registered stream that nobody reads stops its writer",
    async run(bench) {
      const [client, server] = await bench.pair();
      const selector = new Selector<StreamSocket>();
      selector.register(server, EVENT_READ | EVENT_ERROR);
      const pattern = new Pattern(3);
      const sent = await sendUntilStuck(client, pattern, 0);
      same(eventsOf(await selector.select()), `${EVENT_READ}`, "events");
      await receivePattern(server, pattern, 0, sent);
    },
  },
  {
    name: "a dead socket is told for all that was asked, and the living go on",
    async run(bench) {
      for (const { what, dead, living } of await blows(bench)) {
        for (const asked of [EVENT_READ, EVENT_WRITE, EVENT_ERROR, ALL]) {
          const selector = new Selector();
          selector.register(dead, asked, "dead");
          selector.register(living, EVENT_READ, "living");
          for (let again = 0; again < 2; again++) {
            const found = await selector.select();
            const text = found.map(([{ data }, events]) => `${data} ${events}`);
            const wanted = [`dead ${asked}`, `living ${EVENT_READ}`];
            same(text.sort().join(), wanted.join(), what);
          }
          selector.unregister(dead);
          same((await selector.select()).length, 1, `found without ${what}`);
        }
      }
    },
  },
  {
    name: "a socket that is closed from elsewhere wakes a selector",
    async run(bench) {
      const [, server] = await bench.pair();
      const listener = await bench.listen();
      for (const each of [server, listener]) {
        const selector = new Selector<StreamSocket | Listener>();
        selector.register(each, EVENT_ERROR);
        const waiting = later(selector.select());
        await each.close({ lingerMs: 0 });
        same(eventsOf(await waiting), `${EVENT_ERROR}`, "events");
      }
    },
  },
  {
    name: "one loop around a selector serves a listener and all its clients",
    async run(bench) {
      const listener = await bench.listen();
      const selector = new Selector<
        StreamSocket | Listener,
        StreamSocket | null
      >();
      selector.register(listener, EVENT_READ, null);
      let ended = 0;
      const serving = later((async () => {
        while (ended < 20) {
          for (const [{ data: peer }] of await selector.select()) {
            if (peer === null) {
              const socket = await acceptNow(bench, listener);
              selector.register(socket, EVENT_READ, socket);
              continue;
            }
            const bytes = peer.tryRecv();
            if (bytes === null) {
              selector.unregister(peer);
              void peer.close();
              ended++;
            } else if (bytes !== undefined) {
              let sent = 0;
              while (sent < bytes.length) {
                sent += peer.trySend(bytes.subarray(sent)) ?? 0;
              }
            }
          }
        }
      })());
      await Promise.all(Array.from({ length: 20 }, async (_, i) => {
        const client = await bench.connectTo(listener.getSockName());
        for (const word of [`first ${i}`, `second ${i}`]) {
          await client.sendAll(word);
          sameText(await client.recvExactly(word.length), word, "the echo");
        }
        await client.close();
      }));
      await serving;
    },
  },
];

/** Laws of `Selector`. */
export const selectorClassLaws: readonly Law[] = [
  ...bookkeepingLaws,
  ...sharingLaws,
];
