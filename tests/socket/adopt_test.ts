/** Sockets over connections that the program got elsewhere, and given back. */

import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import process from "node:process";
import { SHUT_WR } from "../../src/constants.ts";
import { SocketError } from "../../src/errors.ts";
import {
  connect,
  fromBunSocket,
  fromDenoConn,
  fromNodeSocket,
  fromStreams,
  listen,
  type Listener,
  type StreamSocket,
} from "../../src/socket/mod.ts";
import { test } from "../harness.ts";

const runtime = "Deno" in globalThis
  ? "deno"
  : process.versions["bun"] !== undefined
  ? "bun"
  : "node";

/** A listener, for as long as `use` needs it; nothing may be left open. */
async function withListener(
  use: (listener: Listener, port: number) => Promise<void>,
): Promise<void> {
  const listener = await listen("127.0.0.1:0");
  try {
    await use(listener, (listener.getSockName() as { port: number }).port);
  } finally {
    await listener.close();
  }
}

/** Echoes over `own`, half-closes, and closes both. */
async function exchange(own: StreamSocket, peer: StreamSocket): Promise<void> {
  const text = new TextEncoder().encode("over an adopted connection");
  await pass(own, peer, text);
  const [end] = await Promise.all([peer.recv(), own.shutdown(SHUT_WR)]);
  assert.equal(end, null);
  await pass(peer, own, text);
  await Promise.all([peer.close(), own.close()]);
}

/** Both at once: streams need not hold anything in between. */
async function pass(
  from: StreamSocket,
  to: StreamSocket,
  data: Uint8Array,
): Promise<void> {
  const received = to.recvExactly(data.length);
  await Promise.all([from.sendAll(data), received]);
  assert.deepEqual(await received, data);
}

function nodeClient(port: number): Promise<net.Socket> {
  const socket = net.connect({ host: "127.0.0.1", port });
  return once(socket, "connect").then(() => socket);
}

test("fromNodeSocket sends, receives and half-closes over a net.Socket", () =>
  withListener(async (listener, port) => {
    const own = fromNodeSocket(await nodeClient(port));
    const [peer] = await listener.accept();
    assert.deepEqual(own.getPeerName(), listener.getSockName());
    assert.deepEqual(own.getSockName(), peer.getPeerName());
    await exchange(own, peer);
  }));

test("fromNodeSocket throws when the socket is not connected", () => {
  const socket = new net.Socket();
  assert.throws(
    () => fromNodeSocket(socket),
    (error) => error instanceof SocketError && error.code === "ENOTCONN",
  );
  socket.destroy();
});

test("detach gives a net.Socket back when nothing is in hand", () =>
  withListener(async (listener, port) => {
    const given = await nodeClient(port);
    const own = fromNodeSocket(given);
    const [peer] = await listener.accept();
    const back = own.detach() as net.Socket;
    assert.equal(own.isClosed, true);
    const received = once(back, "data");
    await peer.sendAll("still here");
    const [data] = await received as [Uint8Array];
    assert.equal(new TextDecoder().decode(data), "still here");
    back.end();
    assert.equal(await peer.recv(), null);
    await peer.close();
    if (!back.destroyed) await once(back, "close");
  }));

test("detach is EBUSY when bytes are in hand or a call is pending", () =>
  withListener(async (listener, port) => {
    const own = fromNodeSocket(await nodeClient(port));
    const [peer] = await listener.accept();
    const isBusy = (error: unknown) =>
      error instanceof SocketError && error.code === "EBUSY";
    const pending = own.recvExactly(3);
    assert.throws(() => own.detach(), isBusy);
    await peer.sendAll("abcd");
    await pending;
    assert.throws(() => own.detach(), isBusy);
    assert.deepEqual(await own.recv(), new TextEncoder().encode("d"));
    await Promise.all([own.close(), peer.close()]);
  }));

interface DenoConnect {
  readonly Deno: { connect(options: object): Promise<{ close(): void }> };
}

test(
  "fromDenoConn sends, receives and half-closes over a Deno.Conn",
  () =>
    withListener(async (listener, port) => {
      const { Deno } = globalThis as unknown as DenoConnect;
      const own = fromDenoConn(await Deno.connect({ port }));
      const [peer] = await listener.accept();
      await exchange(own, peer);
    }),
  { skip: runtime !== "deno" && "only Deno has Deno.Conn" },
);

test(
  "detach gives a Deno.Conn back when no read is outstanding",
  () =>
    withListener(async (listener, port) => {
      const { Deno } = globalThis as unknown as DenoConnect;
      const conn = await Deno.connect({ port });
      const own = fromDenoConn(conn);
      const [peer] = await listener.accept();
      await own.sendAll("x");
      assert.equal(own.detach(), conn);
      conn.close();
      await peer.close();
    }),
  { skip: runtime !== "deno" && "only Deno has Deno.Conn" },
);

interface BunConnect {
  readonly Bun: { connect(options: object): Promise<object> };
}

test(
  "fromBunSocket sends, receives and half-closes over a Bun.Socket",
  () =>
    withListener(async (listener, port) => {
      const { Bun } = globalThis as unknown as BunConnect;
      const own = fromBunSocket(
        await Bun.connect({
          hostname: "127.0.0.1",
          port,
          allowHalfOpen: true,
          socket: { data() {} },
        }),
      );
      const [peer] = await listener.accept();
      await exchange(own, peer);
    }),
  { skip: runtime !== "bun" && "only Bun has Bun.Socket" },
);

test("fromStreams gives bytes, the end and back-pressure of web streams", async () => {
  const there = new TransformStream<Uint8Array, Uint8Array>();
  const back = new TransformStream<Uint8Array, Uint8Array>();
  const own = fromStreams({
    readable: back.readable,
    writable: there.writable,
  });
  const peer = fromStreams({
    readable: there.readable,
    writable: back.writable,
  });
  await exchange(own, peer);
});

test("fromStreams raises what the readable failed with", async () => {
  const readable = new ReadableStream<Uint8Array>({
    start: (controller) => controller.error(new Error("torn")),
  });
  const own = fromStreams({ readable, writable: new WritableStream() });
  await assert.rejects(own.recv(), (error) => {
    assert.ok(error instanceof SocketError);
    assert.equal(error.code, "EIO");
    assert.match(String(error.cause), /torn/);
    return true;
  });
  await own.close();
});

test("fromStreams has no address and throws TypeError when a stream is locked", async () => {
  const loop = new TransformStream<Uint8Array, Uint8Array>();
  const own = fromStreams(loop);
  assert.throws(() => own.getPeerName(), SocketError);
  assert.throws(() => fromStreams(loop), TypeError);
  await own.close();
});

test("a socket is a pair of web streams when asked for them", () =>
  withListener(async (listener) => {
    const own = await connect(listener.getSockName());
    const [peer] = await listener.accept();
    const echoed = peer.readable.pipeTo(peer.writable as WritableStream);
    const sent = new Blob(["by way of web streams"]).stream()
      .pipeTo(own.writable as WritableStream);
    let text = "";
    for await (const chunk of own) text += new TextDecoder().decode(chunk);
    await Promise.all([echoed, sent]);
    assert.equal(text, "by way of web streams");
    await Promise.all([own.close(), peer.close()]);
  }));
