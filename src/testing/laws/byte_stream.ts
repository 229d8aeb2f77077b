/**
 * Laws of whatever is a `ByteStream` that can be shut down, cut and polled:
 * what framing, polling and a program's own code may rely on. They hold for a
 * `StreamSocket`, and for both ends of a channel of shared memory.
 *
 * @module
 */

import { MSG_DONTWAIT, SHUT_RD, SHUT_RDWR, SHUT_WR } from "../../constants.ts";
import type {
  Bytes,
  BytesLike,
  CloseOptions,
  ReceiveOptions,
  SendOptions,
} from "../../contracts.ts";
import { SocketError } from "../../errors.ts";
import { framed, lengthPrefixed } from "../../framing/mod.ts";
import type { Pollable } from "../../readiness.ts";
import { Dice } from "../dice.ts";
import {
  ensure,
  isSocketError,
  joined,
  later,
  LawBroken,
  rejection,
  same,
  sameText,
  turn,
} from "../expect.ts";
import { library } from "../library.ts";
import { Pattern } from "../pattern.ts";

type MaybeLater<T> = T | Promise<T>;

/**
 * One end of a byte stream. What is of another thread answers later, also to
 * calls that do not wait.
 */
export interface ByteEnd {
  tryRecv(maxBytes?: number): MaybeLater<Bytes | null | undefined>;
  recv(options?: ReceiveOptions): Promise<Bytes | null>;
  trySend(data: BytesLike): MaybeLater<number | undefined>;
  sendAll(
    data: BytesLike | readonly BytesLike[],
    options?: SendOptions,
  ): Promise<void>;
  shutdown(how: number): Promise<void>;
  reset(): MaybeLater<void>;
  close(options?: CloseOptions): Promise<void>;
}

/** What a law of byte streams works with. */
export interface ByteBench {
  /** Two ends of one stream, one of them of this thread. */
  pair(): Promise<readonly [ByteEnd, ByteEnd]>;
  /** More bytes than a writer gets away whose reader does not read. */
  readonly moreThanFitsBytes: number;
}

/** A promise of byte streams. */
export interface ByteLaw {
  /** *Subject does what when*. */
  readonly name: string;
  /** Rejects if the promise is broken. */
  run(bench: ByteBench): Promise<void>;
}

// ---- steps

const VOLUME_BYTES = 100_000;
const MOST_PIECE_BYTES = 5_000;

/** Sends so many bytes of a pattern in pieces of random sizes. */
async function sendPattern(
  end: ByteEnd,
  pattern: Pattern,
  total: number,
): Promise<void> {
  const dice = new Dice(total);
  let at = 0;
  while (at < total) {
    const size = Math.floor(dice.next() * MOST_PIECE_BYTES);
    const piece = pattern.slice(at, Math.min(size, total - at));
    await end.sendAll(piece);
    at += piece.length;
  }
}

/** Receives and checks the bytes of a pattern from `from` to `to`. */
export async function receivePattern(
  end: ByteEnd,
  pattern: Pattern,
  from: number,
  to: number,
): Promise<void> {
  let at = from;
  while (at < to) {
    const bytes = await end.recv({ maxBytes: to - at });
    ensure(bytes !== null, `the stream ended at byte ${at} of ${to}`);
    ensure(bytes.length > 0, `recv gave no byte at ${at}`);
    pattern.check(bytes, at);
    at += bytes.length;
  }
}

/** Everything up to the end. */
export async function receiveAll(end: ByteEnd): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (;;) {
    const bytes = await end.recv();
    if (bytes === null) return joined(chunks);
    chunks.push(bytes);
  }
}

/** Sends what goes without waiting; gives how much that is. */
export async function sendWhatFits(
  end: ByteEnd,
  pattern: Pattern,
): Promise<number> {
  let sent = 0;
  for (;;) {
    const count = await end.trySend(pattern.slice(sent, MOST_PIECE_BYTES));
    if (count === undefined) return sent;
    ensure(count > 0, `trySend took ${count} bytes`);
    sent += count;
    // A socket may hand on what it was given, and take more in the next turn.
    await turn();
  }
}

/** What a call fails with, thrown or rejected. */
async function failureOf(call: () => unknown, what: string): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new LawBroken(`${what}: did not fail`);
}

export async function failsWith(
  call: () => unknown,
  code: string,
  op: string,
): Promise<void> {
  isSocketError(await failureOf(call, op), code, op, op);
}

/** Of this thread, and therefore what `select` takes; and its partner. */
function polled(
  [one, other]: readonly [ByteEnd, ByteEnd],
): readonly [ByteEnd & Pollable, ByteEnd] {
  return isPollable(one) ? [one, other] : [other as ByteEnd & Pollable, one];
}

function isPollable(end: ByteEnd): end is ByteEnd & Pollable {
  return typeof (end as Partial<Pollable>).readiness?.watch === "function";
}

async function eventsOf(
  end: ByteEnd & Pollable,
  timeoutMs: number | null = 0,
): Promise<string> {
  const [readers, writers, errors] = await library.select(
    [end],
    timeoutMs === 0 ? [end] : [],
    [end],
    timeoutMs,
  );
  return `${readers.length}${writers.length}${errors.length}`;
}

/** The caller's mistakes, by the error that they are. */
const MISUSES: readonly (readonly [
  what: string,
  error: "TypeError" | "RangeError",
  call: (end: ByteEnd) => unknown,
])[] = [
  ["no bytes", "TypeError", (end) => end.trySend(5 as never)],
  ["no bytes to sendAll", "TypeError", (end) => end.sendAll([5 as never])],
  ["a count below 0", "RangeError", (end) => end.tryRecv(-1)],
  ["half a byte", "RangeError", (end) => end.recv({ maxBytes: 0.5 })],
  [
    "an unknown option",
    "TypeError",
    (end) => end.recv({ timeout: 5 } as never),
  ],
  ["a wrong time", "RangeError", (end) => end.recv({ timeoutMs: -1 })],
  [
    "no time",
    "TypeError",
    (end) => end.sendAll("x", { timeoutMs: "1" as never }),
  ],
  ["no signal", "TypeError", (end) => end.sendAll("x", { signal: 1 as never })],
  ["no direction", "TypeError", (end) => end.shutdown("WR" as never)],
  ["a wrong direction", "RangeError", (end) => end.shutdown(7)],
  ["a negative linger", "RangeError", (end) => end.close({ lingerMs: -1 })],
];

// ---- laws

const moving: readonly ByteLaw[] = [
  {
    name:
      "a byte stream loses and reorders nothing when both ends send at once",
    async run(bench) {
      const [a, b] = await bench.pair();
      const [there, back] = [new Pattern(1), new Pattern(2)];
      await Promise.all([
        sendPattern(a, there, VOLUME_BYTES),
        receivePattern(b, there, 0, VOLUME_BYTES),
        sendPattern(b, back, VOLUME_BYTES + 1),
        receivePattern(a, back, 0, VOLUME_BYTES + 1),
      ]);
    },
  },
  {
    name: "a byte stream takes pieces in order, and text as UTF-8",
    async run(bench) {
      const [a, b] = await bench.pair();
      const bytes = new Uint8Array([0x21, 0x3f]);
      await a.sendAll(["a→", new Uint8Array(0), bytes.buffer, "", "b"]);
      await a.sendAll([]);
      await a.shutdown(SHUT_WR);
      sameText(await receiveAll(b), "a→!?b", "what came");
    },
  },
  {
    name: "a byte stream gives one byte to maxBytes, and none for none",
    async run(bench) {
      const [a, b] = await bench.pair();
      same((await b.recv({ maxBytes: 0 }))?.length, 0, "recv of no bytes");
      await a.sendAll("0123456789");
      sameText(await b.recv({ maxBytes: 1 }), "0", "recv of one");
      sameText(await b.tryRecv(2), "12", "tryRecv of two");
      sameText(await b.recv({ maxBytes: 100 }), "3456789", "recv of the rest");
      same(await b.tryRecv(), undefined, "tryRecv of nothing");
    },
  },
  {
    name: "a byte stream shares no memory with what it takes and gives",
    async run(bench) {
      const [a, b] = await bench.pair();
      const memory = new Uint8Array(4).fill(1);
      await a.sendAll(memory);
      memory.fill(9);
      same(await a.trySend(memory.fill(2)), 4, "bytes that trySend took");
      memory.fill(9);
      const first = await b.recv({ maxBytes: 3 });
      ensure(first !== null && first.length === 3, "three bytes first");
      same(`${first}`, "1,1,1", "what came first");
      first.fill(7);
      new Uint8Array(first.buffer).fill(7);
      let rest = new Uint8Array(0);
      while (rest.length < 5) {
        const bytes = await b.recv();
        ensure(bytes !== null, "the stream ended");
        rest = joined([rest, bytes]);
      }
      same(`${rest}`, "1,2,2,2,2", "what came then");
      same(`${first}`, "7,7,7", "what came first, later");
    },
  },
  {
    name: "a byte stream that is full says so, and goes on when there is room",
    async run(bench) {
      const [a, b] = await bench.pair();
      const pattern = new Pattern(3);
      const sent = await sendWhatFits(a, pattern);
      ensure(sent > 0 && sent < bench.moreThanFitsBytes, `${sent} bytes went`);
      const rest = later(a.sendAll(pattern.slice(sent, VOLUME_BYTES)));
      await receivePattern(b, pattern, 0, sent + VOLUME_BYTES);
      await rest;
      same(await b.tryRecv(), undefined, "what follows");
    },
  },
  {
    name: "messages cross a byte stream that framed is put over",
    async run(bench) {
      const [a, echo] = polled(await bench.pair());
      const framing = framed(a as never, lengthPrefixed({ header: "u16" }));
      const echoing = later((async () => {
        for (;;) {
          const bytes = await echo.recv();
          if (bytes === null) return await echo.close();
          await echo.sendAll(bytes);
        }
      })());
      const sizes = Array.from({ length: 300 }, (_, i) => (i * 37) % 2_000);
      const sending = later((async () => {
        for (const size of sizes) {
          await framing.send(new Uint8Array(size).fill(size));
        }
        await framing.flush();
      })());
      for (const size of sizes) {
        const message = await framing.recv();
        same(message?.length, size, "the size of a message");
        if (size > 0) same(message?.[size - 1], size & 255, "its last byte");
      }
      await sending;
      // What is gathered leaves before the stream ends below it.
      await framing.send(new Uint8Array(1));
      await a.shutdown(SHUT_WR);
      same((await framing.recv())?.length, 1, "the last message");
      same(await framing.recv(), null, "the end");
      await echoing;
    },
  },
];

const waiting: readonly ByteLaw[] = [
  {
    name: "an aborted receive of a byte stream takes no byte",
    async run(bench) {
      const [a, b] = await bench.pair();
      for (let round = 0; round < 5; round++) {
        const controller = new AbortController();
        const cut = later(rejection(
          b.recv({ signal: controller.signal }),
          "an aborted recv",
        ));
        // By turns before and after the byte is on its way.
        if (round % 2 === 0) controller.abort("enough");
        if (round % 2 === 0) same(await cut, "enough", "the reason");
        const late = later(b.recv({ signal: AbortSignal.abort("early") }));
        same(await rejection(late, "recv"), "early", "the early reason");
        if (round % 2 === 1) {
          controller.abort("enough");
          same(await cut, "enough", "the reason");
        }
        await a.sendAll(`${round}`);
        sameText(await b.recv(), `${round}`, "the byte");
      }
    },
  },
  {
    name: "a receive of a byte stream is over when its time is",
    async run(bench) {
      const [a, b] = await bench.pair();
      await failsWith(() => b.recv({ timeoutMs: 20 }), "ETIMEDOUT", "recv");
      await failsWith(() => b.recv({ timeoutMs: 0 }), "EAGAIN", "recv");
      await failsWith(() => b.recv({ flags: MSG_DONTWAIT }), "EAGAIN", "recv");
      await a.sendAll("x");
      sameText(await b.recv({ timeoutMs: 10_000 }), "x", "the byte");
    },
  },
  {
    name: "a sendAll of a byte stream that is cut short tells what went",
    async run(bench) {
      const [a, b] = await bench.pair();
      const pattern = new Pattern(4);
      const all = pattern.slice(0, bench.moreThanFitsBytes);
      let went = 0;
      for (const timeoutMs of [20, 0]) {
        const error = await failureOf(
          () => a.sendAll(all.subarray(went), { timeoutMs }),
          "sendAll",
        );
        ensure(error instanceof SocketError, `${error}`);
        const code = timeoutMs === 0 ? "EAGAIN" : "ETIMEDOUT";
        same(error.code, code, "its code");
        ensure(error.bytesSent !== undefined, "bytesSent is there");
        went += error.bytesSent;
      }
      const controller = new AbortController();
      const { signal } = controller;
      const cut = later(rejection(a.sendAll("zzz", { signal }), "sendAll"));
      controller.abort("enough");
      same(await cut, "enough", "the reason");
      await receivePattern(b, pattern, 0, went);
      await a.sendAll("end");
      sameText(await b.recv({ maxBytes: 3 }), "end", "what follows");
    },
  },
  {
    name: "a second receiver and a second sender of a byte stream are EBUSY",
    async run(bench) {
      const [a, b] = await bench.pair();
      const first = later(b.recv());
      await failsWith(() => b.recv(), "EBUSY", "recv");
      await failsWith(() => b.tryRecv(), "EBUSY", "tryRecv");
      await a.sendAll("mine");
      sameText(await first, "mine", "what the first one got");
      const pattern = new Pattern(5);
      const total = bench.moreThanFitsBytes;
      const sending = later(a.sendAll(pattern.slice(0, total)));
      await failsWith(() => a.sendAll("x"), "EBUSY", "sendAll");
      await failsWith(() => a.trySend("x"), "EBUSY", "trySend");
      await failsWith(() => a.shutdown(SHUT_WR), "EBUSY", "shutdown");
      await receivePattern(b, pattern, 0, total);
      await sending;
    },
  },
  {
    name: "select sees bytes, room, the end and the close of a byte stream",
    async run(bench) {
      const [a, b] = polled(await bench.pair());
      same(await eventsOf(a), "010", "at first");
      const woken = later(eventsOf(a, null));
      await b.sendAll("x");
      same(await woken, "100", "once a byte came");
      same(await eventsOf(a), "110", "while a byte is in hand");
      sameText(await a.recv(), "x", "the byte");
      same(await eventsOf(a), "010", "once it is taken");
      const pattern = new Pattern(6);
      const sent = await sendWhatFits(a, pattern);
      same(await eventsOf(a), "000", "when it is full");
      const roomy = later(library.select([], [a], [], null));
      await receivePattern(b, pattern, 0, sent);
      same((await roomy)[1].length, 1, "writers once there is room");
      const ended = later(eventsOf(a, null));
      await b.shutdown(SHUT_WR);
      same(await ended, "100", "at the end");
      same(await a.recv(), null, "the end");
      await a.close();
      same(await eventsOf(a), "111", "when it is closed");
    },
  },
];

const ending: readonly ByteLaw[] = [
  {
    name: "the end of a byte stream comes behind its bytes, and stays",
    async run(bench) {
      const [a, b] = await bench.pair();
      const pending = later(b.recv());
      await a.sendAll("question");
      await a.shutdown(SHUT_WR);
      sameText(await pending, "question", "the question");
      same(await b.recv(), null, "recv at the end");
      same(await b.tryRecv(), null, "tryRecv at the end");
      await b.sendAll("answer");
      await b.shutdown(SHUT_WR);
      sameText(await receiveAll(a), "answer", "the answer");
      same(await b.recv(), null, "recv for ever");
      await failsWith(() => a.sendAll("x"), "EPIPE", "sendAll");
      await failsWith(() => a.trySend("x"), "EPIPE", "trySend");
    },
  },
  {
    name: "SHUT_RD of a byte stream drops what comes and stops nobody",
    async run(bench) {
      const [a, b] = await bench.pair();
      await a.sendAll("lost");
      const pending = later(b.recv({ maxBytes: 2 }));
      sameText(await pending, "lo", "what was taken before");
      await b.shutdown(SHUT_RD);
      same(await b.recv(), null, "recv");
      same(await b.tryRecv(), null, "tryRecv");
      await a.sendAll(new Uint8Array(bench.moreThanFitsBytes));
      await b.sendAll("still");
      sameText(await a.recv(), "still", "the other direction");
      await b.shutdown(SHUT_RDWR);
      same(await a.recv(), null, "recv of the peer");
    },
  },
  {
    name: "close of a byte stream wakes its receive with EBADF",
    async run(bench) {
      const [a] = await bench.pair();
      const pending = later(rejection(a.recv(), "recv"));
      await a.close({ lingerMs: 0 });
      isSocketError(await pending, "EBADF", "recv", "the pending recv");
      await a.close();
    },
  },
  {
    name: "every call of a closed byte stream is EBADF",
    async run(bench) {
      const [a] = await bench.pair();
      await a.close({ lingerMs: 0 });
      await failsWith(() => a.recv(), "EBADF", "recv");
      await failsWith(() => a.tryRecv(), "EBADF", "tryRecv");
      await failsWith(() => a.sendAll("x"), "EBADF", "sendAll");
      await failsWith(() => a.trySend("x"), "EBADF", "trySend");
      await failsWith(() => a.shutdown(SHUT_WR), "EBADF", "shutdown");
      await failsWith(() => a.reset(), "EBADF", "reset");
    },
  },
  {
    name: "a byte stream that is closed gives its peer every byte and the end",
    async run(bench) {
      const [a, b] = await bench.pair();
      const pattern = new Pattern(7);
      const sent = await sendWhatFits(a, pattern);
      await b.sendAll("read by nobody");
      await a.close({ lingerMs: 10_000 });
      await receivePattern(b, pattern, 0, sent);
      same(await b.recv(), null, "what follows");
      same(await b.recv(), null, "what follows the end");
    },
  },
  {
    name: "misuse of a byte stream throws before a byte moves",
    async run(bench) {
      const [a, b] = await bench.pair();
      for (const end of [a, b]) {
        for (const [what, name, call] of MISUSES) {
          const error = await failureOf(() => call(end), what);
          same((error as Error)?.name, name, what);
        }
      }
      await a.sendAll("as before");
      sameText(await b.recv(), "as before", "what came");
    },
  },
];

/** What every byte stream must keep that can be shut down, cut and polled. */
export const byteStreamLaws: readonly ByteLaw[] = [
  ...moving,
  ...waiting,
  ...ending,
];
