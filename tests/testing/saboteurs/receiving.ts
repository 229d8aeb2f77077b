/**
 * Receives of streams that break what they promise.
 *
 * @module
 */

import { MSG_DONTWAIT, MSG_PEEK, MSG_WAITALL } from "../../../src/constants.ts";
import type { Bytes } from "../../../src/contracts.ts";
import { IncompleteReadError } from "../../../src/errors.ts";
import type { StreamSocket } from "../../../src/socket/mod.ts";
import { joined } from "../../../src/testing/expect.ts";
import type { Given, Right } from "../broken.ts";
import type { Saboteur } from "../saboteur.ts";
import {
  endsBehindItsAbort,
  firstAlone,
  neverWakes,
  nothing,
  outlivesItsSignal,
  queues,
  soon,
} from "./kit.ts";

/** Leaves flags of a receive unseen. */
function without(flags: number) {
  return (right: Right, [first, second, ...rest]: Given): unknown =>
    typeof second === "number"
      ? right(first, second & ~flags, ...rest)
      : right(first, second, ...rest);
}

/** Loses what is in hand when it is cut short. */
async function dropsWhenCut(
  right: Right,
  args: Given,
  socket: StreamSocket,
): Promise<unknown> {
  try {
    return await right(...args);
  } catch (error) {
    socket.tryRecv();
    throw error;
  }
}

const pool = new Uint8Array(1_048_576);
let pooled = 0;

/** Copies what is given into memory that all results share. */
async function sharesMemory(right: Right, args: Given): Promise<unknown> {
  const bytes = await right(...args) as Bytes;
  pooled = pooled + bytes.length > pool.length ? 0 : pooled;
  pool.set(bytes, pooled);
  return pool.subarray(pooled, pooled += bytes.length);
}

/** Receives that give the wrong bytes, or at the wrong time. */
export const RECEIVING: readonly Saboteur[] = [
  {
    does: "recv gives one byte more than asked for",
    breaks: [
      "recv gives one byte to maxBytes when more is in hand",
    ],
    stream: {
      recv: (right, [max, ...rest]) =>
        right(typeof max === "number" ? max + 1 : max, ...rest),
    },
  },
  {
    does: "recv waits for bytes though none are asked for",
    breaks: [
      "a receive of no bytes waits for none and heeds an aborted signal",
    ],
    stream: { recv: (right, [max, ...rest]) => right(max || 1, ...rest) },
  },
  {
    does: "recv heeds no MSG_PEEK",
    breaks: [
      "MSG_PEEK shows later bytes too and takes none when asked again",
      "MSG_PEEK shows later bytes too when it is asked again and again",
      "received arrays belong to the caller when written to",
      "MSG_PEEK shows later bytes too and takes none when asked again",
    ],
    stream: { recv: without(MSG_PEEK) },
  },
  {
    does: "recv heeds no MSG_WAITALL",
    breaks: [
      "MSG_WAITALL waits for all bytes and gives fewer only at the end",
    ],
    stream: { recv: without(MSG_WAITALL) },
  },
  {
    does: "recv heeds no MSG_DONTWAIT",
    breaks: [
      "MSG_WAITALL gives what is in hand when it must not wait",
      "MSG_DONTWAIT is EAGAIN when nothing is in hand",
      "MSG_DONTWAIT and timeoutMs 0 make one call non-blocking",
    ],
    stream: { recv: without(MSG_DONTWAIT) },
  },
  {
    does: "recv gives an empty array at the end, not null",
    breaks: [
      "SHUT_RD gives null to a receive that is pending",
    ],
    stream: {
      recv: async (right, args) => await right(...args) ?? new Uint8Array(0),
    },
  },
  {
    does: "recvExactly shares memory among its results",
    breaks: [
      "received arrays share no memory when a chunk had to be split",
    ],
    stream: { recvExactly: sharesMemory },
  },
  {
    does: "recvExactly gives what has come, all or not",
    breaks: [
      "recvExactly waits for every byte when they come one by one",
    ],
    stream: {
      recvExactly: (_right, args, socket) => socket.recv(args[0] as number),
    },
  },
  {
    does: "recvExactly gives fewer bytes when the peer ends before",
    breaks: [
      "recvExactly is IncompleteReadError when the peer ends before",
      "the end stays the end when asked again",
    ],
    stream: {
      recvExactly: async (right, args) => {
        try {
          return await right(...args);
        } catch (error) {
          if (error instanceof IncompleteReadError) return error.partial;
          throw error;
        }
      },
    },
  },
  {
    does: "recvExactly heeds no options",
    breaks: [
      "a timed-out receive is ETIMEDOUT and loses nothing",
      "a receive is EAGAIN when timeoutMs is 0 and loses nothing",
    ],
    stream: { recvExactly: firstAlone },
  },
  {
    does: "recvExactly gives every byte its own deadline",
    breaks: [
      "a receive of no bytes waits for none and heeds an aborted signal",
      "one deadline bounds a whole recvExactly when bytes trickle in",
    ],
    stream: {
      recvExactly: async (right, [size, options]) => {
        const pieces = [];
        for (let i = 0; i < (size as number); i++) {
          pieces.push(await right(1, options));
        }
        return joined(pieces);
      },
    },
  },
  {
    does: "recvExactly ends behind its abort",
    breaks: [
      "a receive is over in the abort listener that ends it",
    ],
    stream: { recvExactly: endsBehindItsAbort },
  },
  {
    does: "recvExactly drops what has come when it is cut short",
    breaks: [
      "a timed-out receive is ETIMEDOUT and loses nothing",
      "close wakes a pending receive with EBADF",
    ],
    stream: { recvExactly: dropsWhenCut },
  },
  {
    does: "recvInto fills the memory from its end",
    breaks: [
      "recvInto loses nothing when its memory is transferred or shrunk",
      "recvInto stores no more than maxBytes and names itself in errors",
      "recvInto leaves the memory alone when more bytes come than it takes",
    ],
    stream: {
      recvInto: async (right, [buffer, ...rest]) => {
        const memory = buffer as Uint8Array;
        const copy = new Uint8Array(memory.byteLength);
        const count = await right(copy, ...rest);
        if (memory instanceof Uint8Array) memory.set(copy.reverse());
        return count;
      },
    },
  },
  {
    does: "recvInto heeds no options",
    breaks: [
      "recvInto stores no more than maxBytes and names itself in errors",
      "MSG_DONTWAIT is EAGAIN when nothing is in hand",
    ],
    stream: { recvInto: firstAlone },
  },
  {
    does: "recvInto writes into the memory when it is over",
    breaks: [
      "recvInto fills the front of the caller's memory when bytes come",
    ],
    stream: {
      recvInto: async (right, args) => {
        const count = await right(...args);
        const [memory] = args;
        if (memory instanceof Uint8Array) {
          void soon().then(() => memory.fill(0x21)).catch(nothing);
        }
        return count;
      },
    },
  },
  {
    does: "recvUntil keeps its delimiter",
    breaks: [
      "recvUntil finds a delimiter when it comes in pieces",
      "recvUntil leaves the bytes when no delimiter is within maxBytes",
    ],
    stream: {
      recvUntil: (right, [delimiter, options]) =>
        right(delimiter, { ...options as object, keepDelimiter: true }),
    },
  },
  {
    does: "recvUntil forgets what it has matched at the first other byte",
    breaks: [
      "recvUntil finds a delimiter that overlaps itself when cut anywhere",
    ],
    stream: {
      recvUntil: async (_right, [delimiter], socket) => {
        const wanted = new TextEncoder().encode(delimiter as string);
        const line: number[] = [];
        for (let matched = 0; matched < wanted.length;) {
          const [byte] = await socket.recvExactly(1);
          matched = byte === wanted[matched] ? matched + 1 : 0;
          line.push(byte as number);
        }
        return new Uint8Array(line.slice(0, -wanted.length));
      },
    },
  },
  {
    does: "recvUntil looks at its delimiter later",
    breaks: [
      "recvUntil keeps to its delimiter when the caller's memory changes",
    ],
    stream: {
      recvUntil: async (right, args) => {
        await undefined;
        return right(...args);
      },
    },
  },
  {
    does: "recvUntil drops what has come when it is cut short",
    breaks: [
      "buffered data come before the error and the error stays",
    ],
    stream: { recvUntil: dropsWhenCut },
  },
  {
    does: "recvUntil gives what came when the peer ends before",
    breaks: [
      "recvUntil is IncompleteReadError when the peer ends before",
    ],
    stream: {
      recvUntil: async (right, args) => {
        try {
          return await right(...args);
        } catch (error) {
          if (error instanceof IncompleteReadError) return error.partial;
          throw error;
        }
      },
    },
  },
  {
    does: "tryRecv gives null when nothing has come",
    breaks: [
      "a reader that stops stops the writer with bounded memory",
      "tryRecv gives undefined, then bytes, then null as they come",
      "a socket that connects waits for it in all it does",
    ],
    stream: { tryRecv: (right, args) => right(...args) ?? null },
  },
  {
    does: "tryRecvInto tells nothing",
    breaks: [
      "an unconnected socket is ENOTCONN when used as a stream",
    ],
    stream: { tryRecvInto: nothing },
  },
  {
    does: "bytesReceived counts what was asked for",
    breaks: [
      "a stream loses and reorders no byte when both sides send at once",
    ],
    stream: { bytesReceived: (right) => right + 1 },
  },
  {
    does: "for await closes the socket when it is left",
    breaks: [
      "for await gives every byte and leaving early closes nothing",
    ],
    stream: {
      [Symbol.asyncIterator]: async function* (_right, _args, socket) {
        try {
          let bytes = await socket.recv();
          for (; bytes !== null; bytes = await socket.recv()) yield bytes;
        } finally {
          await socket.close();
        }
      },
    },
  },
  {
    does: "recv goes on behind its abort",
    breaks: [
      "an aborted receive loses nothing when the bytes come after it",
      "receives that are aborted at random lose and reorder no byte",
    ],
    stream: { recv: outlivesItsSignal },
  },
  {
    does: "recvUntil goes on behind its abort",
    breaks: [
      "an aborted receive loses nothing and rejects with the reason",
    ],
    stream: { recvUntil: outlivesItsSignal },
  },
  {
    does: "a second recv waits for the first",
    breaks: [
      "a second receiver is EBUSY and the first undisturbed",
    ],
    stream: { recv: queues },
  },
  {
    does: "recv is never woken by close",
    breaks: [
      "close wakes a pending receive with EBADF",
    ],
    stream: { recv: neverWakes },
  },
];
