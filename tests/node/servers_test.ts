/**
 * Servers and clients of Node over sockets of ours, TLS above and below.
 */

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, get, type RequestOptions } from "node:http";
import http2 from "node:http2";
import tls from "node:tls";
import { connect, type InetAddress, listen, type Listener } from "../../mod.ts";
import {
  createConnection,
  serveNode,
  toNodeSocket,
  undiciConnector,
} from "../../src/node/mod.ts";
import { test } from "../harness.ts";
import {
  authority,
  lackOfOpenssl,
  localhost,
} from "../support/certificates.ts";

function portOf(server: Listener): number {
  return (server.getSockName() as InetAddress).port;
}

test("http.Server takes connections of ours, http.get makes them", async () => {
  const listener = await listen("127.0.0.1:0");
  const server = createServer((request, response) => {
    response.end(`you asked for ${request.url}`);
  });
  const served = serveNode(listener, server);
  const port = portOf(listener);
  const make = () => createConnection(port, "127.0.0.1");
  const createIt = make as unknown as RequestOptions["createConnection"];
  const request = get({
    host: "127.0.0.1",
    port,
    path: "/this",
    agent: false,
    createConnection: createIt!,
  });
  const [response] = await once(request, "response");
  let text = "";
  for await (const chunk of response) text += chunk;
  assert.equal(text, "you asked for /this");
  await listener.close();
  await served;
  server.closeAllConnections();
});

test("http2 takes connections of ours and makes them", async () => {
  const listener = await listen("127.0.0.1:0");
  const port = portOf(listener);
  const server = http2.createServer((request, response) => {
    response.end(`you asked for ${request.url}`);
  });
  const served = serveNode(listener, server);
  const client = http2.connect(`http://127.0.0.1:${port}`, {
    createConnection: () => createConnection(port, "127.0.0.1"),
  });
  const stream = client.request({ ":path": "/that" });
  let text = "";
  for await (const chunk of stream) text += chunk;
  assert.equal(text, "you asked for /that");
  const closed = once(client, "close");
  client.close();
  await closed;
  await listener.close();
  await served;
});

test("serveNode takes back a connection that its server refuses", async () => {
  const listener = await listen("127.0.0.1:0");
  const seen: unknown[] = [];
  const emit = (_event: string, socket: unknown) => {
    seen.push(socket);
    (socket as { on(name: string, fn: () => void): void }).on(
      "error",
      () => {},
    );
    throw new Error("not today");
  };
  const served = serveNode(listener, { emit });
  for (let i = 0; i < 2; i++) {
    const client = await connect(listener.getSockName());
    assert.equal(await client.recv().catch(() => null), null);
    await client.close();
  }
  assert.equal(seen.length, 2);
  await listener.close();
  await served;
});

test("serveNode refuses what is no server or option at once", async () => {
  await using listener = await listen("127.0.0.1:0");
  const emit = () => true;
  await assert.rejects(serveNode(listener, null as never), TypeError);
  await assert.rejects(serveNode(listener, {} as never), TypeError);
  const wrong = { keepalive: true } as object;
  await assert.rejects(serveNode(listener, { emit }, wrong), TypeError);
  await assert.rejects(
    serveNode(listener, { emit }, { highWaterMark: -1 }),
    { code: "ERR_INVALID_ARG_VALUE" },
  );
});

const skip = lackOfOpenssl();

test("node:tls speaks over a socket of ours", async () => {
  await using listener = await listen("127.0.0.1:0", { tls: localhost() });
  const socket = tls.connect({
    socket: createConnection(portOf(listener), "127.0.0.1"),
    ca: authority().cert,
    servername: "localhost",
  });
  const [peer] = await listener.accept();
  if (!socket.authorized) await once(socket, "secureConnect");
  socket.write("secret");
  assert.equal((await peer.recvExactly(6)).length, 6);
  const closed = once(socket, "close");
  await Promise.all([peer.sendAll("answer"), once(socket, "data")]);
  socket.destroy();
  await closed;
  await peer.close({ lingerMs: 0 });
}, { skip });

test("TLS below shows as encrypted", async () => {
  const alpnProtocols = ["h2"];
  const own = { ...localhost(), alpnProtocols };
  await using listener = await listen("127.0.0.1:0", { tls: own });
  const ca = authority().cert;
  const sock = await connect(listener.getSockName(), {
    tls: { ca, serverName: "localhost", alpnProtocols },
  });
  const [peer] = await listener.accept();
  const socket = toNodeSocket(sock);
  assert.equal(socket.encrypted, true);
  assert.equal(socket.alpnProtocol, "h2");
  socket.end("secret");
  assert.equal((await peer.recvExactly(6)).length, 6);
  const closed = once(socket, "close");
  socket.resume();
  await peer.close();
  await closed;
}, { skip });

test("createConnection speaks TLS below, and tells what fails", async () => {
  await using listener = await listen("127.0.0.1:0", { tls: localhost() });
  const port = portOf(listener);
  const strange = createConnection({ port, host: "127.0.0.1", tls: true });
  const [error] = await once(strange, "error");
  assert.equal(error.name, "TlsError");
  await once(strange, "close");
}, { skip });

test("undiciConnector connects, over TLS where it is asked to", async () => {
  await using listener = await listen("127.0.0.1:0", { tls: localhost() });
  const connector = undiciConnector({ tls: { ca: authority().cert } });
  const target = { hostname: "127.0.0.1", port: `${portOf(listener)}` };
  const made = new Promise<ReturnType<typeof toNodeSocket> | null>(
    (resolve, reject) =>
      connector(
        { ...target, protocol: "https:", servername: "localhost" },
        (error, socket) => error ? reject(error) : resolve(socket),
      ),
  );
  const [peer] = await listener.accept();
  const socket = await made;
  assert.equal(socket?.encrypted, true);
  const closed = once(socket!, "close");
  socket?.destroy();
  await closed;
  await peer.close({ lingerMs: 0 });
  const refused = await new Promise<Error | null>((resolve) =>
    connector(
      { hostname: "127.0.0.1", port: "1", protocol: "http:" },
      (error, _socket) => resolve(error),
    )
  );
  assert.equal((refused as NodeJS.ErrnoException).code, "ECONNREFUSED");
}, { skip });
