/**
 * Sends of streams that break what they promise.
 *
 * @module
 */

import { SocketError, socketError } from "../../../src/errors.ts";
import type { Saboteur } from "../saboteur.ts";
import {
  endsBehindItsAbort,
  firstAlone,
  neverWakes,
  outlivesItsSignal,
  queues,
} from "./kit.ts";

/** Sends that send the wrong bytes, or tell wrongly. */
export const SENDING: readonly Saboteur[] = [
  {
    does: "sendAll sends its pieces the other way round",
    breaks: [
      "a stream loses and reorders no byte when both sides send at once",
      "sendAll sends its pieces in order when given several",
    ],
    stream: {
      sendAll: (right, [data, ...rest]) =>
        right(Array.isArray(data) ? data.reverse() : data, ...rest),
    },
  },
  {
    does: "sendAll sends text as Latin-1",
    breaks: [
      "a string arrives as UTF-8 when sent",
    ],
    stream: {
      sendAll: (right, [data, ...rest]) =>
        right(
          typeof data === "string"
            ? Uint8Array.from(data, (letter) => letter.charCodeAt(0))
            : data,
          ...rest,
        ),
    },
  },
  {
    does: "sendAll heeds no options",
    breaks: [
      "a send never shows memory that is reused once it was cut short",
    ],
    stream: { sendAll: firstAlone },
  },
  {
    does: "sendAll rejects with an error of its own when it is aborted",
    breaks: [
      "an aborted sendAll rejects with the reason and bytesSent is exact",
      "misuse of a connected socket leaves the stream as it was",
    ],
    stream: {
      sendAll: (right, args) =>
        right(...args).catch((error: unknown) => {
          if (error instanceof SocketError) throw error;
          throw new DOMException("It was aborted", "AbortError");
        }),
    },
  },
  {
    does: "sendAll does not tell how much went",
    breaks: [
      "a timed-out sendAll tells bytesSent exactly",
      "a pending send is ECONNRESET when the peer resets",
      "closing a socket ends its own calls while its files go on",
    ],
    stream: {
      sendAll: (right, args) =>
        right(...args).catch((error: SocketError) => {
          throw error instanceof SocketError
            ? socketError(error.code, { op: error.op })
            : error;
        }),
    },
  },
  {
    does: "sendAll starts over when it is cut short",
    breaks: [
      "the end stays an end when a send fails before it is read",
    ],
    stream: {
      sendAll: (right, [data, options], socket) =>
        right(data, options).catch((error: unknown) => {
          void socket.trySend("again");
          throw error;
        }),
    },
  },
  {
    does: "sendAll ends behind its abort",
    breaks: [
      "a send is over in the abort listener that ends it",
    ],
    stream: { sendAll: endsBehindItsAbort },
  },
  {
    does: "send takes whatever it is given for text",
    breaks: [
      "send gives how many bytes it took when it took some",
    ],
    stream: { send: (right, [data, ...rest]) => right(`${data}`, ...rest) },
  },
  {
    does: "send tells one byte more than it took",
    breaks: [
      "send gives how many bytes it took when it took some",
    ],
    stream: { send: async (right, args) => await right(...args) + 1 },
  },
  {
    does: "send looks at its signal when it has sent",
    breaks: [
      "send gives how many bytes it took when it took some",
      "a send never shows memory that is reused once it has settled",
    ],
    stream: { send: outlivesItsSignal },
  },
  {
    does: "trySend throws EAGAIN where nothing goes",
    breaks: [
      "trySend gives undefined when the kernel takes no more",
    ],
    stream: {
      trySend: (right, args) => {
        const count = right(...args);
        if (count !== undefined) return count;
        throw socketError("EAGAIN", { op: "trySend" });
      },
    },
  },
  {
    does: "bytesSent counts nothing",
    breaks: [
      "send gives how many bytes it took when it took some",
    ],
    stream: { bytesSent: () => 0 },
  },
  {
    does: "a second sendAll waits for the first",
    breaks: [
      "a second sender is EBUSY and the first undisturbed",
    ],
    stream: { sendAll: queues },
  },
  {
    does: "sendAll is never woken by close",
    breaks: [
      "close wakes a pending send with EBADF",
      "a sendAll without a deadline that cannot end in time ends in ECONNRESET",
      "a sendAll with a deadline that cannot end in time ends in ECONNRESET",
    ],
    stream: { sendAll: neverWakes },
  },
];
