/**
 * Files over sockets that break what they promise.
 *
 * @module
 */

import { type SocketError, socketError } from "../../../src/errors.ts";
import type { SocketFile } from "../../../src/socket/mod.ts";
import type { Saboteur } from "../saboteur.ts";
import { endsBehindItsAbort, queues, settles } from "./kit.ts";

/** What makeFile gave, by the socket. */
const files = new WeakMap<object, SocketFile[]>();

/** Files over sockets that break what they promise. */
export const FILES: readonly Saboteur[] = [
  {
    does: "readLine leaves its newline out",
    breaks: [
      "a file reads line by line whatever pieces the lines come in",
      "a file keeps no read-ahead when the socket reads in between",
      "write then read on a file never deadlocks",
    ],
    file: {
      readLine: async (right, args) => {
        const line: unknown = await right(...args);
        return typeof line === "string" ? line.trimEnd() : line;
      },
    },
  },
  {
    does: "readLine reads ahead",
    breaks: [
      "closing a file ends its own pending read and no other",
    ],
    file: {
      readLine: async (right, args, file) => {
        const line = await right(...args);
        await file.read(1);
        return line;
      },
    },
  },
  {
    does: "for await over a file closes it when it is left",
    breaks: [
      "for await over a file gives its lines and closes nothing",
    ],
    file: {
      [Symbol.asyncIterator]: async function* (_right, _args, file) {
        try {
          let line = await file.readLine();
          for (; line !== null; line = await file.readLine()) yield line;
        } finally {
          await file.close();
        }
      },
    },
  },
  {
    does: "read(n) gives a byte when one is there",
    breaks: [
      "read(n) waits for n or the end and read() for the end",
      "a timed-out file read loses nothing",
    ],
    file: { read: (right, [count, options]) => right(count && 1, options) },
  },
  {
    does: "read(n) keeps for itself what came before its time was up",
    breaks: [
      "read(n) waits for n or the end and read() for the end",
      "a timed-out file read loses nothing",
    ],
    file: {
      read: async (right, [count, ...rest]) => {
        if (typeof count !== "number" || count < 2) {
          return right(count, ...rest);
        }
        await right(1, ...rest);
        return right(count - 1, ...rest);
      },
    },
  },
  {
    does: "write sends nothing before the file is closed",
    breaks: [
      "a file sends what was written when flushed or closed",
      "a file flush is EBUSY and keeps its bytes while the socket sends",
    ],
    file: { flush: settles },
  },
  {
    does: "write keeps the caller's memory",
    breaks: [
      "a file flush is over in the abort listener that ends it",
    ],
    file: {
      write: async (right, [data, ...rest]) => {
        await undefined;
        return right(data, ...rest);
      },
    },
  },
  {
    does: "write drops what it is given",
    breaks: [
      "calls of a file are ENOTCONN until its socket is connected",
      "a call of a file is EBADF when reading its options closes the file",
      "a file sends what was written when flushed or closed",
      "a file is EBADF when read or written against its mode",
    ],
    file: { write: settles },
  },
  {
    does: "write heeds no mode",
    breaks: [
      "a file is EBADF when read or written against its mode",
    ],
    file: {
      write: (right, args, file) =>
        file.mode.includes("w") ? right(...args) : settles(),
    },
  },
  {
    does: "write waits for the one that is under way",
    breaks: [
      "a file write is EBUSY and leaves nothing when another is under way",
    ],
    file: { write: queues },
  },
  {
    does: "write does not tell how much went",
    breaks: [
      "a file flush that is cut short sends the rest in order later",
      "a file flush is over in the abort listener that ends it",
    ],
    file: {
      write: (right, args) =>
        right(...args).catch((error: SocketError) => {
          throw socketError(error.code, { op: error.op });
        }),
    },
  },
  {
    does: "write ends behind its abort",
    breaks: [
      "a file refuses a write whose signal is aborted already",
    ],
    file: { write: endsBehindItsAbort },
  },
  {
    does: "write heeds no options",
    breaks: [
      "a file flush that is cut short sends the rest in order later",
    ],
    file: { write: (right, [data]) => right(data) },
  },
  {
    does: "flush waits for the send that is pending",
    breaks: [
      "a file flush is EBUSY and keeps its bytes while the socket sends",
    ],
    file: { flush: queues },
  },
  {
    does: "a file does not close",
    breaks: [
      "a file sends what was written when flushed or closed",
      "closing a file ends its own pending read and no other",
    ],
    file: { close: settles },
  },
  {
    does: "a file is closed when its close has settled",
    breaks: [
      "a file sends what was written when flushed or closed",
      "closing a file waits for its own write and sends what follows",
    ],
    file: { isClosed: () => false },
  },
  {
    does: "a file fails when it is closed again",
    breaks: [
      "a file is closed once when it is closed twice at once",
    ],
    file: {
      close: (right, _args, file) =>
        file.isClosed
          ? Promise.reject(socketError("EBADF", { op: "close" }))
          : right(),
    },
  },
  {
    does: "close of a socket closes its files",
    breaks: [
      "a connection lives until the socket and its files are closed",
    ],
    stream: {
      makeFile: (right, args, socket) => {
        const file = right(...args);
        files.set(socket, [...files.get(socket) ?? [], file]);
        return file;
      },
      close: async (right, args, socket) => {
        const open = files.get(socket) ?? [];
        await Promise.all(open.map((file) => file.close()));
        return right(...args);
      },
    },
  },
];
