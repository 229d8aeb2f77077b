/** Framed calls that are cut short: what is over, what is lost (nothing). */

import assert from "node:assert/strict";
import { connect, listen, socketPair, type StreamSocket } from "../../mod.ts";
import {
  type Bytes,
  framed,
  type FramedSocket,
  lengthPrefixed,
  lines,
} from "../../src/framing/mod.ts";
import { FakeClock, memoryNetwork } from "../../src/testing/mod.ts";
import { test } from "../harness.ts";
import { memoryPair, MemoryStream } from "./memory_stream.ts";
import { show, utf8 } from "./support.ts";

type Lines = FramedSocket<string>;

/** Every way to receive: what it gives where `"a"` comes, then `"b"`. */
const RECEIVES: [string, (f: Lines) => Promise<unknown>, unknown][] = [
  ["recv", (f) => f.recv(), "a"],
  ["recvMany", (f) => f.recvMany(), ["a", "b"]],
  [
    "a step of for await",
    async (f) => (await f[Symbol.asyncIterator]().next()).value,
    "a",
  ],
  [
    "a step of batches",
    async (f) => (await f.batches().next()).value,
    ["a", "b"],
  ],
];

/** Something to receive from, and how bytes get there. */
interface Source {
  readonly f: Lines;
  readonly arrive: (text: string) => void;
  readonly end: () => Promise<unknown>;
}

const SOURCES: [string, () => Promise<Source>][] = [
  ["a stream", () => {
    const stream = new MemoryStream();
    const arrive = (text: string) => stream.arrive(text);
    const f = framed(stream, lines());
    return Promise.resolve({ f, arrive, end: () => f.close() });
  }],
  ["a socket", async () => {
    const [a, b] = await socketPair();
    return overSockets(framed(a, lines()), [a, b]);
  }],
  ["a socket in memory", async () => {
    const runtime = memoryNetwork();
    const listener = await listen("127.0.0.1:0", { runtime });
    const a = await connect(listener.getSockName(), { runtime });
    const [b] = await listener.accept();
    await listener.close();
    return overSockets(framed(a, lines()), [a, b]);
  }],
];

function overSockets(f: Lines, [a, b]: [StreamSocket, StreamSocket]): Source {
  return {
    f,
    arrive: (text) => assert.equal(b.trySend(text), text.length),
    end: () => Promise.all([a.close(), b.close()]),
  };
}

for (const [where, open] of SOURCES) {
  for (const [name, receive, expected] of RECEIVES) {
    test(`${name} over ${where} goes on in the abort listener of the call before`, async () => {
      for (const isEarly of [true, false]) {
        const { f, arrive, end } = await open();
        const controller = new AbortController();
        const { signal } = controller;
        let next: Promise<unknown> | undefined;
        const listen = () =>
          signal.addEventListener("abort", () => next = receive(f));
        if (isEarly) listen();
        const cut = f.recv({ signal });
        if (!isEarly) listen();
        const reason = new Error("enough");
        controller.abort(reason);
        await assert.rejects(cut, reason);
        arrive("a\nb\n");
        assert.deepEqual(await next, expected, `early: ${isEarly}`);
        await end();
      }
    });
  }

  test(`a receive over ${where} loses nothing to aborts at every point`, async () => {
    const { f, arrive, end } = await open();
    for (let wait = 0; wait < 12; wait++) {
      const controller = new AbortController();
      const first = f.recv({ signal: controller.signal });
      arrive("a\nb\n");
      for (let i = 0; i < wait; i++) await undefined;
      controller.abort("enough");
      const second = f.recv();
      const got = await first.catch((reason) => reason);
      const rest = [await second];
      while (rest.at(-1) !== "b") rest.push(await f.recv());
      const whole = got === "enough" ? rest : [got, ...rest];
      assert.deepEqual(whole, ["a", "b"], `after ${wait}`);
    }
    await end();
  });
}

test("a receive goes on in the very turn in which its deadline has passed", async () => {
  const clock = new FakeClock();
  for (const own of [{ clock }, {}]) {
    const runtime = memoryNetwork({ clock });
    const listener = await listen("127.0.0.1:0", { runtime });
    const a = await connect(listener.getSockName(), { runtime });
    const [b] = await listener.accept();
    const f = framed(a, lines(), own);
    const late = f.recvMany({ timeoutMs: 1_000 });
    late.catch(() => {});
    clock.advance(1_000);
    if (!("clock" in own)) await late.catch(() => {});
    const next = f.recv();
    await assert.rejects(late, { code: "ETIMEDOUT", op: "recvMany" });
    b.trySend("a\n");
    assert.equal(await next, "a");
    await Promise.all([f.close(), b.close(), listener.close()]);
  }
});

/** A stream whose `recv` has settled already when the test aborts. */
class RacingStream extends MemoryStream {
  give: (chunk: Bytes | null) => void = () => {};

  override recv(): Promise<Bytes | null> {
    return new Promise((resolve) => this.give = resolve);
  }
}

test("a chunk that was on its way when the call was aborted comes first", async () => {
  const stream = new RacingStream();
  const f = framed(stream, lines());
  const controller = new AbortController();
  const cut = f.recv({ signal: controller.signal });
  stream.give(utf8("a\n"));
  stream.arrive("b\n");
  controller.abort("enough");
  const next = f.recv();
  assert.equal(await cut.catch((reason) => reason), "enough");
  assert.deepEqual([await next, await f.recv()], ["a", "b"]);
});

test("release gives a chunk that was on its way when a receive was aborted", async () => {
  for (const [text, rest] of [["a\nb", "b:a\nb"], [null, "b:x"]] as const) {
    const stream = new RacingStream();
    const f = framed(stream, lines(), { rest: utf8(text === null ? "x" : "") });
    const controller = new AbortController();
    const cut = f.recv({ signal: controller.signal });
    controller.abort("enough");
    const released = f.release();
    stream.give(text === null ? null : utf8(text));
    assert.equal(await cut.catch((reason) => reason), "enough");
    assert.equal(show((await released).rest), rest);
  }
});

test("what a stream fails with comes after the receive that was cut short", async () => {
  const stream = new MemoryStream();
  const f = framed(stream, lines());
  const controller = new AbortController();
  const cut = f.recv({ signal: controller.signal });
  stream.arrive(new Error("reset"));
  controller.abort("enough");
  const next = f.recv();
  const reason = await cut.catch((reason) => reason);
  if (reason === "enough") await assert.rejects(next, { message: "reset" });
  else assert.equal((reason as Error).message, "reset");
  await assert.rejects(f.recv(), { message: "reset" });
  await assert.rejects(next, { message: "reset" });
});

test("a receive that must not wait is EAGAIN at once and holds nobody up", async () => {
  const stream = new MemoryStream();
  const f = framed(stream, lines());
  const none = f.recv({ timeoutMs: 0 });
  const next = f.recv();
  await assert.rejects(none, { code: "EAGAIN", op: "recv" });
  stream.arrive("a\n");
  assert.equal(await next, "a");
  stream.arrive("b\n");
  assert.equal(await f.recv({ timeoutMs: 0 }), "b");
});

test("options that close the socket while they are read make EBADF, not an end", async () => {
  const calls: ((f: Lines, options: object) => Promise<unknown>)[] = [
    (f, options) => f.recv(options),
    (f, options) => f.recvMany(options),
    (f, options) => f.send("a", options),
    (f, options) => f.sendMany(["a"], options),
    (f, options) => f.flush(options),
    (f, options) => f.release(options),
  ];
  for (const call of calls) {
    const stream = new MemoryStream();
    const f = framed(stream, lines());
    const options = {
      get timeoutMs(): number {
        void f.close();
        return 1_000;
      },
    };
    await assert.rejects(call(f, options), { code: "EBADF" });
    assert.deepEqual(stream.writes, []);
  }
});

/** A stream whose wire is stopped until `open`. */
function stopped(): { stream: MemoryStream; peer: MemoryStream; open(): void } {
  const [stream, peer] = memoryPair();
  let open = (): void => {};
  stream.wire = new Promise((resolve) => open = resolve);
  return { stream, peer, open: () => open() };
}

test("an aborted release is over in that turn, and nothing is lost", async () => {
  for (const isEarly of [true, false]) {
    const { stream, peer, open } = stopped();
    const f = framed(stream, lines());
    await f.send("a");
    const controller = new AbortController();
    const { signal } = controller;
    const next: Promise<unknown>[] = [];
    const listen = () =>
      signal.addEventListener("abort", () => {
        next.push(f.send("b"), f.recv());
      });
    if (isEarly) listen();
    const cut = f.release({ signal });
    await assert.rejects(f.recv(), { code: "EBADF" });
    await assert.rejects(f.send("never"), { code: "EBADF" });
    if (!isEarly) listen();
    controller.abort("enough");
    assert.equal(await cut.catch((reason) => reason), "enough");
    open();
    stream.arrive("c\n");
    assert.deepEqual(await Promise.all(next), [undefined, "c"]);
    await f.flush();
    const got = framed(peer, lines());
    assert.deepEqual([await got.recv(), await got.recv()], ["a", "b"]);
    assert.equal((await f.release()).stream, stream);
  }
});

test("a late release is over in the turn of its deadline", async () => {
  const clock = new FakeClock();
  const { stream } = stopped();
  const f = framed(stream, lines(), { clock });
  await f.send("a");
  const late = f.release({ timeoutMs: 50 });
  clock.advance(50);
  const next = f.send("b");
  await assert.rejects(late, { code: "ETIMEDOUT", op: "release" });
  await next;
  await assert.rejects(f.release({ timeoutMs: 0 }), { code: "EAGAIN" });
  await f.send("c");
  const closed = f.close({ lingerMs: 0 });
  clock.advance(0);
  await closed;
});

test("a release whose flush fails says so, and the socket stays", async () => {
  const [stream] = memoryPair();
  stream.wire = Promise.reject(new Error("broken"));
  stream.wire.catch(() => {});
  const f = framed(stream, lines());
  await f.send("a");
  await assert.rejects(f.release(), { message: "broken" });
  await assert.rejects(f.release(), { message: "broken" });
  stream.arrive("x\n");
  assert.equal(await f.recv(), "x");
  await f.close();
});

test("a second release is EBADF, and close ends the one under way", async () => {
  const { stream, open } = stopped();
  const f = framed(stream, lines());
  await f.send("a");
  const first = f.release();
  await assert.rejects(f.release(), { code: "EBADF" });
  const closed = f.close();
  await assert.rejects(first, { code: "EBADF", op: "release" });
  open();
  await closed;
  assert.equal(stream.isClosed, true);
});

test("memory of a send that was cut short may be reused at once", async () => {
  for (const size of [16_384, 40_000]) {
    const { stream, peer, open } = stopped();
    const f = framed(stream, lengthPrefixed());
    await f.send("first");
    const flushed = f.flush();
    const payload = new Uint8Array(size).fill(1);
    const controller = new AbortController();
    const { signal } = controller;
    const sends = [
      f.send(payload, { signal }),
      f.sendMany([payload, payload], { timeoutMs: 1_000, signal }),
    ];
    controller.abort("enough");
    for (const each of sends) await each.catch(() => {});
    payload.fill(2);
    open();
    await flushed;
    await f.flush();
    const frames = await framed(peer, lengthPrefixed()).recvMany();
    assert.equal(frames?.length, 4);
    for (const frame of frames.slice(1)) {
      assert.ok(frame.every((byte) => byte === 1), "reused memory was sent");
    }
  }
});

test("close rejects what was not sent, and gives memory back when it is free", async () => {
  const { stream, open } = stopped();
  const f = framed(stream, lengthPrefixed(), { highWaterMark: 10 });
  const large = new Uint8Array(16_384);
  const settled: string[] = [];
  const watch = (name: string, sent: Promise<void>) =>
    sent.then(() => settled.push(name), (error) => {
      settled.push(`${name} ${error.code}`);
    });
  const first = watch("first", f.send(large));
  const flushed = watch("flush", f.flush());
  const second = watch("second", f.send(large));
  // The kernel takes what it was given, after all; close() gave up long ago.
  await f.close({ lingerMs: 1 });
  await second;
  assert.deepEqual(settled, ["second EBADF"]);
  stream.isClosed = false;
  open();
  await Promise.all([first, flushed]);
  assert.deepEqual(settled, ["second EBADF", "first", "flush"]);
  assert.equal(stream.writes.length, 1);
});

test("messages that send while they are taken cost none and break none", async () => {
  const [a, b] = memoryPair();
  const f = framed(a, lines(), { highWaterMark: 20 });
  function* chatty(): Generator<string> {
    yield "one";
    void f.send("between");
    void f.flush();
    yield "two";
    void f.recv();
    yield "x".repeat(100);
  }
  await f.sendMany(chatty());
  function* failing(): Generator<string> {
    yield "never";
    void f.send("kept");
    throw new Error("no more");
  }
  await assert.rejects(f.sendMany(failing()), { message: "no more" });
  await f.flush();
  const got = await framed(b, lines()).recvMany();
  assert.deepEqual(got?.sort(), [
    "between",
    "kept",
    "one",
    "two",
    "x".repeat(100),
  ]);
});
