/**
 * Listeners that accept wrongly.
 *
 * @module
 */

import { socketError } from "../../../src/errors.ts";
import type { StreamSocket } from "../../../src/socket/mod.ts";
import type { Saboteur } from "../saboteur.ts";
import {
  endsBehindItsAbort,
  neverWakes,
  outlivesItsSignal,
  queues,
} from "./kit.ts";

/** What listeners have accepted. */
const accepted = new WeakMap<StreamSocket, StreamSocket[]>();

/** Listeners that accept wrongly. */
export const ACCEPTING: readonly Saboteur[] = [
  {
    does: "accept heeds no options",
    breaks: [
      "reusePort lets two listeners share a port",
      "an aborted accept rejects with the reason and loses no connection",
    ],
    stream: { accept: (right) => right() },
  },
  {
    does: "accept loses a connection when it is cut short",
    breaks: [
      "an aborted accept rejects with the reason and loses no connection",
    ],
    stream: { accept: outlivesItsSignal },
  },
  {
    does: "a second accept waits for the first",
    breaks: [
      "a second accept is EBUSY and the first undisturbed",
    ],
    stream: { accept: queues },
  },
  {
    does: "accept is never woken by close",
    breaks: [
      "close wakes a pending accept with EBADF",
    ],
    stream: { accept: neverWakes },
  },
  {
    does: "accept gives the address of the listener",
    breaks: [
      "the ends of a connection name each other",
    ],
    stream: {
      accept: async (right, args, listener) => {
        const [socket] = await right(...args);
        return [socket, listener.getSockName()];
      },
    },
  },
  {
    does: "closing a listener closes what it has accepted",
    breaks: [
      "closing a listener leaves accepted connections alone",
    ],
    stream: {
      accept: async (right, args, listener) => {
        const [socket, address] = await right(...args);
        accepted.set(listener, [...accepted.get(listener) ?? [], socket]);
        return [socket, address];
      },
      close: async (right, args, listener) => {
        const sockets = accepted.get(listener) ?? [];
        await Promise.all(sockets.map((each) => each.close({ lingerMs: 0 })));
        await right(...args);
      },
    },
  },
  {
    does: "what is accepted is non-blocking",
    breaks: [
      "closing a listener leaves accepted connections alone",
    ],
    stream: {
      accept: async (right, args) => {
        const [socket, address] = await right(...args);
        socket.setBlocking(false);
        return [socket, address];
      },
    },
  },
  {
    does: "tryAccept throws EAGAIN when nobody came",
    breaks: [
      "tryAccept gives undefined and then the connection",
    ],
    stream: {
      tryAccept: (right) => {
        const accepted = right();
        if (accepted !== undefined) return accepted;
        throw socketError("EAGAIN", { op: "tryAccept" });
      },
    },
  },
  {
    does: "connections() closes the listener when it is left",
    breaks: [
      "leaving connections() early closes nothing",
    ],
    stream: {
      connections: async function* (_right, _args, listener) {
        try {
          for (;;) yield await listener.accept();
        } finally {
          await listener.close();
        }
      },
    },
  },
  {
    does: "connections() is busy until its step has been told of an abort",
    breaks: [
      "an accept follows a step of connections() that was aborted, in that same turn",
    ],
    stream: { connections: endsBehindItsAbort },
  },
  {
    does: "connections() fails when the listener closes",
    breaks: [
      "connections() gives every connection and ends with the listener",
      "connections() ends when the listener closes while it waits",
      "misuse is TypeError before any I/O when given an array for options of connections",
    ],
    stream: {
      connections: async function* (_right, _args, listener) {
        for (;;) yield await listener.accept();
      },
    },
  },
];
