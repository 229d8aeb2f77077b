import assert from "node:assert/strict";
import {
  fixedLength,
  framed,
  jsonLines,
  lengthPrefixed,
  lines,
  netstring,
  untilEof,
} from "../../src/framing/mod.ts";
import { test } from "../harness.ts";
import { foreign } from "./codec_cases.ts";
import { memoryPair, MemoryStream } from "./memory_stream.ts";
import { show, utf8 } from "./support.ts";

const turn = (): Promise<void> => new Promise((done) => setImmediate(done));

/** A wire that a test opens by hand. */
function gate(): { wire: Promise<void>; open: () => void } {
  let open = (): void => {};
  const wire = new Promise<void>((resolve) => open = resolve);
  return { wire, open };
}

test("recv gives frame after frame and null when the stream ends", async () => {
  const stream = new MemoryStream();
  const f = framed(stream, lines());
  stream.arrive("one\ntw", "o\nthr", "ee", null);
  assert.equal(await f.recv(), "one");
  assert.equal(await f.recv(), "two");
  assert.equal(await f.recv(), "three");
  for (let i = 0; i < 3; i++) assert.equal(await f.recv(), null);
});

test("recvMany collects a megabyte at most", async () => {
  const stream = new MemoryStream();
  const quarter = new Uint8Array(262_144);
  stream.arrive(...Array.from({ length: 9 }, () => quarter));
  const f = framed(stream, fixedLength(65_536));
  assert.equal((await f.recvMany())?.length, 16);
  assert.equal((await f.recvMany())?.length, 16);
  assert.equal((await f.recvMany())?.length, 4);
});

test("recv waits when no frame is complete", async () => {
  const stream = new MemoryStream();
  const f = framed(stream, netstring());
  stream.arrive("5:he");
  const frame = f.recv();
  await turn();
  stream.arrive("ll");
  await turn();
  stream.arrive("o,");
  assert.equal(show(await frame), "b:hello");
});

test("recvMany gives every frame that is here and waits for one at least", async () => {
  const stream = new MemoryStream();
  const f = framed(stream, lines());
  stream.arrive("a\nb\nc", "\nd\n", "e");
  assert.deepEqual(await f.recvMany(), ["a", "b", "c", "d"]);
  const more = f.recvMany();
  stream.arrive("\nf\ng");
  assert.deepEqual(await more, ["e", "f"]);
  stream.arrive(null);
  assert.deepEqual(await f.recvMany(), ["g"]);
  assert.equal(await f.recvMany(), null);
});

test("breaking out of for await loses no frame and closes nothing", async () => {
  const stream = new MemoryStream();
  const f = framed(stream, lines());
  stream.arrive("a\nb\nc\nd\ne\n", null);
  for await (const line of f) {
    if (line === "b") break;
  }
  assert.equal(await f.recv(), "c");
  for await (const batch of f.batches()) {
    assert.deepEqual(batch, ["d", "e"]);
  }
  assert.equal(stream.isClosed, false);
});

test("a left iterator is done, another goes on", async () => {
  const stream = new MemoryStream();
  const f = framed(stream, lines());
  stream.arrive("a\nb\n");
  const iterator = f[Symbol.asyncIterator]();
  assert.deepEqual(await iterator.next(), { done: false, value: "a" });
  await iterator.return?.();
  assert.deepEqual(await iterator.next(), { done: true, value: undefined });
  assert.equal(await f.recv(), "b");
});

test("frames ahead of an error come first, then the error, again and again", async () => {
  const stream = new MemoryStream();
  const f = framed(stream, netstring());
  stream.arrive("1:a,1:b,x");
  assert.equal(show(await f.recv()), "b:a");
  assert.deepEqual((await f.recvMany())?.map(show), ["b:b"]);
  for (let i = 0; i < 2; i++) {
    await assert.rejects(f.recv(), { name: "CorruptFrameError" });
    await assert.rejects(f.recvMany(), { name: "CorruptFrameError" });
  }
});

test("the stream's error comes behind the frames it brought", async () => {
  const stream = new MemoryStream();
  const f = framed(stream, lines());
  stream.arrive("a\nb", new Error("reset"));
  assert.deepEqual(await f.recvMany(), ["a"]);
  await assert.rejects(f.recv(), { message: "reset" });
  await assert.rejects(f.recv(), { message: "reset" });
});

test("an end within a frame is IncompleteFrameError with its bytes", async () => {
  const stream = new MemoryStream();
  const f = framed(stream, netstring());
  stream.arrive("1:a,3:b", null);
  assert.equal(show(await f.recv()), "b:a");
  const error = await f.recv().catch((error) => error);
  assert.equal(error.name, "IncompleteFrameError");
  assert.equal(show(error.partial), "b:3:b");
  await assert.rejects(f.recv(), { name: "IncompleteFrameError" });
});

test("an over-long frame rejects before its bytes have come", async () => {
  const stream = new MemoryStream();
  const f = framed(stream, lengthPrefixed({ header: "u32" }));
  stream.arrive(Uint8Array.of(0xff, 0xff, 0xff, 0xff));
  await assert.rejects(f.recv(), {
    name: "FrameTooLongError",
    limit: 1_048_576,
    seen: 0xffffffff,
  });
});

test("an aborted or late recv loses no frame", async () => {
  const stream = new MemoryStream();
  const f = framed(stream, lines());
  stream.arrive("he");
  const controller = new AbortController();
  const aborted = f.recv({ signal: controller.signal });
  await turn();
  const reason = new Error("enough");
  controller.abort(reason);
  await assert.rejects(aborted, reason);
  await assert.rejects(f.recv({ timeoutMs: 1 }), { code: "ETIMEDOUT" });
  stream.arrive("llo\nwor");
  await assert.rejects(f.recv({ signal: controller.signal }), reason);
  assert.equal(await f.recv({ timeoutMs: 1_000 }), "hello");
  await assert.rejects(f.recvMany({ timeoutMs: 1 }), { code: "ETIMEDOUT" });
  stream.arrive("ld\n");
  assert.equal(await f.recv(), "world");
});

test("one deadline holds for all the chunks of a frame", async () => {
  let now = 0;
  const clock = {
    now: () => now,
    start: () => assert.fail("recv leaves the timers to the stream"),
  };
  const stream = new MemoryStream();
  const asked: (number | null | undefined)[] = [];
  const recv = stream.recv.bind(stream);
  stream.recv = (options) => {
    asked.push(options?.timeoutMs);
    now += 40;
    return recv(options);
  };
  const f = framed(stream, lines(), { clock });
  const line = f.recv({ timeoutMs: 1_000 });
  for (const part of ["a", "b", "\n"]) {
    stream.arrive(part);
    await turn();
  }
  assert.equal(await line, "ab");
  assert.deepEqual(asked, [1_000, 960, 920]);
});

test("a second receiver is rejected with EBUSY and the first goes on", async () => {
  const stream = new MemoryStream();
  const f = framed(stream, lines());
  const first = f.recv();
  const busy = { name: "SocketError", code: "EBUSY" };
  await assert.rejects(f.recv(), { ...busy, op: "recv" });
  await assert.rejects(f.recvMany(), { ...busy, op: "recvMany" });
  await assert.rejects(f[Symbol.asyncIterator]().next(), busy);
  await assert.rejects(f.release(), { ...busy, op: "release" });
  stream.arrive("a\n");
  assert.equal(await first, "a");
});

test("misuse of waiting options rejects with TypeError and RangeError", async () => {
  const f = framed(new MemoryStream(), lines());
  await assert.rejects(f.recv({ timeoutMs: NaN }), RangeError);
  await assert.rejects(f.recv({ timeoutMs: -1 }), RangeError);
  await assert.rejects(f.send("a", { timeoutMs: "1" as never }), TypeError);
  assert.throws(
    () => framed(new MemoryStream(), lines(), { highWaterMark: 0 }),
    RangeError,
  );
});

const NO_STREAMS: [string, unknown, RegExp][] = [
  ["nothing", undefined, /tryRecv.*recv.*trySend.*sendAll.*close/],
  ["a promise of one", Promise.resolve(new MemoryStream()), /tryRecv/],
  ["a codec", lines(), /tryRecv.*recv/],
  [
    "a stream without sendAll",
    Object.assign(new MemoryStream(), { sendAll: undefined }),
    /lacks sendAll\(\)$/,
  ],
];

for (const [name, stream, message] of NO_STREAMS) {
  test(`framed throws TypeError when it is given ${name} for a stream`, () => {
    const make = () => framed(stream as MemoryStream, lines());
    assert.throws(make, { name: "TypeError", message });
  });
}

const NO_CODECS: [string, unknown, RegExp][] = [
  ["nothing", undefined, /decoder\(\).*encoder\(\)/],
  ["a codec that was not made", lines, /decoder\(\).*encoder\(\)/],
  ["a decoder", lines().decoder(), /decoder\(\).*encoder\(\)/],
  [
    "half a codec",
    { decoder: () => lines().decoder() },
    /lacks encoder\(\)$/,
  ],
  [
    "a codec whose encoder cannot write",
    { ...lines(), encoder: () => ({ encode: String }) },
    /lacks encodeInto\(\)$/,
  ],
  [
    "a codec whose decoder takes nothing",
    { ...lines(), decoder: () => ({ end: () => [] }) },
    /lacks push\(\)$/,
  ],
];

for (const [name, codec, message] of NO_CODECS) {
  test(`framed throws TypeError when it is given ${name} for a codec`, () => {
    const make = () => framed(new MemoryStream(), codec as never);
    assert.throws(make, { name: "TypeError", message });
  });
}

test("framed throws TypeError for options of the wrong kind", () => {
  const options = [
    { rest: "text" },
    { rest: null },
    { rest: [1] },
    { highWaterMark: "9" },
    { clock: null },
    { clock: { now: () => 0 } },
    { clock: Date },
  ];
  for (const each of options) {
    const make = () => framed(new MemoryStream(), lines(), each as never);
    assert.throws(make, { name: "TypeError" }, JSON.stringify(each));
  }
});

test("sends of a turn leave in one write when the turn ends", async () => {
  const [a, b] = memoryPair();
  const f = framed(a, lines());
  for (const line of ["a", "b", "c"]) await f.send(line);
  assert.deepEqual(a.writes, []);
  await turn();
  assert.deepEqual(a.writes, [[6]]);
  assert.deepEqual(await framed(b, lines()).recvMany(), ["a", "b", "c"]);
});

test("sends made while frames are in hand leave when reading runs dry", async () => {
  const [a, b] = memoryPair();
  const server = framed(b, lines());
  b.arrive("1\n2\n", "3\n4");
  const echo = (async () => {
    for await (const line of server) {
      assert.deepEqual(b.writes, []);
      await server.send(line);
      if (line === "4") break;
    }
  })();
  // Microtasks only: the turn has not ended, but the reading side is dry.
  for (let i = 0; i < 50; i++) await null;
  assert.deepEqual(b.writes.splice(0), [[6]]);
  b.arrive("\n");
  await echo;
  await server.flush();
  assert.deepEqual(b.writes, [[2]]);
  assert.deepEqual(await framed(a, lines()).recvMany(), ["1", "2", "3", "4"]);
});

test("sends leave at the mark and settle when fewer bytes wait", async () => {
  const [a] = memoryPair();
  const { wire, open } = gate();
  a.wire = wire;
  const f = framed(a, lines(), { highWaterMark: 10 });
  const settled: string[] = [];
  const watch = (name: string, sent: Promise<void>) =>
    void sent.then(() => settled.push(name));
  watch("first", f.send("1234"));
  watch("second", f.send("5678"));
  watch("third", f.send("9"));
  for (let i = 0; i < 20; i++) await null;
  assert.deepEqual(a.writes, [[10]]);
  assert.deepEqual(settled, ["first"]);
  open();
  await f.flush();
  assert.deepEqual(a.writes, [[10], [2]]);
  assert.deepEqual(settled.sort(), ["first", "second", "third"]);
});

test("what is sent during a write makes the next one, in order", async () => {
  const [a, b] = memoryPair();
  const first = gate();
  a.wire = first.wire;
  const f = framed(a, lines());
  void f.send("a");
  const flushed = f.flush();
  for (const line of ["b", "c"]) void f.send(line);
  await turn();
  assert.deepEqual(a.writes, [[2]]);
  first.open();
  await flushed;
  await f.flush();
  assert.deepEqual(a.writes, [[2], [4]]);
  assert.deepEqual(await framed(b, lines()).recvMany(), ["a", "b", "c"]);
});

test("send encodes before it returns, so the message may be reused", async () => {
  const [a, b] = memoryPair();
  const f = framed(a, netstring());
  const message = utf8("first");
  const sent = f.send(message);
  message.fill(0x78);
  await sent;
  await f.flush();
  assert.equal(show(await framed(b, netstring()).recv()), "b:first");
});

test("a payload of 16 KiB goes by reference and settles when written", async () => {
  const [a, b] = memoryPair();
  const { wire, open } = gate();
  a.wire = wire;
  const f = framed(a, lengthPrefixed());
  const large = new Uint8Array(16_384).fill(7);
  let isSettled = false;
  await f.send("small");
  const sent = f.send(large).then(() => isSettled = true);
  await f.send("behind");
  await turn();
  assert.deepEqual(a.writes, [[13, 16_384, 10]]);
  assert.equal(isSettled, false);
  open();
  await sent;
  const sizes = (await framed(b, lengthPrefixed()).recvMany())
    ?.map((frame) => frame.length);
  assert.deepEqual(sizes, [5, 16_384, 6]);
});

test("sendMany sends all, or none when one cannot be encoded", async () => {
  const [a, b] = memoryPair();
  const f = framed(a, lines());
  await f.send("before");
  await assert.rejects(f.sendMany(["a", "b\n", "c"]), TypeError);
  await assert.rejects(f.send("x\ny"), TypeError);
  await f.sendMany(new Set(["d", "e"]));
  await f.flush();
  assert.deepEqual(a.writes, [[11]]);
  const received = await framed(b, lines()).recvMany();
  assert.deepEqual(received, ["before", "d", "e"]);
});

test("sendMany of much leaves in pieces of memory, all or none of it", async () => {
  const [a, b] = memoryPair();
  const f = framed(a, netstring());
  const messages = Array.from({ length: 500 }, () => new Uint8Array(1_000));
  await f.send("before");
  await assert.rejects(f.sendMany([...messages, 7 as never]), TypeError);
  await f.send("between");
  await f.sendMany(messages);
  await f.send("behind");
  await f.flush();
  const [sizes = [], last] = a.writes;
  const pieces = [...sizes].sort((x, y) => y - x);
  assert.ok(pieces.length > 5 && (pieces[0] ?? 0) < 70_000, `${pieces}`);
  assert.deepEqual(last, [9]);
  const frames = (await framed(b, netstring()).recvMany())?.map((frame) =>
    frame.length
  );
  assert.deepEqual(frames, [6, 7, ...messages.map(() => 1_000), 6]);
});

test("a failed write rejects waiting sends, the next send and every flush", async () => {
  const [a] = memoryPair();
  const { wire, open } = gate();
  a.wire = wire.then(() => {
    throw new Error("broken");
  });
  a.wire.catch(() => {});
  const f = framed(a, lines(), { highWaterMark: 4 });
  const full = f.send("abcdef");
  const flushed = f.flush();
  open();
  await assert.rejects(full, { message: "broken" });
  await assert.rejects(flushed, { message: "broken" });
  await assert.rejects(f.send("x"), { message: "broken" });
  await assert.rejects(f.sendMany(["x"]), { message: "broken" });
  await assert.rejects(f.flush(), { message: "broken" });
  assert.deepEqual(a.writes, [[7]]);
  await f.close();
});

test("an aborted or late flush and send leave their messages in the queue", async () => {
  const [a, b] = memoryPair();
  const { wire, open } = gate();
  a.wire = wire;
  const f = framed(a, lines(), { highWaterMark: 4 });
  await assert.rejects(f.send("abcdef", { timeoutMs: 1 }), {
    code: "ETIMEDOUT",
    op: "send",
  });
  const reason = new Error("enough");
  const controller = new AbortController();
  const flushed = f.flush({ signal: controller.signal });
  controller.abort(reason);
  await assert.rejects(flushed, reason);
  await assert.rejects(f.send("never", { signal: controller.signal }), reason);
  open();
  await f.flush();
  assert.deepEqual(await framed(b, lines()).recvMany(), ["abcdef"]);
});

test("a sender that awaits never has more than the mark and one message waiting", async () => {
  const [a, b] = memoryPair();
  const f = framed(a, lengthPrefixed(), { highWaterMark: 1_000 });
  const sink = framed(b, lengthPrefixed());
  for (let i = 0; i < 500; i++) await f.send(new Uint8Array(96));
  await f.flush();
  const largest = Math.max(...a.writes.flat());
  assert.ok(largest <= 1_100, `${largest} bytes in one write`);
  assert.equal((await sink.recvMany())?.length, 500);
});

test("release flushes, and gives the stream and the bytes behind the last frame", async () => {
  const [a, b] = memoryPair();
  const client = framed(a, lines());
  b.arrive("EHLO\nSTARTTLS\n\x16\x03\x01\n\xff");
  const server = framed(b, lines());
  assert.equal(await server.recv(), "EHLO");
  assert.equal(await server.recv(), "STARTTLS");
  await server.send("220 go ahead");
  const { stream, rest } = await server.release();
  assert.equal(stream, b);
  assert.equal(show(rest), `b:\x16\x03\x01\n${"\xc3\xbf"}`);
  assert.equal(await client.recv(), "220 go ahead");
  const closed = { name: "SocketError", code: "EBADF" };
  await assert.rejects(server.recv(), closed);
  await assert.rejects(server.send("x"), closed);
  await assert.rejects(server.flush(), closed);
  await assert.rejects(server.release(), closed);
});

test("release takes frames with it that were decoded and not received", async () => {
  for (const codec of [netstring(), foreign(netstring())]) {
    const stream = new MemoryStream();
    const f = framed(stream, codec);
    stream.arrive("1:a,1:b", ",1:c,2:d");
    assert.equal(show(await f.recv()), "b:a");
    assert.equal(show(await f.recv()), "b:b");
    const { rest } = await f.release();
    assert.equal(show(rest), "b:1:c,2:d");
    const again = framed(stream, jsonLines(), { rest: utf8("[1]\n{}") });
    assert.deepEqual(await again.recvMany(), [[1]]);
    stream.arrive("\n");
    assert.deepEqual(await again.recv(), {});
  }
});

test("release with nothing received behind gives no bytes", async () => {
  for (const codec of [netstring(), foreign(netstring())]) {
    const stream = new MemoryStream();
    const f = framed(stream, codec);
    assert.equal((await f.release()).rest.length, 0);
  }
});

test("close flushes, closes once and rejects what follows with EBADF", async () => {
  const [a, b] = memoryPair();
  const f = framed(a, lines());
  await f.send("bye");
  const pending = f.recv();
  const rejected = assert.rejects(pending, { code: "EBADF" });
  await Promise.all([f.close({ lingerMs: 500 }), f.close()]);
  await rejected;
  assert.ok(a.lingerMs !== undefined && a.lingerMs <= 500);
  const peer = framed(b, lines());
  assert.deepEqual([await peer.recv(), await peer.recv()], ["bye", null]);
  await assert.rejects(f.send("x"), { code: "EBADF", op: "send" });
  await assert.rejects(f.recv(), { code: "EBADF", op: "recv" });
});

test("a second close settles with the first, and one after release does nothing", async () => {
  const [a] = memoryPair();
  const { wire, open } = gate();
  a.wire = wire;
  const f = framed(a, lines());
  await f.send("bye");
  const first = f.close();
  let isSettled = false;
  const second = f.close().then(() => isSettled = true);
  await turn();
  assert.equal(isSettled, false);
  open();
  await Promise.all([first, second]);
  assert.equal(a.isClosed, true);
  const [b] = memoryPair();
  const g = framed(b, lines());
  await g.release();
  await g.close();
  assert.equal(b.isClosed, false);
});

test("close gives up on a peer that takes nothing when the time is up", async () => {
  const [a] = memoryPair();
  a.wire = new Promise(() => {});
  const f = framed(a, lines());
  await f.send("stuck");
  await f.close({ lingerMs: 5 });
  assert.equal(a.isClosed, true);
});

test("untilEof gives one message when the peer is done", async () => {
  const stream = new MemoryStream();
  const f = framed(stream, untilEof());
  stream.arrive("one ", "message", null);
  assert.equal(show(await f.recv()), "b:one message");
  assert.equal(await f.recv(), null);
});

test("a foreign decoder's error comes without more bytes", async () => {
  const stream = new MemoryStream();
  const f = framed(stream, foreign(netstring()));
  stream.arrive("1:a,x");
  assert.equal(show(await f.recv()), "b:a");
  await assert.rejects(f.recv(), { name: "CorruptFrameError" });
});

test("a dropped frame is skipped and the next one comes", async () => {
  const stream = new MemoryStream();
  const f = framed(stream, lines({ maxLength: 3, onOversize: "discard" }));
  stream.arrive("abcd\nab\nabc", "d");
  assert.equal(await f.recv(), "ab");
  stream.arrive("efg\nx\n");
  assert.equal(await f.recv(), "x");
});
