/**
 * Polls that break what `select`, `Selector` and readiness promise.
 *
 * @module
 */

import {
  EVENT_ERROR,
  EVENT_READ,
  EVENT_WRITE,
  type Readiness,
} from "../../../src/readiness.ts";
import { systemClock } from "../../../src/clock.ts";
import type { WaitOptions } from "../../../src/contracts.ts";
import { socketError } from "../../../src/errors.ts";
import type { Selector } from "../../../src/polling/mod.ts";
import type { StreamSocket } from "../../../src/socket/mod.ts";
import { broken, type Wrongs } from "../broken.ts";
import type { Saboteur } from "../saboteur.ts";
import { nothing, queues } from "./kit.ts";

/** Stream sockets whose readiness is wrong. */
function readiness(wrong: Wrongs<Readiness>): Wrongs<StreamSocket> {
  return { readiness: (right) => broken(right, wrong) };
}

const DEAF = { end: nothing };

/** Those whom somebody watches, and those who were told of already. */
const watched = new WeakSet<object>();
const told = new WeakSet<object>();

/** Selectors on which somebody waits. */
const selecting = new WeakSet<object>();

const READINESS: readonly Saboteur[] = [
  {
    does: "every socket is always readable",
    breaks: [
      "a fresh connection is writable and nothing else",
      "a connection is readable as long as bytes are in hand",
      "a poll finds what the kernel has",
      "select waits for the first of many, for ever if need be",
    ],
    stream: readiness({ events: (right) => right() | EVENT_READ }),
  },
  {
    does: "no socket is ever readable",
    breaks: [
      "a poll finds what the kernel has",
      "select that waits for nothing sees what has come, at the first look",
      "a selector gives what became ready in time when the loop was late",
    ],
    stream: readiness({ events: (right) => right() & ~EVENT_READ }),
  },
  {
    does: "every socket is always writable",
    breaks: [
      "an unconnected socket is readable and writable: its calls fail",
      "a listener is readable when accept will not wait",
      "a stream is not writable while a send is pending",
    ],
    stream: readiness({ events: (right) => right() | EVENT_WRITE }),
  },
  {
    does: "no socket is ever writable",
    breaks: [
      "a fresh connection is writable and nothing else",
    ],
    stream: readiness({ events: (right) => right() & ~EVENT_WRITE }),
  },
  {
    does: "every socket is always dead",
    breaks: [
      "a fresh connection is writable and nothing else",
      "a socket that is closed from elsewhere wakes select",
    ],
    stream: readiness({ events: (right) => right() | EVENT_ERROR }),
  },
  {
    does: "no socket is ever dead",
    breaks: [
      "death is seen by who waits for nothing else",
      "a socket that is closed from elsewhere wakes a selector",
    ],
    stream: readiness({ events: (right) => right() & ~EVENT_ERROR }),
  },
  {
    does: "a dead socket is dead and nothing else",
    breaks: [
      "a non-blocking connect that fails is dead, and tells why once",
      "a writer that is full is writable and dead once its peer resets",
      "a dead socket comes back in every list, and the living go on",
    ],
    stream: readiness({
      events: (right) => right() & EVENT_ERROR ? EVENT_ERROR : right(),
    }),
  },
  {
    does: "a socket tells nobody that something has changed",
    breaks: [
      "a socket that is always writable hides nothing that comes",
      "a socket that is closed from elsewhere wakes a selector",
    ],
    stream: readiness({ watch: () => DEAF }),
  },
  {
    does: "a socket tells one watcher alone",
    breaks: [
      "a socket that is closed from elsewhere wakes select",
      "two selects for the same socket both wake, and take nothing",
    ],
    stream: {
      readiness: (right) =>
        broken(right, {
          watch: (watch, args) => {
            if (watched.has(right)) return DEAF;
            watched.add(right);
            const { end } = watch(...args);
            return { end: () => (watched.delete(right), end()) };
          },
        }),
    },
  },
  {
    does: "a socket tells a watcher once",
    breaks: [
      "a selector hears of bytes that come after a receive",
    ],
    stream: readiness({
      watch: (right, [events, notify]) => {
        let isTold = false;
        return right(events, () => {
          if (!isTold) (notify as () => void)();
          isTold = true;
        });
      },
    }),
  },
  {
    does: "SO_ERROR is always 0",
    breaks: [
      "SO_ERROR tells why a non-blocking connect failed, once",
    ],
    stream: { getSockOpt: () => 0 },
  },
  {
    does: "SO_ERROR stays when it was asked for",
    breaks: [
      "SO_ERROR tells why a non-blocking connect failed, once",
    ],
    stream: {
      getSockOpt: (right, args, socket) => {
        const value = Number(right(...args)) || errors.get(socket) || 0;
        errors.set(socket, value);
        return value;
      },
    },
  },
];

const errors = new WeakMap<object, number>();

const NON_BLOCKING: readonly Saboteur[] = [
  {
    does: "a non-blocking connect waits",
    breaks: [
      "a non-blocking connect is EINPROGRESS, and writable when done",
    ],
    stream: {
      connect: (right, [address, options]) =>
        right(address, { timeoutMs: null, ...options as object }),
    },
  },
  {
    does: "a non-blocking accept waits",
    breaks: [
      "a timed-out accept is ETIMEDOUT and loses no connection",
      "an accept of a non-blocking listener that would wait is EAGAIN",
    ],
    stream: {
      accept: (right, [options]) =>
        right({ timeoutMs: null, ...options as object }),
    },
  },
  {
    does: "a non-blocking sendAll waits",
    breaks: [
      "every send of a non-blocking socket that would wait is EAGAIN",
      "a non-blocking sendAll tells how much went before EAGAIN",
    ],
    stream: {
      sendAll: (right, [data, options]) =>
        right(data, options ?? { timeoutMs: null }),
    },
  },
  {
    does: "a non-blocking sendAll is EAGAIN whatever it sends",
    breaks: [
      "a non-blocking sendAll of what fits succeeds and sends it once",
    ],
    stream: {
      sendAll: (right, args, socket) =>
        socket.getBlocking()
          ? right(...args)
          : Promise.reject(socketError("EAGAIN", { op: "sendAll" })),
    },
  },
];

const DEADLINES: readonly Saboteur[] = [
  {
    does: "a deadline is judged without another look at the kernel",
    breaks: [
      "a receive gives what came in time when the loop was late",
      "a receive of many chunks gives what came in time when the loop was late",
      "an accept gives who came in time when the loop was late",
      "a connect that was answered in time succeeds when the loop was late",
      "select gives what became ready in time when the loop was late",
      "a selector gives what became ready in time when the loop was late",
    ],
    clock: {
      afterPoll: (_right, [judge]) => {
        (judge as () => void)();
        return { cancel: nothing };
      },
    },
  },
  {
    does: "a deadline is never judged",
    breaks: [
      "a receive whose bytes come too late times out when the loop was late",
    ],
    clock: { afterPoll: () => ({ cancel: nothing }) },
  },
  {
    does: "a deadline is judged a second late",
    breaks: [
      "one deadline bounds a whole recvExactly when bytes trickle in",
    ],
    clock: {
      afterPoll: (_right, [judge]) =>
        systemClock.start(1_000, judge as () => void),
    },
  },
];

const SELECT: readonly Saboteur[] = [
  {
    does: "select gives its lists backwards",
    breaks: [
      "select gives those that are ready, in the order of the list",
    ],
    library: {
      select: async (right, args) =>
        (await right(...args)).map((list) => list.reverse()),
    },
  },
  {
    does: "select gives no socket twice",
    breaks: [
      "select gives a socket back in every list where it is ready",
    ],
    library: {
      select: async (right, args) =>
        (await right(...args)).map((list) => [...new Set(list)]),
    },
  },
  {
    does: "select takes no time given for no time at all",
    breaks: [
      "a stream is writable while the kernel takes more, and only then",
    ],
    library: { select: (right, [r, w, x, time]) => right(r, w, x, time ?? 0) },
  },
  {
    does: "select never gives up",
    breaks: [
      "select with nothing ready gives three empty lists in time",
    ],
    library: { select: (right, [r, w, x]) => right(r, w, x) },
  },
  {
    does: "select gives up when half the time is up",
    breaks: [
      "select with nothing ready gives three empty lists in time",
      "select refuses what is no time, no list and no socket",
    ],
    library: {
      select: (right, [r, w, x, time]) => {
        const { timeoutMs } = (time ?? {}) as WaitOptions;
        return right(r, w, x, timeoutMs ? { timeoutMs: timeoutMs / 2 } : time);
      },
    },
  },
  {
    does: "select takes arrays alone",
    breaks: [
      "select takes sets and generators",
    ],
    library: {
      select: (right, args) =>
        right(...args.map((each) => each instanceof Set ? [] : each)),
    },
  },
  {
    does: "select gives nothing where it should reject",
    breaks: [
      "a stream that is polled and never read stops its writer",
      "select rejects with the reason when it is aborted",
    ],
    library: {
      select: (right, args) => right(...args).catch(() => [[], [], []]),
    },
  },
];

const SELECTORS: readonly Saboteur[] = [
  {
    does: "register forgets the data",
    breaks: [
      "a selector keeps what was registered, and its data",
      "register, modify and unregister act on a pending select",
    ],
    selector: { register: (right, [socket, events]) => right(socket, events) },
  },
  {
    does: "register takes a socket again",
    breaks: [
      "a selector is EEXIST, ENOENT and EBADF where it should be",
    ],
    selector: {
      register: (right, args, selector) => {
        const [socket] = args as Parameters<Selector["register"]>;
        const isKnown = selector.getMap().has(socket);
        if (isKnown) selector.unregister(socket);
        return right(...args);
      },
    },
  },
  {
    does: "register refuses nothing",
    breaks: [
      "a selector refuses what is no socket, no event and no time",
    ],
    selector: {
      register: (right, args) => {
        try {
          return right(...args);
        } catch {
          return { socket: args[0], events: args[1], data: args[2] };
        }
      },
    },
  },
  {
    does: "modify does nothing",
    breaks: [
      "a selector keeps what was registered, and its data",
      "register, modify and unregister act on a pending select",
    ],
    selector: {
      modify: (_right, [socket], selector) =>
        selector.getKey(socket as StreamSocket),
    },
  },
  {
    does: "unregister drops what is in hand",
    breaks: [
      "unregistering loses no byte",
    ],
    selector: {
      unregister: (right, args) => {
        const key = right(...args);
        (key.socket as StreamSocket).tryRecv?.();
        return key;
      },
    },
  },
  {
    does: "a selector tells of a socket once",
    breaks: [
      "a selector polls when the time is 0 or less, else it waits it out",
      "register, modify and unregister act on a pending select",
    ],
    selector: {
      select: async (right, args) => {
        const found = await right(...args);
        const news = found.filter(([{ socket }]) => !told.has(socket));
        for (const [{ socket }] of news) told.add(socket);
        return news;
      },
    },
  },
  {
    does: "a selector gives all that is registered",
    breaks: [
      "one loop around a selector serves a listener and all its clients",
      "a selector tells what is ready again until it is consumed",
      "a selector finds the few that are ready among many",
    ],
    selector: {
      select: async (right, args, selector) => {
        const found = await right(...args);
        if (found.length === 0) return found;
        return [...selector.getMap().values()].map((key) => [key, key.events]);
      },
    },
  },
  {
    does: "a selector tells of one event at a time",
    breaks: [
      "a dead socket is told for all that was asked, and the living go on",
    ],
    selector: {
      select: async (right, args) =>
        (await right(...args)).map(([key, events]) => [key, events & -events]),
    },
  },
  {
    does: "a selector takes a time below 0 for a mistake",
    breaks: [
      "a selector polls when the time is 0 or less, else it waits it out",
    ],
    selector: {
      select: (right, args) =>
        Number(args[0]) < 0 ? Promise.reject(new RangeError()) : right(...args),
    },
  },
  {
    does: "a selector heeds no options",
    breaks: [
      "an aborted select rejects with the reason, and the next one works",
    ],
    selector: { select: (right) => right() },
  },
  {
    does: "an aborted select is busy until its promise has told",
    breaks: [
      "a select follows one that was aborted, in that same turn",
    ],
    selector: {
      select: async (right, args, selector) => {
        if (selecting.has(selector)) {
          throw socketError("EBUSY", { op: "select" });
        }
        selecting.add(selector);
        try {
          return await right(...args);
        } finally {
          selecting.delete(selector);
        }
      },
    },
  },
  {
    does: "a second select waits for the first",
    breaks: [
      "a second select is EBUSY and the first undisturbed",
    ],
    selector: { select: queues },
  },
  {
    does: "notify does nothing",
    breaks: [
      "notify ends a select, the pending one or the next",
    ],
    selector: { notify: nothing },
  },
  {
    does: "close of a selector does nothing",
    breaks: [
      "a selector is EEXIST, ENOENT and EBADF where it should be",
      "close ends a pending select with EBADF, and iteration at all",
    ],
    selector: { close: nothing },
  },
  {
    does: "iteration over a selector ends after its first result",
    breaks: [
      "close ends a pending select with EBADF, and iteration at all",
      "iteration gives one result after another until close",
    ],
    selector: {
      [Symbol.asyncIterator]: async function* (_right, _args, selector) {
        yield await selector.select();
      },
    },
  },
];

/** Polls that break what they promise. */
export const POLLING: readonly Saboteur[] = [
  ...READINESS,
  ...NON_BLOCKING,
  ...DEADLINES,
  ...SELECT,
  ...SELECTORS,
];
