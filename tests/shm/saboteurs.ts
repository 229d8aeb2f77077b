/**
 * Saboteurs of channels: each does one thing wrong, in the ring, the doorbell
 * or the stream, and says which laws must notice.
 *
 * @module
 */

import { SHUT_RD, SHUT_WR } from "../../src/constants.ts";
import type { ReceiveOptions } from "../../src/contracts.ts";
import { SocketError, socketError } from "../../src/errors.ts";
import { Doorbell } from "../../src/shm/doorbell.ts";
import { ShmStream } from "../../src/shm/mod.ts";
import {
  CORRUPT,
  ENDED,
  RESET,
  RingReader,
  RingWriter,
  STOPPED,
} from "../../src/shm/ring.ts";
import { breakInPlace, replace, type Wrongs } from "../testing/broken.ts";

/** Whoever breaks a promise of channels. */
export interface ShmSaboteur {
  /** What it does: a sentence about what it breaks. */
  readonly does: string;
  /** The laws that must notice, by name. */
  readonly breaks: readonly string[];
  /** What streams do wrong. */
  readonly stream?: Wrongs<ShmStream>;
  /** What the reading end of a ring does wrong. */
  readonly reader?: Wrongs<RingReader>;
  /** What the writing end of a ring does wrong. */
  readonly writer?: Wrongs<RingWriter>;
  /** What doorbells do wrong. */
  readonly bell?: Wrongs<Doorbell>;
  /** Whether every word can be claimed again. */
  readonly isClaimless?: boolean;
}

/** Lets a saboteur work; gives what ends it. */
export function sabotage(saboteur: ShmSaboteur): () => void {
  const mends = [
    breakInPlace(ShmStream.prototype, saboteur.stream),
    breakInPlace(RingReader.prototype, saboteur.reader),
    breakInPlace(RingWriter.prototype, saboteur.writer),
    breakInPlace(Doorbell.prototype, saboteur.bell),
  ];
  if (saboteur.isClaimless) {
    mends.push(replace(Atomics, "compareExchange", { value: () => 0 }));
  }
  return () => mends.reverse().forEach((mend) => mend());
}

/** In the place of an error with this code, what `act` gives. */
function unless<T>(code: string, call: () => T, act: () => T): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof SocketError && error.code === code) return act();
    throw error;
  }
}

/** All of them. */
export const SHM_SABOTEURS: readonly ShmSaboteur[] = [
  {
    does: "a ring loses the last byte of what is long",
    breaks: [
      "a byte stream loses and reorders nothing when both ends send at once",
      "messages cross a byte stream that framed is put over",
      "every size at every place of a channel comes whole",
      "a byte stream that is closed gives its peer every byte and the end",
    ],
    reader: {
      copy(right, [count]) {
        const bytes = right(count) as Uint8Array;
        if (bytes.length > 60) bytes.fill(0, -1);
        return bytes;
      },
    },
  },
  {
    does: "sendAll sends its pieces from the last to the first",
    breaks: ["a byte stream takes pieces in order, and text as UTF-8"],
    stream: {
      sendAll: (right, [data, options]) =>
        right(Array.isArray(data) ? data.toReversed() : data, options),
    },
  },
  {
    does: "tryRecv gives all there is",
    breaks: ["a byte stream gives one byte to maxBytes, and none for none"],
    stream: { tryRecv: (right) => right() },
  },
  {
    does: "what is received lies in memory that is used again",
    breaks: ["a byte stream shares no memory with what it takes and gives"],
    reader: {
      copy(right, [count]) {
        const bytes = right(count) as Uint8Array;
        scratch.set(bytes);
        return scratch.subarray(0, bytes.length);
      },
    },
  },
  {
    does: "a full ring takes one byte more",
    breaks: [
      "a byte stream that is full says so, and goes on when there is room",
    ],
    writer: { room: (right) => (right === 0 ? 1 : right) },
  },
  {
    does: "recv heeds no signal",
    breaks: ["an aborted receive of a byte stream takes no byte"],
    stream: {
      recv: (right, [options]) =>
        right({ ...options as ReceiveOptions, signal: undefined }),
    },
  },
  {
    does: "recv waits for ever",
    breaks: ["a receive of a byte stream is over when its time is"],
    stream: {
      recv: (right, [options]) =>
        right({ ...options as ReceiveOptions, timeoutMs: null }),
    },
  },
  {
    does: "a sendAll that was cut short says that nothing went",
    breaks: [
      "a sendAll of a byte stream that is cut short tells what went",
      "a partner that dies leaves its bytes, then ECONNRESET for ever",
    ],
    stream: {
      sendAll: (right, [data, options]) =>
        (right(data, options) as Promise<void>).catch((error: SocketError) => {
          if (!(error instanceof SocketError)) throw error;
          throw socketError(error.code, { op: error.op, bytesSent: 0 });
        }),
    },
  },
  {
    does: "tryRecv gives nothing while a receive is pending",
    breaks: [
      "a second receiver and a second sender of a byte stream are EBUSY",
    ],
    stream: {
      tryRecv: (right, [count]) =>
        unless("EBUSY", () => right(count), () => undefined),
    },
  },
  {
    does: "nobody says that it sleeps",
    breaks: [
      "select sees bytes, room, the end and the close of a byte stream",
      "no wake-up is lost when both sides pause as they like",
    ],
    bell: { sleep: () => {} },
  },
  {
    does: "nobody is told that there is room",
    breaks: [
      "a byte stream that is full says so, and goes on when there is room",
      "select sees bytes, room, the end and the close of a byte stream",
    ],
    bell: { ringForRoom: () => {} },
  },
  {
    does: "nobody is told of room before half of the ring is free",
    breaks: ["a sendAll that waits for room is over once what is left fits"],
    bell: {
      ringForRoom: (right, [room, capacity]) =>
        Number(room) < Number(capacity) / 2 ? undefined : right(room, capacity),
    },
  },
  {
    does: "who reads believes how much room is wanted",
    breaks: ["whoever sends much goes on when half of a channel is free"],
    bell: { ringForRoom: (right, [room]) => right(room, Infinity) },
  },
  {
    does: "SHUT_WR does nothing",
    breaks: [
      "the end of a byte stream comes behind its bytes, and stays",
      "messages cross a byte stream that framed is put over",
      "a call that blocks tells of the end, of a death and of a close",
    ],
    stream: {
      shutdown: (right, [how]) =>
        how === SHUT_WR ? Promise.resolve() : right(how),
    },
  },
  {
    does: "SHUT_RD does nothing",
    breaks: ["SHUT_RD of a byte stream drops what comes and stops nobody"],
    stream: {
      shutdown: (right, [how]) =>
        how === SHUT_RD ? Promise.resolve() : right(how),
    },
  },
  {
    does: "close leaves a pending receive alone",
    breaks: ["close of a byte stream wakes its receive with EBADF"],
    stream: {
      close: (right, args) =>
        new Promise(() => setTimeout(() => right(...args), 600)),
    },
  },
  {
    does: "sends of a closed stream are EPIPE",
    breaks: ["every call of a closed byte stream is EBADF"],
    stream: {
      trySend: (right, [data]) =>
        unless("EBADF", () => right(data), () => {
          throw socketError("EPIPE", { op: "trySend" });
        }),
    },
  },
  {
    does: "close cuts the stream",
    breaks: [
      "a byte stream that is closed gives its peer every byte and the end",
      "a channel takes what its capacity is, and all of it stays readable",
      "a partner that closed in order before it died has ended in order",
    ],
    stream: {
      close(_right, _args, stream) {
        if (!stream.isClosed) stream.reset();
        return Promise.resolve();
      },
    },
  },
  {
    does: "tryRecv takes every count",
    breaks: ["misuse of a byte stream throws before a byte moves"],
    stream: {
      tryRecv: (right, [count]) => right(Math.abs(Number(count ?? 1))),
    },
  },
  {
    does: "a cut is told as an end",
    breaks: [
      "a channel that is reset gives its bytes, then ECONNRESET for ever",
      "a close that cuts a sendAll is no end for the partner",
    ],
    reader: { mark: cutIsEnd },
    writer: { mark: cutIsEnd },
  },
  {
    does: "a death is not heard",
    breaks: [
      "a partner that dies leaves its bytes, then ECONNRESET for ever",
      "a call that blocks tells of the end, of a death and of a close",
    ],
    stream: { partnerDied: () => {} },
  },
  {
    does: "close does not say that nothing is read any more",
    breaks: [
      "a partner that closed in order before it died has ended in order",
      "sends are EPIPE at once when the partner's close was seen",
    ],
    reader: { mark: (right, [state]) => right(Number(state) & ~STOPPED) },
  },
  {
    does: "a ring leaves its last byte free",
    breaks: [
      "a channel takes what its capacity is, and all of it stays readable",
      "a partner that dies leaves its bytes, then ECONNRESET for ever",
    ],
    writer: { room: (right) => (right > 0 ? right - 1 : right) },
  },
  {
    does: "nobody looks whether the memory is corrupt",
    breaks: ["memory that somebody else wrote to is EPROTO, and never a loop"],
    reader: { count: blind, state: blind },
    writer: { room: blind, state: blind },
  },
  {
    does: "a channel can be attached to again",
    breaks: ["a channel is EBUSY when it is attached to again"],
    isClaimless: true,
  },
  {
    does: "recvSync waits where it must not",
    breaks: ["calls that block give what is in hand, and end in time"],
    stream: {
      recvSync: (right, [count, timeoutMs]) => right(count, timeoutMs || 5),
    },
  },
  {
    does: "recvSync steals from a pending receive",
    breaks: ["a call that blocks is EBUSY while another one is pending"],
    stream: {
      recvSync: (right, args) =>
        unless("EBUSY", () => right(...args), () => null),
    },
  },
];

const scratch = new Uint8Array(65_536);

function cutIsEnd(
  right: (...args: readonly unknown[]) => unknown,
  [state]: readonly unknown[],
): unknown {
  return right(state === RESET ? ENDED | STOPPED : state);
}

function blind(right: number): number {
  return right === CORRUPT ? 0 : right;
}
