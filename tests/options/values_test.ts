/** What `setSockOpt` and `getSockOpt` take, keep and refuse. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as a from "../../mod.ts";
import type { StreamSocket } from "../../mod.ts";
import { select } from "../../src/polling/mod.ts";
import { memoryNetwork } from "../../src/testing/mod.ts";
import { test } from "../harness.ts";
import { repositoryRoot } from "../runtimes.ts";
import { type RawPeer, withRawPeer } from "../support/raw_peer.ts";

/** A connection in memory and what it came from. */
async function withConnection(
  run: (
    client: StreamSocket,
    accepted: StreamSocket,
    server: StreamSocket,
  ) => Promise<void> | void,
  prepare: (server: StreamSocket, client: StreamSocket) => void = () => {},
): Promise<void> {
  const runtime = memoryNetwork();
  const server = a.socket(a.AF_INET, a.SOCK_STREAM, 0, { runtime });
  const client = a.socket(a.AF_INET, a.SOCK_STREAM, 0, { runtime });
  prepare(server, client);
  await server.listen();
  const [[accepted]] = await Promise.all([
    server.accept(),
    client.connect(server.getSockName()),
  ]);
  await run(client, accepted, server);
  const all = [client, accepted, server];
  await Promise.all(all.map((each) => each.close({ lingerMs: 0 })));
}

interface Bad {
  readonly title: string;
  readonly act: (sock: StreamSocket) => void;
  readonly error: RegExp;
}

const bad: readonly Bad[] = [
  {
    title: "a value that is a string",
    act: (sock) => sock.setSockOpt(a.SOL_SOCKET, a.SO_KEEPALIVE, "1" as never),
    error: /^TypeError: .*"1"/,
  },
  {
    title: "a value that is a boolean",
    act: (sock) => sock.setSockOpt(a.SOL_SOCKET, a.SO_KEEPALIVE, true as never),
    error: /^TypeError: .*true/,
  },
  {
    title: "a value that is a fraction",
    act: (sock) => sock.setSockOpt(a.SOL_SOCKET, a.SO_KEEPALIVE, 0.5),
    error: /^RangeError: .*0\.5/,
  },
  {
    title: "an int of three bytes",
    act: (sock) =>
      sock.setSockOpt(a.SOL_SOCKET, a.SO_KEEPALIVE, new Uint8Array(3)),
    error: /^TypeError: /,
  },
  {
    title: "a struct linger of four bytes",
    act: (sock) =>
      sock.setSockOpt(a.SOL_SOCKET, a.SO_LINGER, new Uint8Array(4)),
    error: /^TypeError: .*8 bytes: 4/,
  },
  {
    title: "a linger that is a number",
    act: (sock) => sock.setSockOpt(a.SOL_SOCKET, a.SO_LINGER, 0),
    error: /^TypeError: .*: 0/,
  },
  {
    title: "negative seconds of a linger",
    act: (sock) =>
      sock.setSockOpt(a.SOL_SOCKET, a.SO_LINGER, { on: true, seconds: -1 }),
    error: /^RangeError: .*-1/,
  },
  {
    title: "an idle time of 0",
    act: (sock) => sock.setSockOpt(a.IPPROTO_TCP, a.TCP_KEEPIDLE, 0),
    error: /^RangeError: .*1 to 32767: 0/,
  },
  {
    title: "128 probes",
    act: (sock) => sock.setSockOpt(a.IPPROTO_TCP, a.TCP_KEEPCNT, 128),
    error: /^RangeError: .*1 to 127: 128/,
  },
  {
    title: "a level that is no number",
    act: (sock) => sock.setSockOpt("tcp" as never, a.TCP_NODELAY, 1),
    error: /^TypeError: .*level.*"tcp"/,
  },
  {
    title: "a name that is no integer",
    act: (sock) => sock.getSockOpt(a.IPPROTO_TCP, 1.5),
    error: /^TypeError: .*name.*1\.5/,
  },
  {
    title: "a buflen of 0",
    act: (sock) => sock.getSockOpt(a.SOL_SOCKET, a.SO_TYPE, 0),
    error: /^RangeError: .*buflen.*: 0/,
  },
  {
    title: "a buflen of 65,537",
    act: (sock) => sock.getSockOpt(a.SOL_SOCKET, a.SO_TYPE, 65_537),
    error: /^RangeError: .*buflen.*: 65537/,
  },
  {
    title: "a buflen that is a string",
    act: (sock) => sock.getSockOpt(a.SOL_SOCKET, a.SO_TYPE, "4" as never),
    error: /^TypeError: buflen/,
  },
  {
    title: "an unknown level",
    act: (sock) => sock.setSockOpt(77, 5, 1),
    error: /ENOPROTOOPT.*option 5 of level 77/,
  },
  {
    title: "an unknown name",
    act: (sock) => sock.getSockOpt(a.SOL_SOCKET, 9999),
    error: /ENOPROTOOPT.*option 9999 of level 1/,
  },
  {
    title: "a constant that the platform lacks",
    act: (sock) => sock.setSockOpt(a.SOL_SOCKET, undefined, 1),
    error: /ENOPROTOOPT.*no such option/,
  },
  {
    title: "an option that can only be read",
    act: (sock) => sock.setSockOpt(a.SOL_SOCKET, a.SO_TYPE, 1),
    error: /ENOPROTOOPT.*SO_TYPE: it can only be read/,
  },
  {
    title: "SO_REUSEADDR switched off",
    act: (sock) => sock.setSockOpt(a.SOL_SOCKET, a.SO_REUSEADDR, 0),
    error: /ENOPROTOOPT.*SO_REUSEADDR/,
  },
  {
    title: "SO_REUSEPORT after connect",
    act: (sock) => sock.setSockOpt(a.SOL_SOCKET, a.SO_REUSEPORT, 1),
    error: /ENOPROTOOPT.*SO_REUSEPORT.*before listen/,
  },
  {
    title: "IPV6_V6ONLY of an IPv4 socket",
    act: (sock) => sock.setSockOpt(a.IPPROTO_IPV6, a.IPV6_V6ONLY, 1),
    error: /ENOPROTOOPT.*IPV6_V6ONLY.*IPv6/,
  },
  {
    title: "an idle time that nobody set",
    act: (sock) => sock.getSockOpt(a.IPPROTO_TCP, a.TCP_KEEPIDLE),
    error: /ENOPROTOOPT.*TCP_KEEPIDLE.*kernel/,
  },
];

for (const { title, act, error } of bad) {
  test(`an option is refused by name when given ${title}`, async () => {
    await withConnection((client) => {
      assert.throws(() => act(client), (thrown: Error & { code?: string }) => {
        assert.match(`${thrown.code ?? thrown.name}: ${thrown.message}`, error);
        return true;
      });
    });
  });
}

interface Fact {
  readonly name: "SO_TYPE" | "SO_DOMAIN" | "SO_PROTOCOL" | "SO_ACCEPTCONN";
  readonly connected: number;
  readonly listening: number;
}

const facts: readonly Fact[] = [
  { name: "SO_TYPE", connected: a.SOCK_STREAM, listening: a.SOCK_STREAM },
  { name: "SO_DOMAIN", connected: a.AF_INET, listening: a.AF_INET },
  {
    name: "SO_PROTOCOL",
    connected: a.IPPROTO_TCP,
    listening: a.IPPROTO_TCP,
  },
  { name: "SO_ACCEPTCONN", connected: 0, listening: 1 },
];

for (const { name, connected, listening } of facts) {
  test(`${name} says what the socket is when asked`, async () => {
    await withConnection((client, accepted, server) => {
      const of = (sock: StreamSocket) => sock.getSockOpt(a.SOL_SOCKET, a[name]);
      assert.deepEqual(
        [of(client), of(accepted), of(server)],
        [connected, connected, listening],
      );
    });
  });
}

test("options have C's defaults, and TCP_NODELAY, when nobody set them", async () => {
  await withConnection((client, _accepted, server) => {
    const { SOL_SOCKET, IPPROTO_TCP } = a;
    assert.equal(client.getSockOpt(IPPROTO_TCP, a.TCP_NODELAY), 1);
    assert.equal(client.getSockOpt(SOL_SOCKET, a.SO_KEEPALIVE), 0);
    assert.equal(client.getSockOpt(SOL_SOCKET, a.SO_LINGER), 0);
    assert.equal(client.getSockOpt(SOL_SOCKET, a.SO_ERROR), 0);
    assert.equal(server.getSockOpt(SOL_SOCKET, a.SO_REUSEADDR), 1);
    assert.equal(server.getSockOpt(SOL_SOCKET, a.SO_REUSEPORT), 0);
  });
});

test("getSockOpt gives the bytes of the structure when told a buflen", async () => {
  await withConnection((client) => {
    const { SOL_SOCKET, SO_TYPE, SO_LINGER } = a;
    client.setSockOpt(SOL_SOCKET, SO_LINGER, { on: true, seconds: 7 });
    const int = (...values: number[]) =>
      new Uint8Array(Int32Array.from(values).buffer);
    assert.deepEqual(client.getSockOpt(SOL_SOCKET, SO_TYPE, 64), int(1));
    assert.deepEqual(
      client.getSockOpt(SOL_SOCKET, SO_TYPE, 2),
      int(1).slice(0, 2),
    );
    assert.deepEqual(client.getSockOpt(SOL_SOCKET, SO_LINGER, 8), int(1, 7));
    client.setSockOpt(SOL_SOCKET, SO_LINGER, int(0, 3));
    assert.deepEqual(client.getSockOpt(SOL_SOCKET, SO_LINGER, 8), int(0, 3));
  });
});

test("an int may come as its bytes when it is set", async () => {
  await withConnection((client) => {
    const one = new Int32Array([1]);
    client.setSockOpt(a.SOL_SOCKET, a.SO_KEEPALIVE, one);
    assert.equal(client.getSockOpt(a.SOL_SOCKET, a.SO_KEEPALIVE), 1);
    client.setSockOpt(a.SOL_SOCKET, a.SO_KEEPALIVE, new Int32Array([0]).buffer);
    assert.equal(client.getSockOpt(a.SOL_SOCKET, a.SO_KEEPALIVE), 0);
  });
});

test("a connection has its listener's options when it is accepted", async () => {
  await withConnection((client, accepted) => {
    assert.equal(accepted.getSockOpt(a.SOL_SOCKET, a.SO_KEEPALIVE), 1);
    assert.equal(accepted.getSockOpt(a.IPPROTO_TCP, a.TCP_KEEPIDLE), 9);
    assert.equal(accepted.getSockOpt(a.IPPROTO_TCP, a.TCP_NODELAY), 0);
    assert.equal(client.getSockOpt(a.SOL_SOCKET, a.SO_KEEPALIVE), 0);
    assert.equal(client.getSockOpt(a.IPPROTO_TCP, a.TCP_NODELAY), 1);
  }, (server) => {
    server.setSockOpt(a.SOL_SOCKET, a.SO_KEEPALIVE, 1);
    server.setSockOpt(a.IPPROTO_TCP, a.TCP_KEEPIDLE, 9);
    server.setSockOpt(a.IPPROTO_TCP, a.TCP_NODELAY, 0);
  });
});

test("TCP_KEEP* are remembered when the keep-alive is off", async () => {
  await withConnection((client) => {
    const set = (name: number, value: number) =>
      client.setSockOpt(a.IPPROTO_TCP, name, value);
    set(a.TCP_KEEPIDLE, 40);
    set(a.TCP_KEEPINTVL, 5);
    set(a.TCP_KEEPCNT, 3);
    const get = (name: number) => client.getSockOpt(a.IPPROTO_TCP, name);
    const names = [a.TCP_KEEPIDLE, a.TCP_KEEPINTVL, a.TCP_KEEPCNT];
    assert.deepEqual(names.map(get), [40, 5, 3]);
    assert.equal(client.getSockOpt(a.SOL_SOCKET, a.SO_KEEPALIVE), 0);
  });
});

test("setSockOpt is EBADF when the socket is closed", async () => {
  const sock = a.socket(a.AF_INET);
  await sock.close();
  const isGone = { code: "EBADF" };
  assert.throws(
    () => sock.setSockOpt(a.SOL_SOCKET, a.SO_KEEPALIVE, 1),
    isGone,
  );
  assert.throws(() => sock.getSockOpt(a.SOL_SOCKET, a.SO_TYPE), isGone);
  assert.equal(sock.fileno(), -1);
});

test("connect is refused when what was set is for listeners alone", async () => {
  const sock = a.socket(a.AF_INET, a.SOCK_STREAM, 0, {
    runtime: memoryNetwork(),
  });
  sock.setSockOpt(a.SOL_SOCKET, a.SO_REUSEPORT, 1);
  await assert.rejects(sock.connect(["127.0.0.1", 9]), {
    code: "ENOPROTOOPT",
    op: "connect",
  });
  await sock.close();
});

/** A connection that its peer has reset, and that knows it. */
async function resetByPeer(peer: RawPeer): Promise<a.StreamSocket> {
  const listener = await peer.listen();
  const client = await a.connect(listener.address);
  const conn = await listener.accept();
  await conn.reset();
  await assert.rejects(client.recv(), { code: "ECONNRESET" });
  return client;
}

test("SO_ERROR tells once what ended the connection when it was reset", async () => {
  await withRawPeer(async (peer) => {
    const client = await resetByPeer(peer);
    const get = () => client.getSockOpt(a.SOL_SOCKET, a.SO_ERROR);
    assert.deepEqual([get(), get()], [a.errno.ECONNRESET, 0]);
    await client.close();
  });
});

test("SO_ERROR tells once why a non-blocking connect failed", async () => {
  const runtime = memoryNetwork();
  const sock = a.socket(a.AF_INET, a.SOCK_STREAM, 0, { runtime });
  sock.setBlocking(false);
  await assert.rejects(sock.connect(["127.0.0.1", 9]), { code: "EINPROGRESS" });
  const get = () => sock.getSockOpt(a.SOL_SOCKET, a.SO_ERROR);
  assert.equal(get(), 0);
  const [, writable] = await select([], [sock], []);
  assert.deepEqual(writable, [sock]);
  assert.deepEqual([get(), get()], [a.errno.ECONNREFUSED, 0]);
  await sock.close();
});

test("an idle time is refused at once when the listener cannot hand it on", async () => {
  await using server = await a.listen("127.0.0.1:0");
  const set = () => server.setSockOpt(a.IPPROTO_TCP, a.TCP_KEEPIDLE, 40);
  const support = a.capabilities().keepAliveIdle;
  if (support === true) set();
  else assert.throws(set, { code: "ENOPROTOOPT", message: /before connect/ });
});

test("docs/capabilities.md says why when this runtime cannot", () => {
  const plain = (text: string) =>
    text.replace(/\d+(\.\d+)+/g, "N").replace(/\s+/g, " ");
  const page = plain(
    readFileSync(join(repositoryRoot(), "docs/capabilities.md"), "utf8"),
  );
  for (const [feature, support] of Object.entries(a.capabilities())) {
    if (typeof support !== "string") continue;
    assert.ok(page.includes(`${plain(support)}.`), `${feature}: ${support}`);
  }
});

for (const options of [{ noDelay: false }, { keepAlive: true }]) {
  const [name] = Object.keys(options);
  test(`connect refuses ${name} when the address is a path`, async () => {
    await assert.rejects(a.connect({ path: "/nobody/here.sock" }, options), {
      code: "ENOPROTOOPT",
      op: "connect",
    });
  });
}

test("setSockOpt is a SocketError when the connection is gone", async () => {
  await withRawPeer(async (peer) => {
    const client = await resetByPeer(peer);
    await assert.rejects(client.recv(), { code: "ECONNRESET" });
    try {
      // What the kernel says of a dead socket differs by option and runtime.
      client.setSockOpt(a.SOL_SOCKET, a.SO_KEEPALIVE, 1);
    } catch (error) {
      assert.ok(error instanceof a.SocketError, String(error));
      assert.equal(error.op, "setSockOpt");
    }
    await client.close();
  });
});

test("setSockOpt reads the bytes it is given when they are a Buffer", () =>
  withConnection((client) => {
    for (const value of [1, 0]) {
      const bytes = Buffer.from(new Uint8Array(new Int32Array([value]).buffer));
      client.setSockOpt(a.SOL_SOCKET, a.SO_KEEPALIVE, bytes);
      assert.equal(client.getSockOpt(a.SOL_SOCKET, a.SO_KEEPALIVE), value);
    }
  }));
