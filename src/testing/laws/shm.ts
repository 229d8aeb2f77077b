/**
 * Laws of the channel of shared memory, beyond those of every byte stream.
 *
 * @module
 */

import { SHUT_WR } from "../../constants.ts";
import type { Pollable } from "../../readiness.ts";
import { Dice } from "../dice.ts";
import type { ShmStream } from "../../shm/mod.ts";
import {
  ensure,
  isSocketError,
  later,
  rejection,
  same,
  sameText,
  throwsWith,
  turn,
} from "../expect.ts";
import { library } from "../library.ts";
import { Pattern } from "../pattern.ts";
import {
  type ByteEnd,
  failsWith,
  receiveAll,
  receivePattern,
  sendWhatFits,
} from "./byte_stream.ts";

/** What a law of channels works with. */
export interface ShmBench {
  /** The end of this thread, and its partner, of whichever thread. */
  pair(): Promise<readonly [ShmStream, ByteEnd]>;
  /** The channel's memory. */
  memoryOf(end: ShmStream): SharedArrayBuffer;
  /** Attaches once more to the channel of an end. */
  attachAgain(end: ShmStream): unknown;
  /** Bytes of each direction. */
  readonly capacity: number;
  /** How many messages the law of wake-ups sends. */
  readonly messages: number;
}

/** A promise of channels. */
export interface ShmLaw {
  /** *Subject does what when*. */
  readonly name: string;
  /** Rejects if the promise is broken. */
  run(bench: ShmBench): Promise<void>;
}

/**
 * Calls that block and have nothing to wait for end at once; where the law is
 * broken they end after so long, since no watchdog bites in a blocked thread.
 */
const IN_HAND_MS = 200;

/** Longer than any message of the law of wake-ups. */
const MOST_MESSAGE_BYTES = 300;

/** Sends messages whose first two bytes tell how long they are. */
export async function sendMessages(
  end: ByteEnd,
  count: number,
  seed: number,
): Promise<void> {
  const dice = new Dice(seed);
  for (let i = 0; i < count; i++) {
    const bytes = new Uint8Array(
      2 + Math.floor(dice.next() * MOST_MESSAGE_BYTES),
    );
    bytes.fill(i & 255);
    new DataView(bytes.buffer).setUint16(0, bytes.length);
    await end.sendAll(bytes);
    if (dice.next() < 0.02) await turn();
  }
}

/** Receives them, in whatever pieces they come. */
export async function receiveMessages(
  end: ByteEnd,
  count: number,
  seed: number,
): Promise<void> {
  const dice = new Dice(seed);
  const exactly = async (size: number): Promise<Uint8Array> => {
    const whole = new Uint8Array(size);
    let at = 0;
    while (at < size) {
      const bytes = await end.recv({ maxBytes: size - at });
      ensure(bytes !== null, "the channel ended");
      whole.set(bytes, at);
      at += bytes.length;
    }
    return whole;
  };
  for (let i = 0; i < count; i++) {
    const head = await exactly(2);
    const size = new DataView(head.buffer).getUint16(0) - 2;
    const body = await exactly(size);
    same(body.every((byte) => byte === (i & 255)), true, `message ${i}`);
    if (dice.next() < 0.02) await turn();
  }
}

/** `ECONNRESET` for ever, in every call. */
async function isDead(end: ByteEnd): Promise<void> {
  await failsWith(() => end.recv(), "ECONNRESET", "recv");
  await failsWith(() => end.tryRecv(), "ECONNRESET", "tryRecv");
  await failsWith(() => end.sendAll("x"), "ECONNRESET", "sendAll");
  await failsWith(() => end.trySend("x"), "ECONNRESET", "trySend");
  await failsWith(() => end.shutdown(SHUT_WR), "ECONNRESET", "shutdown");
}

async function isDeadInSelect(end: Pollable): Promise<void> {
  const [readers, writers, errors] = await library.select(
    [end],
    [end],
    [end],
    null,
  );
  same(`${readers.length}${writers.length}${errors.length}`, "111", "events");
}

const ending: readonly ShmLaw[] = [
  {
    name: "a channel that is reset gives its bytes, then ECONNRESET for ever",
    async run(bench) {
      const [a, b] = await bench.pair();
      await b.sendAll("bytes");
      const pending = later(a.recv());
      sameText(await pending, "bytes", "what came before");
      await b.sendAll("more");
      const dead = later(library.select([], [], [a], null));
      await b.reset();
      same((await dead)[2].length, 1, "the dead of select");
      // It has told that it is dead: no call of its may say otherwise.
      throwsWith(() => a.trySend("x"), "ECONNRESET", "trySend");
      sameText(await a.recv(), "more", "what was in hand");
      await isDead(a);
      await isDeadInSelect(a);
    },
  },
  {
    name: "a partner that dies leaves its bytes, then ECONNRESET for ever",
    async run(bench) {
      const [a, b] = await bench.pair();
      await b.sendAll("last words");
      const full = new Uint8Array(2 * bench.capacity);
      const sending = later(rejection(a.sendAll(full), "sendAll"));
      a.partnerDied();
      const error = await sending;
      isSocketError(error, "ECONNRESET", "sendAll", "the pending sendAll");
      same(error.bytesSent, bench.capacity, "bytes that went");
      throwsWith(() => a.trySend("x"), "ECONNRESET", "trySend");
      sameText(await a.recv(), "last words", "what it had written");
      await isDead(a);
      await isDeadInSelect(a);
      a.partnerDied();
      await a.close();
      a.partnerDied();
    },
  },
  {
    name: "a partner that closed in order before it died has ended in order",
    async run(bench) {
      const [a, b] = await bench.pair();
      await b.sendAll("bytes");
      await b.close();
      a.partnerDied();
      sameText(await a.recv(), "bytes", "what it had written");
      same(await a.recv(), null, "what follows");
      await failsWith(() => a.sendAll("x"), "EPIPE", "sendAll");
      same((await library.select([], [], [a], 0))[2].length, 0, "the dead");
    },
  },
  {
    name: "sends are EPIPE at once when the partner's close was seen",
    async run(bench) {
      const [a, b] = await bench.pair();
      const pending = later(a.recv());
      const full = new Uint8Array(2 * bench.capacity);
      const sending = later(rejection(a.sendAll(full), "sendAll"));
      await b.close();
      same(await pending, null, "recv");
      const error = await sending;
      isSocketError(error, "EPIPE", "sendAll", "the pending sendAll");
      same(error.bytesSent, bench.capacity, "bytes that went");
      throwsWith(() => a.trySend("x"), "EPIPE", "trySend");
      same(await a.recv(), null, "recv for ever");
    },
  },
  {
    name: "a close that cuts a sendAll is no end for the partner",
    async run(bench) {
      const [a, b] = await bench.pair();
      const pattern = new Pattern(11);
      const all = pattern.slice(0, 2 * bench.capacity);
      const sending = later(rejection(a.sendAll(all), "sendAll"));
      await a.close();
      const error = await sending;
      isSocketError(error, "EBADF", "sendAll", "the pending sendAll");
      same(error.bytesSent, bench.capacity, "bytes that went");
      await receivePattern(b, pattern, 0, bench.capacity);
      await failsWith(() => b.recv(), "ECONNRESET", "recv");
      await failsWith(() => b.sendAll("x"), "ECONNRESET", "sendAll");
    },
  },
];

const CORRUPTIBLE = [[16, true], [18, true], [17, false], [2, false]] as const;

async function receivesFail(end: ShmStream): Promise<void> {
  throwsWith(() => end.tryRecv(), "EPROTO", "tryRecv");
  throwsWith(() => end.recvSync(100, IN_HAND_MS), "EPROTO", "recvSync");
  await failsWith(() => end.recv(), "EPROTO", "recv");
  await failsWith(() => end.recv({ timeoutMs: 0 }), "EPROTO", "recv");
}

async function sendsFail(end: ShmStream): Promise<void> {
  throwsWith(() => end.trySend("x"), "EPROTO", "trySend");
  throwsWith(() => end.sendAllSync("x", IN_HAND_MS), "EPROTO", "sendAllSync");
  await failsWith(() => end.sendAll("x"), "EPROTO", "sendAll");
  await failsWith(
    () => end.sendAll("x", { timeoutMs: 0 }),
    "EPROTO",
    "sendAll",
  );
}

const remembering: readonly ShmLaw[] = [
  {
    name: "a channel takes what its capacity is, and all of it stays readable",
    async run(bench) {
      const [a, b] = await bench.pair();
      const pattern = new Pattern(12);
      same(await sendWhatFits(a, pattern), bench.capacity, "bytes that went");
      same(a.bytesSent, bench.capacity, "bytesSent");
      same(a.trySend(""), 0, "no bytes into a full channel");
      const start = performance.now();
      await a.close({ lingerMs: 60_000 });
      ensure(performance.now() - start < 5_000, "close waited");
      const all = await receiveAll(b);
      same(all.length, bench.capacity, "bytes that came");
      pattern.check(all, 0);
    },
  },
  {
    name: "a sendAll that waits for room is over once what is left fits",
    async run(bench) {
      const [a, b] = await bench.pair();
      const pattern = new Pattern(14);
      await sendWhatFits(a, pattern);
      const sending = later(a.sendAll(pattern.slice(bench.capacity, 20)));
      for (let at = 0; at < 20; at += 10) {
        await receivePattern(b, pattern, at, at + 10);
      }
      await sending;
      same(a.bytesSent, bench.capacity + 20, "bytesSent");
    },
  },
  {
    name: "whoever sends much goes on when half of a channel is free",
    async run(bench) {
      const [a, b] = await bench.pair();
      const { capacity } = bench;
      const pattern = new Pattern(15);
      await sendWhatFits(a, pattern);
      const sending = later(a.sendAll(pattern.slice(capacity, 2 * capacity)));
      // How much room it says that it wants is anybody's to write.
      const words = new Int32Array(bench.memoryOf(a), 0, 32);
      words[6] = words[22] = 0x7fffffff;
      await receivePattern(b, pattern, 0, 3 * capacity);
      await sending;
    },
  },
  {
    name: "every size at every place of a channel comes whole",
    async run(bench) {
      const [a, b] = await bench.pair();
      const { capacity } = bench;
      const pattern = new Pattern(13);
      const sizes = [1, 2, 63, capacity / 2 + 1, capacity - 1, capacity];
      let at = 0;
      for (let place = 0; place < 128; place++) {
        const size = sizes[place % sizes.length]!;
        const bytes = pattern.slice(at, size);
        same(await a.trySend(bytes), size, "bytes that went");
        await receivePattern(b, pattern, at, at + size);
        at += size;
      }
    },
  },
  {
    name: "no wake-up is lost when both sides pause as they like",
    async run(bench) {
      const [a, b] = await bench.pair();
      await Promise.all([
        sendMessages(a, bench.messages, 1),
        receiveMessages(b, bench.messages, 2),
        sendMessages(b, bench.messages, 3),
        receiveMessages(a, bench.messages, 4),
      ]);
    },
  },
  {
    name: "memory that somebody else wrote to is EPROTO, and never a loop",
    async run(bench) {
      // Where the partner's counters and the states of both rings are.
      for (const [word, isOfInput] of CORRUPTIBLE) {
        for (const value of [0x12345678, -1 >>> 1, 0]) {
          const [a] = await bench.pair();
          const words = new Int32Array(bench.memoryOf(a), 0, 32);
          words[word] = value;
          if (value === 0 && (word === 2 || word === 18)) words[word] = 8;
          if (isOfInput) await receivesFail(a);
          else await sendsFail(a);
          await isDeadInSelect(a);
          await a.close();
        }
      }
    },
  },
  {
    name: "a channel is EBUSY when it is attached to again",
    async run(bench) {
      const [a, b] = await bench.pair();
      throwsWith(() => bench.attachAgain(a), "EBUSY", "shmAttach");
      await a.sendAll("as before");
      sameText(await b.recv(), "as before", "what came");
    },
  },
];

const blocking: readonly ShmLaw[] = [
  {
    name: "calls that block give what is in hand, and end in time",
    async run(bench) {
      const [a, b] = await bench.pair();
      throwsWith(() => a.recvSync(1, 0), "EAGAIN", "recvSync");
      throwsWith(() => a.recvSync(1, 20), "ETIMEDOUT", "recvSync");
      await b.sendAll("hello");
      sameText(a.recvSync(3, IN_HAND_MS), "hel", "recvSync");
      sameText(a.recvSync(100, IN_HAND_MS), "lo", "recvSync of the rest");
      a.sendAllSync(["one", "two"], IN_HAND_MS);
      sameText(await b.recv({ maxBytes: 6 }), "onetwo", "what came");
      const all = new Uint8Array(bench.capacity + 1);
      for (
        const [timeoutMs, code, went] of [
          [20, "ETIMEDOUT", bench.capacity],
          [0, "EAGAIN", 0],
        ] as const
      ) {
        try {
          a.sendAllSync(all, timeoutMs);
          ensure(false, "it went");
        } catch (error) {
          isSocketError(error, code, "sendAllSync", "sendAllSync");
          same(error.bytesSent, went, "bytesSent");
        }
      }
    },
  },
  {
    name: "a call that blocks is EBUSY while another one is pending",
    async run(bench) {
      const [a, b] = await bench.pair();
      const receiving = later(a.recv());
      throwsWith(() => a.recvSync(100, IN_HAND_MS), "EBUSY", "recvSync");
      const sending = later(a.sendAll(new Uint8Array(2 * bench.capacity)));
      throwsWith(() => a.sendAllSync("x", IN_HAND_MS), "EBUSY", "sendAllSync");
      await b.sendAll("mine");
      sameText(await receiving, "mine", "what the first one got");
      await receivePattern(b, new Pattern(0), 0, 0);
      let left = 2 * bench.capacity;
      while (left > 0) left -= (await b.recv())?.length ?? left;
      await sending;
    },
  },
  {
    name: "a call that blocks tells of the end, of a death and of a close",
    async run(bench) {
      const [a, b] = await bench.pair();
      await b.sendAll("bytes");
      await b.shutdown(SHUT_WR);
      sameText(a.recvSync(100, IN_HAND_MS), "bytes", "what came first");
      same(a.recvSync(100, IN_HAND_MS), null, "the end");
      same(a.recvSync(100, IN_HAND_MS), null, "the end for ever");
      a.partnerDied();
      throwsWith(
        () => a.sendAllSync("x", IN_HAND_MS),
        "ECONNRESET",
        "sendAllSync",
      );
      await a.close();
      throwsWith(() => a.recvSync(100, IN_HAND_MS), "EBADF", "recvSync");
      throwsWith(() => a.sendAllSync("x", IN_HAND_MS), "EBADF", "sendAllSync");
      const [c] = await bench.pair();
      c.partnerDied();
      throwsWith(() => c.recvSync(100, IN_HAND_MS), "ECONNRESET", "recvSync");
    },
  },
];

/** What a channel must keep besides. */
export const shmLaws: readonly ShmLaw[] = [
  ...ending,
  ...remembering,
  ...blocking,
];
