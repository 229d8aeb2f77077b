/**
 * TLS in mid-stream: what may go before it, what may not, and what is left
 * when it fails.
 *
 * @module
 */

import assert from "node:assert/strict";
import { SHUT_WR } from "../../src/constants.ts";
import { SocketError } from "../../src/errors.ts";
import {
  connect,
  fromStreams,
  listen,
  type StreamSocket,
} from "../../src/socket/mod.ts";
import { test } from "../harness.ts";
import {
  authority,
  lackOfOpenssl,
  localhost,
} from "../support/certificates.ts";
import { closeAll, pair, refusal } from "./kit.ts";

const skip = lackOfOpenssl();

async function plainPair(): Promise<[StreamSocket, StreamSocket]> {
  const listener = await listen("127.0.0.1:0");
  const [client, [server]] = await Promise.all([
    connect(listener.getSockName()),
    listener.accept(),
  ]);
  await listener.close();
  return [client, server];
}

function asClient() {
  return { ca: authority().cert, serverName: "localhost" };
}

function asServer() {
  return { ...localhost(), role: "server" } as const;
}

/** Both begin; gives whether both went on. */
async function upgrade(client: StreamSocket, server: StreamSocket) {
  await Promise.all([
    client.startTls(asClient()),
    server.startTls(asServer()),
  ]);
}

test(
  "plain talk goes before, and its bytes count with those of TLS",
  async () => {
    const [client, server] = await plainPair();
    await client.sendAll("STARTTLS\r\n");
    assert.equal((await server.recvUntil("\r\n")).length, 8);
    await server.sendAll("220 go\r\n");
    assert.equal((await client.recvUntil("\r\n")).length, 6);
    await upgrade(client, server);
    assert.equal(client.tls?.authorized, true);
    const name = client.getPeerName();
    await client.sendAll("secret");
    assert.equal((await server.recvExactly(6)).length, 6);
    assert.deepEqual(client.getPeerName(), name);
    assert.equal(client.bytesSent, 16);
    assert.equal(server.bytesReceived, 16);
    await closeAll(client, server);
  },
  { skip },
);

test("a byte in a client's hand is EPROTO and nothing is sent", async () => {
  const [client, server] = await plainPair();
  await client.sendAll("STARTTLS\r\n");
  await server.recvUntil("\r\n");
  await server.sendAll("220 go\r\n250 injected\r\n");
  await client.recvUntil("\r\n");
  assert.equal(await refusal(client.startTls(asClient())), "EPROTO");
  assert.equal(client.isClosed, true);
  const rest = await server.recv().catch((error: SocketError) => error.code);
  assert.ok(rest === null || rest === "ECONNRESET", String(rest));
  await closeAll(client, server);
}, { skip });

test("a byte that comes before a client's hello is EPROTO", async () => {
  const [client, server] = await plainPair();
  await server.sendAll("250 injected\r\n");
  assert.equal(await refusal(client.startTls(asClient())), "EPROTO");
  const rest = await server.recv().catch((error: SocketError) => error.code);
  assert.ok(rest === null || rest === "ECONNRESET", String(rest));
  await closeAll(client, server);
}, { skip });

test("bytes in a server's hand are the front of the hello", async () => {
  const [client, server] = await plainPair();
  const upgrading = client.startTls(asClient());
  // All of it is in hand before the server begins.
  assert.equal((await server.recv(1, 2))?.length, 1); // MSG_PEEK
  await server.startTls(asServer());
  await upgrading;
  await server.sendAll("x");
  assert.equal((await client.recv())?.length, 1);
  await closeAll(client, server);
}, { skip });

test("plain text in a server's hand is no TLS", async () => {
  const [client, server] = await plainPair();
  await client.sendAll("EHLO again\r\n");
  assert.equal(await refusal(server.startTls(asServer())), "TLS_NOT_TLS");
  assert.equal(server.isClosed, true);
  await closeAll(client, server);
}, { skip });

test("plain text in the place of a server's hello is no TLS", async () => {
  const [client, server] = await plainPair();
  const upgrading = refusal(client.startTls(asClient()));
  assert.notEqual(await server.recv(), null);
  await server.sendAll("HTTP/1.0 400 Bad\r\n\r\n");
  assert.equal(await upgrading, "TLS_NOT_TLS");
  await closeAll(client, server);
}, { skip });

test("every call is EBUSY while TLS begins", async () => {
  const [client, server] = await plainPair();
  const upgrading = client.startTls(asClient());
  const calls: Record<string, () => unknown> = {
    recv: () => client.recv(),
    sendAll: () => client.sendAll("plain"),
    trySend: () => client.trySend("plain"),
    tryRecv: () => client.tryRecv(),
    shutdown: () => client.shutdown(SHUT_WR),
    makeFile: () => client.makeFile("r"),
    startTls: () => client.startTls(asClient()),
    detach: () => client.detach(),
  };
  for (const [name, call] of Object.entries(calls)) {
    await assert.rejects(
      async () => await call(),
      (error) => error instanceof SocketError && error.code === "EBUSY",
      name,
    );
  }
  await Promise.all([upgrading, server.startTls(asServer())]);
  await client.sendAll("x");
  assert.deepEqual(await server.recv(), new Uint8Array([120]));
  await closeAll(client, server);
}, { skip });

test(
  "startTls is EBUSY behind a call, EISCONN behind itself, EPIPE behind an end",
  async () => {
    const [client, server] = await plainPair();
    const pending = client.recv();
    assert.equal(await refusal(client.startTls(asClient())), "EBUSY");
    await server.sendAll("x");
    await pending;
    const file = client.makeFile("r");
    assert.equal(await refusal(client.startTls(asClient())), "EBUSY");
    await file.close();
    await assert.rejects(client.startTls({ serverName: "" }), TypeError);
    await upgrade(client, server);
    assert.equal(await refusal(client.startTls(asClient())), "EISCONN");
    await closeAll(client, server);
    const [ended, other] = await plainPair();
    await ended.shutdown(SHUT_WR);
    assert.equal(await refusal(ended.startTls(asClient())), "EPIPE");
    await closeAll(ended, other);
  },
  { skip },
);

test(
  "close ends an upgrade with EBADF and releases the descriptor",
  async () => {
    for (const role of [asClient(), asServer()]) {
      const [client, server] = await plainPair();
      const upgrading = refusal(client.startTls(role));
      await new Promise((resolve) => setTimeout(resolve, 5));
      await client.close();
      assert.equal(await upgrading, "EBADF");
      await client.closed;
      await closeAll(server);
    }
  },
  { skip },
);

test("a close while wrong settings are judged releases both ends", async () => {
  const [client, server] = await plainPair();
  const judged = client.startTls({ serverName: "" });
  const closing = client.close();
  await assert.rejects(judged);
  await closing;
  await client.closed;
  await closeAll(server);
});

test(
  "an abort and a deadline end an upgrade and close the socket",
  async () => {
    const [client, server] = await plainPair();
    const reason = new Error("enough");
    const controller = new AbortController();
    const { signal } = controller;
    const upgrading = client.startTls(asClient(), { signal });
    setTimeout(() => controller.abort(reason), 10);
    await assert.rejects(upgrading, (error) => error === reason);
    assert.equal(client.isClosed, true);
    const late = server.startTls(asServer(), { timeoutMs: 1 });
    assert.match(await refusal(late), /^(ETIMEDOUT|TLS_CLOSED|ECONNRESET)$/);
    await closeAll(client, server);
  },
  { skip },
);

test("web streams speak TLS, if they are told whom to", async () => {
  const there = new TransformStream<Uint8Array, Uint8Array>();
  const back = new TransformStream<Uint8Array, Uint8Array>();
  const client = fromStreams({
    readable: back.readable,
    writable: there.writable,
  });
  const server = fromStreams({
    readable: there.readable,
    writable: back.writable,
  });
  const { cert: ca } = authority();
  await assert.rejects(client.startTls({ ca }), TypeError);
  await upgrade(client, server);
  const [text] = await Promise.all([
    client.recvExactly(12),
    server.sendAll("over streams"),
  ]);
  assert.equal(text.length, 12);
  await closeAll(client, server);
}, { skip });

test("a full reader stops a TLS writer, who then goes on", async () => {
  const [client, server] = await pair();
  let sent = 0;
  const chunk = new Uint8Array(65_536);
  for (;;) {
    try {
      sent += await server.send(chunk, { timeoutMs: 150 });
      assert.ok(sent < 33_554_432, `${sent} bytes went`);
    } catch (error) {
      assert.equal((error as SocketError).code, "ETIMEDOUT");
      break;
    }
  }
  const rest = client.recvExactly(sent);
  assert.equal((await rest).length, sent);
  await closeAll(client, server);
}, { skip });
