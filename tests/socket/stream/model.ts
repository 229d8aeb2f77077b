/**
 * Random operations on a pair of sockets against a model: two queues of bytes,
 * each with an end that may come. fast-check finds the shortest list of
 * operations that the sockets and the model disagree about.
 *
 * @module
 */

import assert from "node:assert/strict";
import process from "node:process";
import { MSG_PEEK, MSG_WAITALL, SHUT_WR } from "../../../src/constants.ts";
import type { Bytes } from "../../../src/contracts.ts";
import type { StreamSocket } from "../../../src/socket/mod.ts";
import { fc } from "../../framing/fast_check.ts";
import { isQuick } from "../../quick.ts";
import { RUNTIMES, thisRuntime } from "../../runtimes.ts";

/** No writer ever waits: as much is held by whatever is between. */
const MOST_UNREAD = 32_768;

/** Two connected sockets, and how code of each end is run. */
export interface Pair {
  readonly sockets: readonly [StreamSocket, StreamSocket];
  run<T>(end: number, body: () => Promise<T>): Promise<T>;
}

/** What is known of one end. */
class End {
  /** Bytes that it has sent, and received. */
  sent = 0;
  got = 0;
  /** Its FIN is sent. */
  hasEnded = false;
  /** It was closed, or reset: every call is `EBADF`. */
  isClosed = false;
  hasReset = false;
  /** It was told the peer's end, or a reset: so it is from then on. */
  told: "end" | "ECONNRESET" | undefined;
  waiting: Waiting | undefined;
}

interface Waiting {
  readonly result: Promise<Bytes | null>;
  readonly abort: AbortController;
}

class Model {
  readonly ends: readonly [End, End] = [new End(), new End()];

  peer(end: number): End {
    return this.ends[1 - end]!;
  }

  /** Bytes that are on their way to an end, or wait there. */
  unread(end: number): number {
    return this.peer(end).sent - this.ends[end]!.got;
  }

  /** Whether a receive at an end must settle by itself. */
  settles(end: number): boolean {
    const { hasEnded, hasReset } = this.peer(end);
    const { told } = this.ends[end]!;
    return this.unread(end) > 0 || hasEnded || hasReset || told !== undefined;
  }
}

/** What stands at a place of what an end sends. */
function byteAt(end: number, place: number): number {
  return (place * 31 + (place >> 8) * 7 + end * 101) & 255;
}

function bytesOf(end: number, from: number, count: number): Bytes {
  return Uint8Array.from({ length: count }, (_, i) => byteAt(end, from + i));
}

type Op =
  | "sendAll"
  | "trySend"
  | "recv"
  | "recvInto"
  | "peekInto"
  | "recvExactly"
  | "recvWhole"
  | "peek"
  | "tryRecv"
  | "wait"
  | "settle"
  | "abort"
  | "shutdown"
  | "turn"
  | "reset"
  | "close";

/** Often what moves bytes, now and then what ends. */
const WEIGHTS: Readonly<Record<Op, number>> = {
  sendAll: 8,
  trySend: 4,
  recv: 8,
  recvInto: 4,
  peekInto: 2,
  recvExactly: 4,
  recvWhole: 3,
  peek: 3,
  tryRecv: 3,
  wait: 4,
  settle: 4,
  abort: 3,
  shutdown: 2,
  turn: 3,
  reset: 1,
  close: 1,
};

interface Step {
  readonly end: 0 | 1;
  readonly op: Op;
  readonly size: number;
}

const steps = fc.array(
  fc.record<Step>({
    end: fc.constantFrom(0, 1),
    op: fc.oneof(
      ...Object.entries(WEIGHTS).map(([op, weight]) => ({
        arbitrary: fc.constant(op as Op),
        weight,
      })),
    ),
    size: fc.oneof(
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 5_000 }),
    ),
  }),
  { maxLength: 40 },
);

/** Tries random lists of operations; `within` gives each a pair of its own. */
export async function keepsToModel(
  within: (use: (pair: Pair) => Promise<void>) => Promise<void>,
  runs: number,
): Promise<void> {
  const numRuns = Number(process.env["FAST_CHECK_RUNS"] ?? runs);
  const property = fc.asyncProperty(
    steps,
    (all) => within((pair) => new Trial(pair).run(all)),
  );
  await fc.assert(property, {
    seed: 2026 + RUNTIMES.indexOf(thisRuntime()),
    numRuns: isQuick ? Math.ceil(numRuns / 3) : numRuns,
  });
}

class Trial {
  readonly #pair: Pair;
  readonly #model = new Model();

  constructor(pair: Pair) {
    this.#pair = pair;
  }

  async run(all: readonly Step[]): Promise<void> {
    try {
      for (const step of all) {
        await this.#pair.run(step.end, () => this.#step(step));
      }
      for (const end of [0, 1]) {
        await this.#pair.run(end, () => this.#finish(end));
      }
    } finally {
      const { ends } = this.#model;
      for (const end of ends) end.waiting?.abort.abort();
      await Promise.all(ends.map((end) => end.waiting?.result.catch(() => {})));
    }
  }

  // deno-lint-ignore require-await -- some of it throws at once
  async #step({ end, op, size }: Step): Promise<void> {
    const it = this.#model.ends[end];
    if (it.isClosed) return this.#isClosed(end);
    switch (op) {
      case "sendAll":
        return this.#sendAll(end, size);
      case "trySend":
        return this.#trySend(end, size);
      case "shutdown":
        it.hasEnded = true;
        return this.#settled(this.#socket(end).shutdown(SHUT_WR), end);
      case "turn":
        return new Promise((resolve) => setTimeout(resolve, 0));
      case "reset":
        return this.#reset(end);
      case "close":
        return this.#close(end);
      case "settle":
        return this.#settle(end);
      case "abort":
        return this.#abort(end);
    }
    if (it.waiting !== undefined) return this.#isBusy(end);
    if (op === "wait") return this.#wait(end, size);
    if (op === "tryRecv") return this.#tryRecv(end, size);
    return this.#receive(end, op, size);
  }

  #socket(end: number): StreamSocket {
    return this.#pair.sockets[end]!;
  }

  async #isClosed(end: number): Promise<void> {
    const socket = this.#socket(end);
    await assert.rejects(socket.recv(), { code: "EBADF" });
    await assert.rejects(socket.sendAll("x"), { code: "EBADF" });
    await socket.close();
  }

  async #isBusy(end: number): Promise<void> {
    const { result } = this.#model.ends[end]!.waiting!;
    const isOver = await Promise.race([
      result.then(() => true, () => true),
      new Promise<boolean>((resolve) => setTimeout(resolve, 0, false)),
    ]);
    if (isOver) return;
    // It may settle just now: then another one is let in, and aborted.
    const abort = new AbortController();
    const second = this.#socket(end).recv({ signal: abort.signal });
    abort.abort();
    await assert.rejects(second, ({ code, name }) => {
      return code === "EBUSY" || name === "AbortError";
    });
  }

  // ---- sending

  async #sendAll(end: number, size: number): Promise<void> {
    const model = this.#model;
    const it = model.ends[end]!;
    if (model.unread(1 - end) + size > MOST_UNREAD) return;
    const data = bytesOf(end, it.sent, size);
    const sending = this.#socket(end).sendAll(data);
    if (it.hasEnded) {
      const code = this.#model.peer(end).hasReset
        ? /^(EPIPE|ECONNRESET)$/
        : /^EPIPE$/;
      return void await assert.rejects(sending, { code });
    }
    await this.#settled(sending, end);
    it.sent += size;
    data.fill(0xff); // the memory is ours again
  }

  #trySend(end: number, size: number): void {
    const model = this.#model;
    const it = model.ends[end]!;
    if (model.unread(1 - end) + size > MOST_UNREAD || it.hasEnded) return;
    const data = bytesOf(end, it.sent, size);
    try {
      it.sent += this.#socket(end).trySend(data) ?? 0;
    } catch (error) {
      this.#mayBeCut(end, error);
    }
    data.fill(0xff);
  }

  /** Something that fails only where the peer is gone. */
  async #settled(work: Promise<unknown>, end: number): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.#mayBeCut(end, error);
    }
  }

  #mayBeCut(end: number, error: unknown): void {
    const { isClosed } = this.#model.peer(end);
    const { code } = error as { code?: string };
    if (isClosed && /^(EPIPE|ECONNRESET|ENOTCONN)$/.test(code ?? "")) return;
    throw error;
  }

  // ---- receiving

  #tryRecv(end: number, size: number): void {
    try {
      const bytes = this.#socket(end).tryRecv(size);
      if (bytes !== undefined) this.#took(end, bytes, size);
    } catch (error) {
      this.#failed(end, error);
    }
  }

  async #receive(end: number, op: Op, size: number): Promise<void> {
    const socket = this.#socket(end);
    const model = this.#model;
    if (!model.settles(end)) {
      const nothing = socket.recv(size, { timeoutMs: 0 });
      return void await assert.rejects(nothing, { code: "EAGAIN" });
    }
    try {
      if (op === "peek") {
        const seen = await socket.recv(size, MSG_PEEK);
        return this.#took(end, seen, size, false);
      }
      if (op === "recvInto") return await this.#receiveInto(end, size, 0);
      if (op === "peekInto") {
        return await this.#receiveInto(end, size, MSG_PEEK);
      }
      const whole = Math.min(size, model.unread(end));
      if (op === "recvExactly" && whole > 0) {
        return this.#took(end, await socket.recvExactly(whole), whole);
      }
      if (op === "recvWhole" && whole > 0) {
        return await this.#receiveInto(end, whole, MSG_WAITALL);
      }
      this.#took(end, await socket.recv(size), size);
    } catch (error) {
      this.#failed(end, error);
    }
  }

  async #receiveInto(
    end: number,
    size: number,
    flags: number,
  ): Promise<void> {
    const memory = new Uint8Array(size);
    const count = await this.#socket(end).recvInto(memory, flags);
    const bytes = count === null ? null : memory.slice(0, count);
    this.#took(end, bytes, size, flags !== MSG_PEEK);
  }

  #wait(end: number, size: number): void {
    const abort = new AbortController();
    const { signal } = abort;
    const result = this.#socket(end).recv({ maxBytes: size, signal });
    result.catch(() => {});
    this.#model.ends[end]!.waiting = { result, abort };
  }

  async #settle(end: number): Promise<void> {
    const it = this.#model.ends[end]!;
    if (it.waiting === undefined || !this.#model.settles(end)) return;
    await this.#waited(end, it.waiting);
  }

  /** An abort loses no byte: either it came too late, or nothing was taken. */
  async #abort(end: number): Promise<void> {
    const { waiting } = this.#model.ends[end]!;
    if (waiting === undefined) return;
    waiting.abort.abort("called off");
    await this.#waited(end, waiting, "called off");
  }

  async #waited(
    end: number,
    { result }: Waiting,
    reason?: string,
  ): Promise<void> {
    this.#model.ends[end]!.waiting = undefined;
    try {
      this.#took(end, await result);
    } catch (error) {
      if (reason === undefined || error !== reason) this.#failed(end, error);
    }
  }

  /** What was received is what was sent, in its place. */
  #took(
    end: number,
    bytes: Bytes | null,
    most = 5_000,
    isTaken = true,
  ): void {
    const it = this.#model.ends[end]!;
    const peer = this.#model.peer(end);
    if (bytes === null) {
      assert.ok(peer.hasEnded, "an end, and nobody has ended");
      assert.equal(it.got, peer.sent, "an end before the last byte");
      assert.notEqual(it.told, "ECONNRESET");
      it.told = "end";
      return;
    }
    assert.equal(it.told, undefined, "bytes behind an end");
    assert.ok(bytes.length > 0 && bytes.length <= most, `${bytes.length}`);
    assert.ok(bytes.length <= this.#model.unread(end), "too much");
    assert.deepEqual([...bytes], [...bytesOf(1 - end, it.got, bytes.length)]);
    if (isTaken) it.got += bytes.length;
  }

  #failed(end: number, error: unknown): void {
    const it = this.#model.ends[end]!;
    const { code } = error as { code?: string };
    if (code !== "ECONNRESET") throw error;
    assert.ok(this.#model.peer(end).hasReset, "a reset, and nobody has reset");
    assert.notEqual(it.told, "end");
    it.told = "ECONNRESET";
  }

  // ---- ending

  #reset(end: number): void {
    const it = this.#model.ends[end]!;
    this.#socket(end).reset();
    it.isClosed = it.hasReset = true;
  }

  async #close(end: number): Promise<void> {
    const it = this.#model.ends[end]!;
    it.hasEnded = it.isClosed = true;
    const closing = this.#socket(end).close();
    const { waiting } = it;
    if (waiting !== undefined) {
      it.waiting = undefined;
      await waiting.result.then(
        (bytes) => this.#took(end, bytes),
        (error) => {
          if (error.code !== "EBADF") this.#failed(end, error);
        },
      );
    }
    await closing;
  }

  /** Both end, and what is left is read. */
  async #finish(end: number): Promise<void> {
    const model = this.#model;
    const it = model.ends[end]!;
    const peer = model.peer(end);
    if (!peer.hasEnded && !peer.hasReset) {
      peer.hasEnded = true;
      const ending = this.#socket(1 - end).shutdown(SHUT_WR);
      await this.#settled(ending, 1 - end);
    }
    if (it.isClosed) return;
    await this.#settle(end);
    for (let i = 0; i < 10_000 && it.told === undefined; i++) {
      await this.#receive(end, "recv", 5_000);
    }
    assert.notEqual(it.told, undefined);
    await this.#receive(end, "recv", 1); // and so for ever
  }
}
