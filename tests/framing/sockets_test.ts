/** `framed` over the sockets of the runtime that runs the test. */

import assert from "node:assert/strict";
import {
  connect,
  fromStreams,
  listen,
  SHUT_WR,
  type StreamSocket,
} from "../../mod.ts";
import {
  framed,
  type FramedSocket,
  lengthPrefixed,
  lines,
  netstring,
} from "../../src/framing/mod.ts";
import { test } from "../harness.ts";
import { show, utf8 } from "./support.ts";

type Message = Uint8Array | string;

async function withPair(
  fn: (client: StreamSocket, server: StreamSocket) => Promise<void>,
): Promise<void> {
  const listener = await listen("127.0.0.1:0");
  const client = await connect(listener.getSockName());
  const [server] = await listener.accept();
  try {
    await fn(client, server);
  } finally {
    await Promise.all([client.close(), server.close(), listener.close()]);
  }
}

/** Messages of all sizes, by reference too, and what they hold. */
function message(index: number): Uint8Array {
  const size = [0, 1, 31, 1_000, 20_000, 100_000][index % 6]! + index;
  return new Uint8Array(size).fill(index);
}

function checkMessage(frame: Uint8Array, index: number): void {
  const want = message(index);
  assert.equal(frame.length, want.length, `the length of message ${index}`);
  assert.ok(frame.every((byte) => byte === (index & 0xff)));
}

async function echo(f: FramedSocket<Uint8Array, Message>): Promise<void> {
  for await (const frame of f) await f.send(frame);
  await f.close();
}

async function echoBatches(
  f: FramedSocket<Uint8Array, Message>,
): Promise<void> {
  for await (const frames of f.batches()) await f.sendMany(frames);
  await f.close();
}

for (const serve of [echo, echoBatches]) {
  test(`framed ${serve.name} gives back 300 pipelined messages over TCP`, async () => {
    await withPair(async (client, server) => {
      const served = serve(framed(server, lengthPrefixed()));
      const f = framed(client, lengthPrefixed());
      const sending = (async () => {
        for (let i = 0; i < 300; i++) await f.send(message(i));
        await f.flush();
      })();
      for (let i = 0; i < 300; i++) {
        const frame = await f.recv();
        assert.ok(frame);
        checkMessage(frame, i);
      }
      await sending;
      await f.close();
      await served;
    });
  });
}

test("framed sends 4,000 small messages over TCP, in order", async () => {
  await withPair(async (client, server) => {
    const f = framed(client, lines());
    const texts = Array.from({ length: 4_000 }, (_, i) => `line ${i}`);
    for (const text of texts) await f.send(text);
    const received: string[] = [];
    const peer = framed(server, lines());
    while (received.length < texts.length) {
      received.push(...await peer.recvMany() ?? assert.fail("it ended"));
    }
    assert.deepEqual(received, texts);
  });
});

test("back-pressure reaches the sender when the peer reads nothing", async () => {
  await withPair(async (client, server) => {
    const f = framed(client, netstring());
    const chunk = new Uint8Array(60_000);
    let sent = 0;
    let isBlocked = false;
    // More than all the buffers between the two can hold.
    for (; sent < 2_000 && !isBlocked; sent++) {
      isBlocked = await f.send(chunk, { timeoutMs: 300 }).then(
        () => false,
        (error) => error.code === "ETIMEDOUT",
      );
    }
    assert.ok(isBlocked, `${sent} messages of 60,000 bytes were taken`);
    const peer = framed(server, netstring());
    const flushed = f.flush();
    for (let i = 0; i < sent; i++) {
      assert.equal((await peer.recv())?.length, chunk.length);
    }
    await flushed;
  });
});

test("an aborted recv loses no frame over TCP", async () => {
  await withPair(async (client, server) => {
    const f = framed(client, netstring());
    await server.sendAll("5:he");
    await assert.rejects(f.recv({ timeoutMs: 20 }), { code: "ETIMEDOUT" });
    const reason = new Error("enough");
    const controller = new AbortController();
    const pending = f.recv({ signal: controller.signal });
    controller.abort(reason);
    await assert.rejects(pending, reason);
    await server.sendAll("llo,");
    assert.equal(show(await f.recv()), "b:hello");
  });
});

test("release gives the socket back in the middle of a protocol over TCP", async () => {
  await withPair(async (client, server) => {
    const f = framed(client, lines());
    await server.sendAll("HTTP/1.1 101\r\n\r\n\x00\x02hi\x00\x03");
    assert.equal(await f.recv(), "HTTP/1.1 101");
    assert.equal(await f.recv(), "");
    await f.send("GO");
    const { stream, rest } = await f.release();
    assert.equal(stream, client);
    assert.equal(show(await server.recvUntil("\n")), "b:GO");
    const g = framed(stream, lengthPrefixed({ header: "u16" }), { rest });
    assert.equal(show(await g.recv()), "b:hi");
    await stream.sendAll("raw");
    assert.equal(show(await server.recvExactly(3)), "b:raw");
    await server.sendAll("abc");
    assert.equal(show(await g.recv()), "b:abc");
  });
});

test("a peer's end gives null, and in the middle of a frame an error", async () => {
  await withPair(async (client, server) => {
    await server.sendAll("1:a,2:b");
    await server.shutdown(SHUT_WR);
    const f = framed(client, netstring());
    assert.equal(show(await f.recv()), "b:a");
    await assert.rejects(f.recv(), { name: "IncompleteFrameError" });
  });
  await withPair(async (client, server) => {
    const closing = framed(server, netstring()).close();
    assert.equal(await framed(client, netstring()).recv(), null);
    await client.close();
    await closing;
  });
});

test("close of a framed socket delivers what was sent and rejects recv", async () => {
  await withPair(async (client, server) => {
    const f = framed(client, lines());
    for (let i = 0; i < 1_000; i++) void f.send(`${i}`);
    const pending = assert.rejects(f.recv(), { code: "EBADF" });
    const received: string[] = [];
    const reading = (async () => {
      for await (const line of framed(server, lines())) received.push(line);
      await server.close();
    })();
    await f.close();
    await pending;
    await reading;
    assert.equal(received.length, 1_000);
    assert.equal(client.isClosed, true);
  });
});

/** The ways in which a program ends the stream below. */
const ENDS: Readonly<Record<string, (socket: StreamSocket) => Promise<void>>> =
  {
    close: (socket) => socket.close(),
    "await using": (socket) => socket[Symbol.asyncDispose](),
    shutdown: (socket) => socket.shutdown(SHUT_WR),
  };

const LONG = lines({ maxLength: 4_000_000 });

async function linesOf(socket: StreamSocket): Promise<string[]> {
  const received: string[] = [];
  for await (const line of framed(socket, LONG)) received.push(line);
  return received;
}

for (const [way, end] of Object.entries(ENDS)) {
  test(`${way} of the socket delivers what framed has taken`, async () => {
    await withPair(async (client, server) => {
      const receiving = linesOf(server);
      const f = framed(client, LONG);
      await f.send("good");
      await f.send("bye");
      await end(client);
      assert.deepEqual(await receiving, ["good", "bye"]);
    });
  });

  test(`${way} of the socket delivers what framed writes later`, async () => {
    await withPair(async (client, server) => {
      const receiving = linesOf(server);
      const f = framed(client, LONG);
      const sending = f.send("x".repeat(3_000_000));
      void f.flush();
      const behind = f.send("bye");
      await end(client);
      const received = await receiving;
      assert.deepEqual(received.map(({ length }) => length), [3_000_000, 3]);
      await Promise.all([sending, behind]);
    });
  });
}

test("framed works over web streams, chunk by chunk", async () => {
  const written: string[] = [];
  const decoder = new TextDecoder();
  const readable = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      for (const part of ["one\ntw", "o\n", "three"]) {
        controller.enqueue(utf8(part));
      }
      controller.close();
    },
  });
  const writable = new WritableStream<Uint8Array>({
    write: (chunk) => void written.push(decoder.decode(chunk)),
  });
  const f = framed(fromStreams({ readable, writable }), lines());
  const received: string[] = [];
  for await (const line of f) {
    received.push(line);
    await f.send(line.toUpperCase());
  }
  await f.close();
  assert.deepEqual(received, ["one", "two", "three"]);
  assert.equal(written.join(""), "ONE\nTWO\nTHREE\n");
});
