/**
 * Sockets that are bad web streams.
 *
 * @module
 */

import { SHUT_RD, SHUT_WR } from "../../../src/constants.ts";
import type { Saboteur } from "../saboteur.ts";
import { nothing } from "./kit.ts";

/** Sockets that are bad web streams. */
export const WEB_STREAMS: readonly Saboteur[] = [
  {
    does: "readable is a new stream each time",
    breaks: [
      "readable gives every byte and then its end",
      "readable fills the caller's memory when read BYOB",
      "piping readable into writable echoes every byte",
      "a socket closes itself once both its web streams have ended",
      "web streams closed while the socket connects end it in order",
    ],
    stream: {
      readable: (_right, _args, socket) => {
        const pull = async (controller: ReadableStreamDefaultController) =>
          controller.enqueue(await socket.recv());
        return new ReadableStream({ pull }, { highWaterMark: 0 });
      },
    },
  },
  {
    does: "readable reads as soon as it is there",
    breaks: [
      "readable reads nothing by itself when nobody pulls",
      "readable errors with the failure when the peer resets",
    ],
    stream: {
      readable: (right, _args, socket) => {
        socket.recv().catch(nothing);
        return right;
      },
    },
  },
  {
    does: "readable.cancel fails when the socket is closed",
    breaks: [
      "readable.cancel resolves when the socket is closed",
      "a socket closes itself after a cancel and a close of its streams",
      "web streams fail with the connect that they wait for",
    ],
    stream: {
      readable: (_right, _args, socket) =>
        new ReadableStream({ cancel: () => socket.shutdown(SHUT_RD) }),
    },
  },
  {
    does: "writable.abort waits for the write under way",
    breaks: [
      "writable.abort ends a write that is stuck",
      "web streams of a socket that connects wait for it",
    ],
    stream: {
      writable: (_right, _args, socket) =>
        new WritableStream({
          write: (chunk) => socket.sendAll(chunk),
          close: () => socket.shutdown(SHUT_WR),
          abort: () => socket.reset(),
        }),
    },
  },
];
