/**
 * `native: true`: the runtimes' own TLS sockets, and what they refuse.
 *
 * @module
 */

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectTcp, createServer, type Socket } from "node:net";
import { SHUT_WR } from "../../src/constants.ts";
import { SocketError } from "../../src/errors.ts";
import { currentRuntime } from "../../src/runtime/detect.ts";
import { memoryNetwork } from "../../src/runtime/memory.ts";
import { nodeRuntime } from "../../src/runtime/node.ts";
import {
  connect,
  fromStreams,
  listen,
  type Listener,
  type StreamSocket,
} from "../../src/socket/mod.ts";
import type {
  TlsClientOptions,
  TlsServerOptions,
} from "../../src/tls_contracts.ts";
import { watch } from "../examples/programs.ts";
import { test } from "../harness.ts";
import { spawnRuntime, thisRuntime } from "../runtimes.ts";
import {
  asFile,
  authority,
  certificate,
  encrypted,
  lackOfOpenssl,
  localhost,
} from "../support/certificates.ts";
import { call, closeAll, serve, told } from "./kit.ts";

const skip = lackOfOpenssl();
const isDeno = thisRuntime() === "deno";
const takesRoots = skip ?? (isDeno && "Deno's own clients take no `ca`");
const PIN = "F5zSlzDRjmOlX9hE5YSQavU5BkPeq9APKudJQEhgCAU=";

/** What a client with such options fails with; nobody listens. */
async function refusalOf(tls: TlsClientOptions): Promise<SocketError> {
  const failure = await connect("127.0.0.1:1", {
    tls: { serverName: "localhost", ...tls, native: true },
  }).then(() => undefined, (error: unknown) => error);
  assert.ok(failure instanceof SocketError, String(failure));
  return failure;
}

/** What a listener with such options fails with. */
async function refusalOfServer(
  tls: Partial<TlsServerOptions>,
): Promise<SocketError> {
  const failure = await listen("127.0.0.1:0", {
    tls: { ...localhost(), ...tls, native: true },
  }).then((listener) => listener.close(), (error: unknown) => error);
  assert.ok(failure instanceof SocketError, String(failure));
  return failure;
}

function closeOf(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.on("close", () => resolve()));
}

test("a native server talks to a client of ours and both end", async () => {
  const [listener] = await serve({ native: true, alpnProtocols: ["b", "a"] });
  const [client, [server]] = await Promise.all([
    call(listener, { alpnProtocols: ["a", "b"] }),
    listener.accept(),
  ]);
  assert.equal(client.tls?.native, false);
  assert.equal(server.tls?.native, true);
  assert.equal(client.tls?.alpnProtocol, "b");
  assert.equal(server.tls?.alpnProtocol, "b");
  assert.equal(server.tls?.serverName, isDeno ? null : "localhost");
  assert.equal(server.tls?.protocol, isDeno ? null : "TLSv1.3");
  const [much] = await Promise.all([
    client.recvExactly(1_000_000),
    server.sendAll(new Uint8Array(1_000_000)),
  ]);
  assert.equal(much.length, 1_000_000);
  await client.shutdown(SHUT_WR);
  assert.equal(await server.recv(), null);
  assert.throws(() => server.detach(), { code: "EOPNOTSUPP" });
  await closeAll(client, server);
  await listener.close();
}, { skip });

test(
  "a native server drops a plain, a silent and a vanishing client",
  async () => {
    const [listener, errors] = await serve({
      native: true,
      handshakeTimeoutMs: 50,
    });
    const { port } = listener.getSockName() as { port: number };
    const plain = connectTcp(port, "127.0.0.1");
    plain.write("GET / HTTP/1.0\r\n\r\n");
    plain.on("error", () => {}).resume();
    await closeOf(plain);
    const gone = connectTcp(port, "127.0.0.1");
    gone.end();
    gone.on("error", () => {}).resume();
    await closeOf(gone);
    const silent = connectTcp(port, "127.0.0.1");
    silent.on("error", () => {}).resume();
    const closed = closeOf(silent);
    const [client, [server]] = await Promise.all([
      call(listener),
      listener.accept(),
    ]);
    while (listener.tlsFailures < 3) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    // Deno keeps the descriptor until the peer goes: `capabilities().tlsNative`.
    if (isDeno) silent.destroy();
    await closed;
    assert.deepEqual(errors.map(told), [
      "TLS_NOT_TLS",
      "TLS_CLOSED",
      "ETIMEDOUT",
    ]);
    await closeAll(client, server);
    await listener.close();
  },
  { skip },
);

test("a native client verifies as the uniform one does", async () => {
  const other = certificate("native other", { for: "DNS:other.test" });
  const late = certificate("native late", {
    for: "DNS:localhost",
    to: "20210101000000Z",
  });
  const rows: readonly [Partial<TlsServerOptions>, TlsClientOptions, string][] =
    [
      [other, {}, "TLS_CERT_NAME"],
      [late, {}, "TLS_CERT_EXPIRED"],
      [{}, { ca: other.cert }, "TLS_CERT_UNTRUSTED"],
      [{}, { serverName: "127.0.0.2" }, "TLS_CERT_NAME"],
      [{}, { pins: [PIN] }, "TLS_CERT_PIN"],
      [{ alpnProtocols: ["a"] }, { alpnProtocols: ["b"] }, "TLS_ALPN"],
    ];
  for (const [server, client, code] of rows) {
    const [listener] = await serve(server);
    await assert.rejects(call(listener, { ...client, native: true }), { code });
    await listener.close();
  }
}, { skip: takesRoots });

test(
  "a native client tells its peer, and one without a name its pin",
  async () => {
    const [listener] = await serve();
    const first = await call(listener, {
      serverName: "127.0.0.1",
      native: true,
    });
    const [server] = await listener.accept();
    assert.equal(server.tls?.serverName, null);
    const { tls } = first;
    assert.equal(tls?.native, true);
    assert.equal(tls?.peerCertificate?.subject, "CN=localhost");
    assert.equal(tls?.authorized, true);
    const second = await connect(listener.getSockName(), {
      tls: { pins: [tls!.peerCertificate!.spki256], native: true },
    });
    const [another] = await listener.accept();
    await closeAll(first, server, second, another);
    await listener.close();
  },
  { skip: takesRoots },
);

test("a native server asks clients for a certificate", async () => {
  const [listener, errors] = await serve({
    native: true,
    requestCert: true,
    ca: authority().cert,
  });
  const known = certificate("native client", { name: "client" });
  const client = await call(listener, { ...known, native: true });
  const [server] = await listener.accept();
  assert.equal(server.tls?.authorized, true);
  assert.equal(server.tls?.peerCertificate?.subject, "CN=client");
  const nobody = await call(listener).catch(() => undefined);
  await assert.rejects(async () => assert.ok(await nobody?.recv()));
  assert.deepEqual(errors.map(told), ["TLS_CERT_MISSING"]);
  await nobody?.close({ lingerMs: 0 });
  await closeAll(client, server);
  await listener.close();
}, { skip: skip ?? (isDeno && "Deno asks clients for no certificate") });

test("a native client goes over to TLS in mid-stream", async () => {
  await using listener = await listen("127.0.0.1:0");
  const client = await connect(listener.getSockName());
  const [server] = await listener.accept();
  await server.sendAll("go ahead");
  await client.recvExactly(8);
  await Promise.all([
    server.startTls({ ...localhost(), role: "server" }),
    client.startTls({
      ca: authority().cert,
      serverName: "localhost",
      native: true,
    }),
  ]);
  await client.sendAll("hello");
  assert.equal((await server.recvExactly(5)).length, 5);
  await server.sendAll("hello");
  assert.equal((await client.recvExactly(5)).length, 5);
  assert.equal(client.tls?.native, true);
  await closeAll(client, server);
}, { skip: takesRoots });

test(
  "a byte before a native startTls is EPROTO and nothing is sent",
  async () => {
    const peer = createServer((socket) => {
      socket.write("ok\r\nEVIL");
      socket.on("data", (bytes) => seen += bytes.length).on("error", () => {});
    });
    let seen = 0;
    await once(peer.listen(0, "127.0.0.1"), "listening");
    const { port } = peer.address() as { port: number };
    const client = await connect({ hostname: "127.0.0.1", port });
    await client.recvUntil("\n");
    await assert.rejects(
      client.startTls({
        ca: authority().cert,
        serverName: "localhost",
        native: true,
      }),
      { code: "EPROTO" },
    );
    assert.equal(seen, 0);
    await client.close();
    peer.close();
  },
  { skip: takesRoots },
);

test(
  "what a native path cannot keep is EOPNOTSUPP before any I/O",
  async () => {
    const codes = async (refusal: Promise<SocketError>) => {
      const { code, message } = await refusal;
      assert.match(message, /tls\./);
      return code;
    };
    const sni = () => undefined;
    if (thisRuntime() === "bun") {
      assert.equal(await codes(refusalOfServer({ sni })), "EOPNOTSUPP");
    }
    if (!isDeno) return;
    const ca = authority().cert;
    const key = encrypted(localhost(), "secret");
    for (
      const refused of [
        refusalOf({ ca }),
        refusalOf({ pins: [PIN] }),
        refusalOf({ ...localhost() }),
        refusalOf({ minVersion: "TLSv1.3" }),
        refusalOfServer({ sni }),
        refusalOfServer({ requestCert: true, ca }),
        refusalOfServer({ key, passphrase: "secret" }),
        refusalOfServer({ minVersion: "TLSv1.3" }),
      ]
    ) assert.equal(await codes(refused), "EOPNOTSUPP");
    for (
      const options of [{ abortive: true }, { localAddress: "127.0.0.1:0" }]
    ) {
      await assert.rejects(
        connect("127.0.0.1:1", { ...options, tls: { native: true } }),
        { code: "EOPNOTSUPP" },
      );
    }
    await assert.rejects(
      connect("unix:/nowhere", { tls: { native: true, serverName: "a" } }),
      { code: "EOPNOTSUPP" },
    );
  },
  { skip },
);

test("a native server cannot begin in mid-stream but on Node", async () => {
  await using listener = await listen("127.0.0.1:0");
  const client = await connect(listener.getSockName());
  const [server] = await listener.accept();
  const options = { ...localhost(), native: true };
  await assert.rejects(
    server.startTls({ ...options, role: "server" }),
    { code: "EOPNOTSUPP" },
  );
  // It is used as before.
  await client.sendAll("plain");
  assert.equal((await server.recvExactly(5)).length, 5);
  await closeAll(client, server);
  const other = await listen("127.0.0.1:0", { tls: options });
  assert.throws(() => other.setTlsIdentity(localhost()), {
    code: "EOPNOTSUPP",
  });
  await other.close();
}, {
  skip: skip ??
    (currentRuntime().name === "node" && "Node's server begins in mid-stream"),
});

test("a native listener changes its identity on Node alone", async () => {
  const [listener] = await serve({ native: true });
  const change = () => listener.setTlsIdentity(localhost());
  if (thisRuntime().startsWith("node")) change();
  else {
    assert.throws(change, { code: "EOPNOTSUPP", op: "setTlsIdentity" });
    assert.throws(change, SocketError);
  }
  await listener.close();
}, { skip });

test("networks in memory and foreign streams have no native TLS", async () => {
  const runtime = memoryNetwork();
  const tls = { native: true, serverName: "localhost" };
  await assert.rejects(connect("127.0.0.1:9", { runtime, tls }), {
    code: "EOPNOTSUPP",
  });
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const foreign = fromStreams({ readable, writable });
  await assert.rejects(foreign.startTls(tls), { code: "EOPNOTSUPP" });
  await foreign.close({ lingerMs: 0 });
  if (currentRuntime().name === "node") return;
  await assert.rejects(
    connect("127.0.0.1:9", { runtime: nodeRuntime(), tls }),
    { code: "EOPNOTSUPP" },
  );
});

for (const writer of ["server", "client"] as const) {
  test(
    `a reader that stops stops the ${writer} of a native listener, too`,
    async () => {
      const [listener] = await serve({ native: true });
      const [client, [server]] = await Promise.all([
        call(listener),
        listener.accept(),
      ]);
      await listener.close();
      const [from, to] = writer === "server"
        ? [server, client]
        : [client, server];
      let sent = 0;
      for (let goesOn = true; goesOn;) {
        try {
          sent += await from.send(new Uint8Array(65_536), { timeoutMs: 100 });
          assert.ok(sent < 33_554_432, `${sent} bytes went`);
        } catch (error) {
          assert.equal((error as SocketError).code, "ETIMEDOUT");
          goesOn = false;
        }
      }
      // What was taken is all there, once somebody reads.
      assert.equal((await to.recvExactly(sent)).length, sent);
      await closeAll(client, server);
    },
    { skip },
  );
}

/** Gives back what comes, over TLS. */
async function echo(socket: StreamSocket): Promise<void> {
  for await (const chunk of socket) await socket.sendAll(chunk);
  await socket.close({ lingerMs: 0 });
}

/** Serves a client that begins TLS behind a line of plain talk. */
async function echoBehindPlain(listener: Listener): Promise<void> {
  const [socket] = await listener.accept();
  await socket.recvUntil("\n");
  await socket.sendAll("go\n");
  try {
    await socket.startTls({ ...localhost(), role: "server" });
    await echo(socket);
  } catch {
    await socket.close({ lingerMs: 0 }); // the client did not believe us
  }
}

test(
  "a native client believes the roots of its environment, and no other name",
  async () => {
    const [secure] = await serve();
    const plain = await listen("127.0.0.1:0");
    const serving = (async () => {
      for await (const [socket] of secure.connections()) {
        await echo(socket).catch(() => socket.close({ lingerMs: 0 }));
      }
    })();
    const extra = asFile("native-roots.pem", authority().cert);
    const said = async (env: Readonly<Record<string, string>>) => {
      const ports = [secure, plain].map((each) =>
        `${(each.getSockName() as { port: number }).port}`
      );
      const script = "tests/fixtures/tls/native_client.ts";
      const child = spawnRuntime(thisRuntime(), script, ports, { env });
      const [{ stdout, stderr }] = await Promise.all([
        watch(child).ended,
        echoBehindPlain(plain),
      ]);
      assert.equal(stderr, "");
      return stdout.trim().split("\n");
    };
    const echoed = "hello, native: true";
    assert.deepEqual(
      await said({ NODE_EXTRA_CA_CERTS: extra }),
      [echoed, "TLS_CERT_NAME", echoed],
    );
    assert.deepEqual(
      await said({}),
      ["TLS_CERT_UNTRUSTED", "TLS_CERT_UNTRUSTED", "TLS_CERT_UNTRUSTED"],
    );
    await closeAll(secure, plain);
    await serving;
  },
  { skip },
);
