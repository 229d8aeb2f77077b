/**
 * Servers that speak TLS: what comes before the handler, in which order, and
 * that nobody who is slow, silent or false holds up anybody else.
 */

import assert from "node:assert/strict";
import diagnostics from "node:diagnostics_channel";
import { connect, listen, type Runtime, type StreamSocket } from "../../mod.ts";
import {
  BaseRequestHandler,
  encodeProxyHeader,
  serve,
  type ServeOptions,
  type Server,
  TcpServer,
} from "../../src/server/mod.ts";
import { FakeClock, memoryNetwork } from "../../src/testing/mod.ts";
import { test } from "../harness.ts";
import {
  authority,
  certificate,
  lackOfOpenssl,
  localhost,
} from "../support/certificates.ts";
import {
  addsUp,
  ask,
  clientOf,
  closeAll,
  deferred,
  echo,
  endOf,
  isReset,
  onEach,
  until,
  visit,
} from "./support.ts";

const skip = lackOfOpenssl() ?? false;
const source = { family: "ipv4", hostname: "192.0.2.1", port: 7 } as const;
const destination = { ...source, port: 443 };
const FROM_HERE = { from: ["127.0.0.0/8"] };

/** A server that speaks TLS to everybody. */
function open(
  runtime: Runtime,
  options: ServeOptions = {},
  handler: Parameters<typeof serve>[1] = echo,
): Promise<Server> {
  return serve("127.0.0.1:0", handler, {
    runtime,
    tls: { ...localhost() },
    ...options,
  });
}

/** A client that trusts the authority of the tests. */
function secure(
  { address }: Pick<Server, "address">,
  runtime: Runtime,
  serverName = "localhost",
): Promise<StreamSocket> {
  const tls = { ca: authority().cert, serverName };
  return connect(address, { runtime, tls, timeoutMs: null });
}

onEach(
  "a server speaks TLS, and its handler sees what it is",
  async (runtime) => {
    const seen: unknown[] = [];
    const server = await open(runtime, {
      tls: { ...localhost(), alpnProtocols: ["echo"] },
    }, async (connection, { address, peer }) => {
      const { protocol, alpnProtocol, serverName } = connection.tls ?? {};
      seen.push(protocol, alpnProtocol, serverName);
      assert.deepEqual(address, peer);
      await echo(connection);
    });
    const tls = {
      ca: authority().cert,
      serverName: "localhost",
      alpnProtocols: ["echo"],
    };
    const client = await connect(server.address, { runtime, tls });
    assert.equal(await ask(client, "secret"), "secret");
    assert.deepEqual(seen, ["TLSv1.3", "echo", "localhost"]);
    await client.close();
    await server.stop();
    const { finished, bytesReceived, bytesSent } = server.stats;
    assert.deepEqual([finished, bytesReceived, bytesSent], [1, 6, 6]);
    addsUp(server.stats);
  },
  { skip },
);

/** Clients that get nowhere: what they do, and what is counted of them. */
const STRANGERS: Readonly<
  Record<string, (client: StreamSocket) => Promise<unknown>>
> = {
  silent: () => Promise.resolve(),
  slow: (client) => client.sendAll(new Uint8Array([22, 3, 1, 2])),
  plain: (client) => client.sendAll("GET / HTTP/1.1\r\n\r\n"),
  gone: async (client) => {
    await client.sendAll(new Uint8Array([22, 3]));
    await client.close();
  },
  flooding: (client) => client.sendAll(new Uint8Array(300_000).fill(22)),
};

onEach("nobody who gets nowhere holds up who speaks TLS", async (runtime) => {
  const server = await open(runtime, { handshakeTimeoutMs: 60_000 });
  const strangers: StreamSocket[] = [];
  for (const act of Object.values(STRANGERS)) {
    const client = await clientOf(server, runtime);
    strangers.push(client);
    void act(client).catch(() => {});
  }
  const clients = await Promise.all(
    Array.from({ length: 8 }, () => secure(server, runtime)),
  );
  for (const each of clients) assert.equal(await ask(each, "x"), "x");
  await until(() => server.stats.rejected.handshake === 3);
  const { accepted, active, timedOut } = server.stats;
  assert.deepEqual([accepted, active, timedOut.handshake], [8, 8, 0]);
  // The silent and the slow one are under way.
  assert.equal(server.connections.size, 10);
  await closeAll(clients);
  await until(() => server.stats.active === 0);
  const { reset } = await server.stop({ graceMs: 0 });
  assert.equal(reset, 2);
  await closeAll(strangers);
  addsUp(server.stats);
}, { skip });

test("a header and a handshake share one deadline", async () => {
  const clock = new FakeClock();
  const runtime = memoryNetwork({ clock });
  const server = await open(runtime, {
    handshakeTimeoutMs: 1000,
    proxyProtocol: FROM_HERE,
  });
  const header = encodeProxyHeader({ source, destination });
  const clients = [
    await clientOf(server, runtime),
    await clientOf(server, runtime),
    await clientOf(server, runtime),
  ];
  await until(() => server.connections.size === 3);
  clock.advance(900);
  await clients[1]!.sendAll(header);
  await clients[2]!.sendAll([header, new Uint8Array([22, 3, 1])]);
  await until(() => server.stats.bytesReceived === 2 * header.length);
  clock.advance(99);
  assert.equal(server.stats.timedOut.handshake, 0);
  clock.advance(251);
  await until(() => server.stats.timedOut.handshake === 3);
  for (const each of clients) assert.equal(await endOf(each), "ECONNRESET");
  await closeAll(clients);
  await server.stop();
  assert.equal(server.stats.accepted, 3);
  addsUp(server.stats);
}, { skip });

/** Passes a client's first bytes on behind a header, cut as is said. */
async function front(
  server: Server,
  runtime: Runtime,
  cut: (bytes: Uint8Array) => readonly Uint8Array[],
): Promise<StreamSocket> {
  const header = encodeProxyHeader({ source, destination, crc32c: true });
  await using listener = await listen("127.0.0.1:0", { runtime });
  const coming = secure({ address: listener.getSockName() }, runtime);
  const [near] = await listener.accept();
  const far = await clientOf(server, runtime);
  const hello = await near.recv() ?? new Uint8Array(0);
  const all = new Uint8Array(header.length + hello.length);
  all.set(header);
  all.set(hello, header.length);
  for (const piece of cut(all)) {
    await far.sendAll(piece);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  void pipe(near, far);
  void pipe(far, near);
  return await coming;
}

async function pipe(from: StreamSocket, to: StreamSocket): Promise<void> {
  try {
    for await (const bytes of from) await to.sendAll(bytes);
  } catch {
    // It was cut, or the other side has closed both.
  }
  await to.close({ lingerMs: 0 });
}

onEach("TLS begins behind a header in the same segment", async (runtime) => {
  const seen: unknown[] = [];
  const server = await open(
    runtime,
    { proxyProtocol: FROM_HERE },
    async (connection, { address }) => {
      seen.push(address, connection.tls?.serverName);
      await echo(connection);
    },
  );
  const client = await front(server, runtime, (all) => [all]);
  assert.equal(await ask(client, "hello"), "hello");
  assert.deepEqual(seen, [source, "localhost"]);
  await client.close();
  await server.stop();
  addsUp(server.stats);
}, { skip });

test("TLS begins wherever a header and what follows it are cut", async () => {
  const runtime = memoryNetwork();
  const server = await open(runtime, { proxyProtocol: FROM_HERE });
  const { length } = encodeProxyHeader({ source, destination, crc32c: true });
  for (const at of [1, 15, length - 1, length, length + 1, length + 5]) {
    const client = await front(server, runtime, (all) => [
      all.subarray(0, at),
      all.subarray(at),
    ]);
    assert.equal(await ask(client, "hello"), "hello", `cut at ${at}`);
    await client.close();
  }
  await server.stop();
  assert.equal(server.stats.finished, 6);
}, { skip });

test("limits are judged before a handshake, and handshakes count", async () => {
  const runtime = memoryNetwork();
  const server = await open(runtime, {
    ...{ maxConnections: 2, whenFull: "reset" as const, maxPerHost: 1 },
  });
  const silent = await clientOf(server, runtime);
  await until(() => server.connections.size === 1);
  assert.equal(await visit(server, runtime), "ECONNRESET");
  await silent.close();
  await until(() => server.connections.size === 0);
  const { rejected, accepted } = server.stats;
  assert.deepEqual([rejected.perHost, rejected.handshake, accepted], [1, 1, 0]);
  await server.stop();
}, { skip });

onEach("a stop ends handshakes at the end of its grace", async (runtime) => {
  const server = await open(runtime);
  const clients = [
    await clientOf(server, runtime),
    await clientOf(server, runtime),
  ];
  await clients[1]!.sendAll(new Uint8Array([22, 3, 1, 2, 0, 1]));
  await until(() => server.connections.size === 2);
  const report = await server.stop({ graceMs: 20 });
  assert.deepEqual(report, { finished: 0, reset: 2 });
  for (const each of clients) isReset(await endOf(each), runtime);
  await closeAll(clients);
  addsUp(server.stats);
}, { skip });

onEach(
  "a listener with TLS leaves its handshakes to a server",
  async (runtime) => {
    const told: string[] = [];
    const listener = await listen("127.0.0.1:0", {
      runtime,
      tls: { ...localhost() },
      onTlsError: ({ code }) => told.push(code),
    });
    await assert.rejects(
      serve(listener, echo, { tls: { ...localhost() } }),
      TypeError,
    );
    const header = encodeProxyHeader({ source, destination }, 1);
    const server = await serve(listener, async (connection, { proxy }) => {
      await connection.sendAll(
        `${proxy?.version} ${connection.tls?.serverName}`,
      );
    }, { proxyProtocol: { ...FROM_HERE, required: false } });
    const behind = await front(server, runtime, (all) => [all]);
    assert.equal(String(await behind.recvExactly(3)), String([50, 32, 108]));
    await behind.close();
    const plain = await clientOf(server, runtime);
    await plain.sendAll([header, "GET / HTTP/1.1\r\n\r\n"]);
    assert.notEqual(await endOf(plain), "");
    await plain.close();
    await until(() => listener.tlsFailures === 1);
    assert.deepEqual(told, ["TLS_NOT_TLS"]);
    assert.equal(server.stats.rejected.handshake, 1);
    // A renewed certificate holds from the next handshake on.
    const { cert, key } = certificate("renewed", {
      name: "renewed.example",
      for: "DNS:renewed.example",
    });
    listener.setTlsIdentity({ cert, key });
    const client = await secure(server, runtime, "renewed.example");
    assert.equal(client.tls?.peerCertificate?.subject, "CN=renewed.example");
    await client.close();
    await server.stop();
    addsUp(server.stats);
  },
  { skip },
);

onEach(
  "a listener with TLS is told of handshakes that its server ends as late",
  async (runtime) => {
    const told: string[] = [];
    const listener = await listen("127.0.0.1:0", {
      runtime,
      tls: { ...localhost(), handshakeTimeoutMs: 20 },
      onTlsError: ({ code }) => told.push(code),
    });
    const server = await serve(listener, echo);
    const silent = await clientOf(server, runtime);
    await endOf(silent);
    await silent.close();
    await until(() => listener.tlsFailures === 1);
    await server.stop();
    assert.deepEqual(told, ["ETIMEDOUT"]);
    assert.equal(server.stats.timedOut.handshake, 1);
  },
  { skip },
);

test("verifyRequest comes last, and its no is a reset", async () => {
  const runtime = memoryNetwork();
  const order: string[] = [];
  const errors: unknown[] = [];
  const bad = new Error("bad");
  let answer: () => boolean | Promise<boolean> = () => true;
  const server = await open(runtime, {
    proxyProtocol: FROM_HERE,
    onError: (error, context) => errors.push(error, context?.id),
    verifyRequest: (connection, { address }) => {
      order.push(`${connection.tls?.protocol} ${JSON.stringify(address)}`);
      return answer();
    },
  }, async (connection) => {
    order.push("handler");
    await echo(connection);
  });
  const first = await front(server, runtime, (all) => [all]);
  assert.equal(await ask(first, "x"), "x");
  await first.close();
  assert.deepEqual(order, [`TLSv1.3 ${JSON.stringify(source)}`, "handler"]);
  const refusals = [
    () => false,
    () => Promise.resolve(false),
    () => {
      throw bad;
    },
    () => Promise.reject(bad),
  ];
  for (const each of refusals) {
    answer = each;
    const client = await front(server, runtime, (all) => [all]);
    assert.notEqual(await endOf(client), "");
    await client.close();
  }
  await until(() => server.connections.size === 0);
  const { accepted, rejected } = server.stats;
  assert.deepEqual([accepted, rejected.verify], [1, 4]);
  assert.deepEqual(errors, [bad, 4, bad, 5]);
  await server.stop();
  addsUp(server.stats);
}, { skip });

test("a verdict that never comes is a handshake that took too long", async () => {
  const clock = new FakeClock();
  const runtime = memoryNetwork({ clock });
  const never = deferred<boolean>();
  const server = await serve("127.0.0.1:0", echo, {
    ...{ runtime, handshakeTimeoutMs: 1000 },
    verifyRequest: () => never.promise,
  });
  const client = await clientOf(server, runtime);
  await until(() => server.connections.size === 1);
  clock.advance(1250);
  assert.equal(await endOf(client), "ECONNRESET");
  never.resolve(true);
  await until(() => server.connections.size === 0);
  assert.equal(server.stats.timedOut.handshake, 1);
  assert.equal(server.stats.active, 0);
  await client.close();
  await server.stop();
  addsUp(server.stats);
});

test("whoever is turned away is published with the reason", async () => {
  const clock = new FakeClock();
  const runtime = memoryNetwork({ clock });
  const told: (string | undefined)[][] = [];
  const listener = (message: unknown) => {
    const { reason, error } = message as {
      reason: string;
      error?: { code: string };
    };
    told.push([reason, error?.code]);
  };
  diagnostics.subscribe("anysock:server:reject", listener);
  try {
    const server = await open(runtime, {
      handshakeTimeoutMs: 1000,
      proxyProtocol: { ...FROM_HERE, required: false },
      verifyRequest: () => false,
    });
    for (const act of [STRANGERS["plain"]!, STRANGERS["silent"]!]) {
      const client = await clientOf(server, runtime);
      await until(() => server.connections.size === 1);
      await act(client);
      if (told.length === 1) clock.advance(1250);
      await endOf(client);
      await client.close();
    }
    const refused = await front(server, runtime, (all) => [all]);
    await endOf(refused);
    await refused.close();
    const bad = await clientOf(server, runtime);
    await bad.sendAll("PROXY nonsense\r\n");
    await endOf(bad);
    await bad.close();
    await server.stop();
  } finally {
    diagnostics.unsubscribe("anysock:server:reject", listener);
  }
  assert.deepEqual(told, [
    ["handshake", "TLS_NOT_TLS"],
    ["handshake", "ETIMEDOUT"],
    ["verify", undefined],
    ["proxy", "EPROTO"],
  ]);
}, { skip });

test("a server of classes speaks TLS, and verifyRequest knows it", async () => {
  const runtime = memoryNetwork();
  class Asking extends TcpServer {
    override tls = { ...localhost() };

    override verifyRequest(request: StreamSocket): boolean {
      return request.tls?.serverName === "localhost";
    }
  }
  class Hello extends BaseRequestHandler {
    override async handle(): Promise<void> {
      await this.request.sendAll("hello");
    }
  }
  await using server = new Asking(["127.0.0.1", 0], Hello, { runtime });
  void server.serveForever();
  await server.activated;
  const address = server.socket.getSockName();
  const plain = await connect(address, { runtime });
  await plain.sendAll("GET / HTTP/1.1\r\n\r\n");
  assert.notEqual(await endOf(plain), "");
  await until(() => server.socket.tlsFailures === 1);
  const client = await secure({ address }, runtime);
  assert.equal((await client.recvExactly(5)).length, 5);
  await closeAll([client, plain]);
}, { skip });
