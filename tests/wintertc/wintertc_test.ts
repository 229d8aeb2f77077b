/**
 * The socket of the WinterTC draft.
 */

import assert from "node:assert/strict";
import {
  connect as connectSocket,
  type InetAddress,
  listen,
  type Listener,
  SHUT_WR,
  type StreamSocket,
} from "../../mod.ts";
import { connect, toWinterTC } from "../../src/wintertc/mod.ts";
import { test } from "../harness.ts";
import {
  authority,
  lackOfOpenssl,
  localhost,
} from "../support/certificates.ts";

const skip = lackOfOpenssl();

function addressOf(server: Listener): { hostname: string; port: number } {
  const { hostname, port } = server.getSockName() as InetAddress;
  return { hostname, port };
}

async function textOf(readable: ReadableStream<Uint8Array>): Promise<string> {
  return await new Response(readable as BodyInit).text();
}

async function write(
  writable: WritableStream<string>,
  text: string,
): Promise<void> {
  const writer = writable.getWriter();
  await writer.write(text);
  writer.releaseLock();
}

test("a socket of WinterTC talks before it is opened", async () => {
  await using server = await listen("127.0.0.1:0");
  const { hostname, port } = addressOf(server);
  const socket = connect(`${hostname}:${port}`);
  const writing = write(socket.writable, "hello");
  const [peer] = await server.accept();
  const info = await socket.opened;
  assert.equal(info.remoteAddress, `127.0.0.1:${port}`);
  assert.match(String(info.localAddress), /^127\.0\.0\.1:\d+$/);
  assert.equal(info.alpn, null);
  assert.equal(socket.secureTransport, "off");
  assert.equal(socket.upgraded, false);
  await writing;
  assert.equal((await peer.recvExactly(5)).length, 5);
  await peer.sendAll("answer");
  await peer.close();
  // The peer's end ends ours, and closes it.
  assert.equal(await textOf(socket.readable), "answer");
  await socket.closed;
});

test("a socket of WinterTC goes on after the peer's end if it may", async () => {
  await using server = await listen("127.0.0.1:0");
  const socket = connect(addressOf(server), { allowHalfOpen: true });
  const [peer] = await server.accept();
  await peer.shutdown(SHUT_WR);
  assert.equal(await textOf(socket.readable), "");
  await write(socket.writable, "still");
  await socket.writable.close();
  assert.equal((await peer.recvExactly(5)).length, 5);
  assert.equal(await peer.recv(), null);
  await peer.close();
  await socket.closed;
});

test("a failed connect is told by both promises and both streams", async () => {
  const socket = connect("127.0.0.1:1");
  const writing = write(socket.writable, "lost");
  const refused = { code: "ECONNREFUSED", op: "connect" };
  await assert.rejects(socket.opened, refused);
  await assert.rejects(socket.closed, refused);
  await assert.rejects(writing, refused);
  await assert.rejects(textOf(socket.readable), refused);
});

test("close calls off a connect, and ends what is read", async () => {
  await using server = await listen("127.0.0.1:0");
  const early = connect(addressOf(server));
  await assert.rejects(early.close(), { code: "EBADF" });
  const socket = connect(addressOf(server));
  await socket.opened;
  const reading = textOf(socket.readable);
  const [peer] = await server.accept();
  await Promise.all([socket.close(), peer.close()]);
  assert.equal(await reading, "");
  await assert.rejects(write(socket.writable, "late"), { code: "EBADF" });
});

test("a reset rejects closed", async () => {
  await using server = await listen("127.0.0.1:0", { abortive: true });
  const socket = connect(addressOf(server));
  const [peer] = await server.accept();
  await socket.opened;
  const reading = textOf(socket.readable);
  peer.reset();
  await assert.rejects(reading, { code: "ECONNRESET" });
  await socket.close().catch(() => {});
  await assert.rejects(socket.closed, { code: "ECONNRESET" });
});

test("what is no address or option is refused at once", async () => {
  const options: Parameters<typeof connect>[1][] = [
    { secureTransport: "maybe" as "on" },
    { timeout: 5 } as never,
  ];
  for (const each of options) {
    assert.throws(() => connect("127.0.0.1:1", each), TypeError);
  }
  assert.throws(() => connect("127.0.0.1:70000"), RangeError);
  assert.throws(() => connect(5 as never), TypeError);
  assert.throws(() => toWinterTC({} as StreamSocket), TypeError);
  await using server = await listen("127.0.0.1:0");
  const socket = connect(addressOf(server));
  assert.throws(() => socket.startTls(), TypeError);
  await socket.opened;
  const [peer] = await server.accept();
  await Promise.all([socket.close(), peer.close()]);
});

test("a connected socket becomes one of WinterTC", async () => {
  await using server = await listen("127.0.0.1:0");
  const sock = await connectSocket(server.getSockName());
  const [peer] = await server.accept();
  await using socket = toWinterTC(sock);
  await peer.sendAll("hello");
  await peer.close();
  assert.equal(await textOf(socket.readable), "hello");
});

test("startTls goes on as another socket", async () => {
  await using server = await listen("127.0.0.1:0");
  const plain = connect(addressOf(server), { secureTransport: "starttls" });
  const [peer] = await server.accept();
  await write(plain.writable, "tls?");
  await peer.recvExactly(4);
  const upgrading = peer.startTls({ role: "server", ...localhost() });
  const secure = plain.startTls({
    expectedServerHostname: "localhost",
    tls: { ca: authority().cert, alpnProtocols: ["x"] },
  });
  assert.equal(plain.upgraded, true);
  assert.equal(secure.secureTransport, "on");
  assert.throws(() => plain.startTls(), TypeError);
  await upgrading;
  await secure.opened;
  await plain.closed;
  await assert.rejects(write(plain.writable, "x"), { code: "EBADF" });
  await write(secure.writable, "secret");
  assert.equal((await peer.recvExactly(6)).length, 6);
  await peer.close();
  assert.equal(await textOf(secure.readable), "");
  await secure.closed;
}, { skip });

test("secureTransport on verifies the peer", async () => {
  const tls = { ...localhost(), alpnProtocols: ["x"] };
  await using server = await listen("127.0.0.1:0", { tls });
  const strange = connect(addressOf(server), { secureTransport: "on" });
  await assert.rejects(strange.opened, { name: "TlsError" });
  const socket = connect(addressOf(server), {
    secureTransport: "on",
    sni: "localhost",
    alpn: ["x"],
    tls: { ca: authority().cert },
  });
  const [peer] = await server.accept();
  assert.equal((await socket.opened).alpn, "x");
  await peer.close();
  await socket.close();
}, { skip });
