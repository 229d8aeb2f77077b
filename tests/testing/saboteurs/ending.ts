/**
 * Streams that end wrongly, or tell of it wrongly.
 *
 * @module
 */

import { SHUT_RD, SHUT_RDWR, SHUT_WR } from "../../../src/constants.ts";
import { socketError } from "../../../src/errors.ts";
import { turn } from "../../../src/testing/expect.ts";
import type { Saboteur } from "../saboteur.ts";
import { firstAlone, never, nothing, queues, settles } from "./kit.ts";

/** Sockets that end wrongly, or tell of it wrongly. */
export const ENDING: readonly Saboteur[] = [
  {
    does: "SHUT_WR does nothing",
    breaks: [
      "SHUT_WR flushes and later sends are EPIPE",
      "SHUT_WR ends behind what a full stream holds when the reader is slow",
    ],
    stream: {
      shutdown: (right, [how, options]) =>
        how === SHUT_WR ? settles() : right(how, options),
    },
  },
  {
    does: "SHUT_RD does nothing",
    breaks: [
      "SHUT_RD drops what is in hand and recv gives null",
      "SHUT_RD gives null to a receive that is pending",
      "SHUT_RD never blocks the peer's writer",
      "readable.cancel is SHUT_RD",
      "a stream is readable after SHUT_RD and writable after SHUT_WR",
    ],
    stream: {
      shutdown: (right, [how, options]) =>
        how === SHUT_RD ? settles() : right(how, options),
    },
  },
  {
    does: "SHUT_RDWR ends one side alone",
    breaks: [
      "SHUT_RDWR ends both directions",
    ],
    stream: {
      shutdown: (right, [how, options]) =>
        right(how === SHUT_RDWR ? SHUT_RD : how, options),
    },
  },
  {
    does: "SHUT_RDWR ends one side before it looks at the other",
    breaks: [
      "SHUT_RDWR shuts nothing when a send is pending",
    ],
    stream: {
      shutdown: async (right, [how, options]) => {
        if (how !== SHUT_RDWR) return await right(how, options);
        await right(SHUT_RD, options);
        await right(SHUT_WR, options);
      },
    },
  },
  {
    does: "shutdown settles before it has flushed",
    breaks: [
      "SHUT_WR flushes and later sends are EPIPE",
      "a non-blocking SHUT_WR ends behind what was accepted",
    ],
    stream: {
      shutdown: (right, args) => {
        right(...args).catch(nothing);
        return settles();
      },
    },
  },
  {
    does: "shutdown waits for a pending send",
    breaks: [
      "shutdown is EBUSY when a send is pending",
    ],
    stream: { shutdown: queues },
  },
  {
    does: "shutdown heeds no options",
    breaks: [
      "a call is EBADF when reading its options closes the socket",
      "an already aborted signal rejects before any byte moves",
    ],
    stream: { shutdown: firstAlone },
  },
  {
    does: "close heeds no lingerMs",
    breaks: [
      "misuse is TypeError before any I/O when given a linger time that is text",
    ],
    stream: { close: (right) => right() },
  },
  {
    does: "close gives the peer no time",
    breaks: [
      "input that comes during close costs the peer not one byte of ours",
      "input that comes before the peer reads costs it not one byte",
      "the descriptor is released after lingerMs when the peer never ends",
      "a sendAll without a deadline that is under way at close is sent whole",
      "a sendAll with a deadline that is under way at close is sent whole",
    ],
    stream: { close: (right) => right({ lingerMs: 0 }) },
  },
  {
    does: "close waits for the peer's end",
    breaks: [
      "close does not wait for the peer's end",
    ],
    stream: {
      close: async (right, args, socket) => {
        await right(...args);
        await socket.closed;
      },
    },
  },
  {
    does: "close always takes all the time it may",
    breaks: [
      "close delivers every accepted byte when the peer reads late",
      "unread input at close costs the peer not one byte of ours",
      "close takes no time when the peer has ended",
    ],
    stream: {
      close: async (right, [options]) => {
        const { lingerMs = 2_000 } = (options ?? {}) as { lingerMs?: number };
        await right(options);
        await new Promise((resolve) => setTimeout(resolve, lingerMs));
      },
    },
  },
  {
    does: "close resets",
    breaks: [
      "a sendFile under way at close is sent to its end",
      "every byte and the end come to a reader that starts when lingerMs of 0 is long over",
      "every byte and the end come to a reader that starts when lingerMs of 100 is long over",
      "a client that sends and closes before accept is served",
    ],
    stream: {
      close: async (right, args, socket) => {
        try {
          socket.reset();
        } catch {
          await right(...args);
        }
      },
    },
  },
  {
    does: "close waits until the call that is pending is over",
    breaks: [
      "close wakes a pending connect with EBADF",
      "close during a connect leaves no connection that anybody owns",
      "close during listen settles when the address is free",
    ],
    stream: {
      close: async (right, args) => {
        await turn();
        return right(...args);
      },
    },
  },
  {
    does: "close rejects when it is called again",
    breaks: [
      "close may be called again and closed settles",
      "closing a socket leaves the pending calls of its files alone",
      "writable.abort breaks the connection",
    ],
    stream: {
      close: (right, args, socket) =>
        socket.isClosed
          ? Promise.reject(socketError("EBADF", { op: "close" }))
          : right(...args),
    },
  },
  {
    does: "closed never settles",
    breaks: [
      "a socket that was never connected is released with its last file",
      "close may be called again and closed settles",
    ],
    stream: { closed: () => never() },
  },
  {
    does: "isClosed never tells",
    breaks: [
      "close may be called again and closed settles",
      "readable.cancel resolves when the socket is closed",
      "connections() ends when the listener closes while it waits",
    ],
    stream: { isClosed: () => false },
  },
  {
    does: "await using closes nothing",
    breaks: [
      "await using closes a socket at the end of its block",
    ],
    stream: { [Symbol.asyncDispose]: settles },
  },
  {
    does: "toString tells no state",
    breaks: [
      "a socket tells its state in toString",
    ],
    stream: { toString: () => "[object StreamSocket]" },
  },
  {
    does: "a closed socket gives the end",
    breaks: [
      "a non-blocking connect that is closed ends quietly",
    ],
    stream: {
      recv: (right, args, socket) =>
        socket.isClosed ? Promise.resolve(null) : right(...args),
    },
  },
  {
    does: "reset closes in order",
    breaks: [
      "a reset is no end when nothing is sent",
      "a reset is no end when the kernel is full and a send meets it first",
      "a socket that was reset closes itself when its readable is read",
    ],
    stream: { reset: (_right, _args, socket) => void socket.close() },
  },
  {
    does: "detach closes, whoever uses the connection",
    breaks: [
      "reset makes the peer see ECONNRESET and closes at once",
      "detach is EBUSY while a file is open",
    ],
    stream: { detach: (_right, _args, socket) => void socket.close() },
  },
];
