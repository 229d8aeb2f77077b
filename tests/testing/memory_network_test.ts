/**
 * What a network in memory does beyond the laws that every runtime keeps:
 * hosts, names, full queues, fixed order.
 */

import assert from "node:assert/strict";
import {
  AF_INET,
  AF_INET6,
  connect,
  listen,
  type Listener,
  socket,
  SocketError,
  type StreamSocket,
} from "../../mod.ts";
import type { AddressLike } from "../../src/contracts.ts";
import type { Runtime } from "../../src/runtime/seam/runtime.ts";
import {
  assertNoLeaks,
  FakeClock,
  liveHandles,
  memoryNetwork,
} from "../../src/testing/mod.ts";
import { test } from "../harness.ts";

const HOSTS = {
  "db.test": ["10.0.0.7", "fd00::7"],
  "Web.Test": ["fd00::8"],
};

function code(expected: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof SocketError, `${error}`);
    assert.equal(error.code, expected);
    return true;
  };
}

async function pairOf(
  listener: Listener,
  to: AddressLike,
  runtime: Runtime,
): Promise<[StreamSocket, StreamSocket]> {
  const [client, [server]] = await Promise.all([
    connect(to, { runtime }),
    listener.accept(),
  ]);
  return [client, server];
}

async function closeAll(
  ...handles: readonly { close(options?: object): Promise<void> }[]
): Promise<void> {
  await Promise.all(handles.map((each) => each.close({ lingerMs: 0 })));
}

test("a host of the network is reached by its name when somebody listens", async () => {
  const runtime = memoryNetwork({ hosts: HOSTS });
  const listener = await listen("10.0.0.7:5432", { runtime });
  const [client, server] = await pairOf(listener, "DB.test:5432", runtime);
  assert.deepEqual(client.getPeerName(), {
    family: "ipv4",
    hostname: "10.0.0.7",
    port: 5432,
  });
  await closeAll(client, server, listener);
});

test("a name that no host has is EAI_NONAME", async () => {
  const runtime = memoryNetwork({ hosts: HOSTS });
  await assert.rejects(
    connect("nobody.test:1", { runtime }),
    code("EAI_NONAME"),
  );
  await assert.rejects(
    listen("nobody.test:1", { runtime }),
    code("EAI_NONAME"),
  );
});

test("lookup gives the addresses of a name in the order given", async () => {
  const runtime = memoryNetwork({ hosts: HOSTS });
  const v4 = { family: "ipv4", hostname: "10.0.0.7" };
  const v6 = { family: "ipv6", hostname: "fd00::7" };
  assert.deepEqual(await runtime.lookup("db.test", 0), [v4, v6]);
  assert.deepEqual(await runtime.lookup("db.test", 6), [v6]);
  assert.deepEqual(await runtime.lookup("WEB.test", 0), [{
    family: "ipv6",
    hostname: "fd00::8",
  }]);
  await assert.rejects(runtime.lookup("web.test", 4));
});

test("an address that no host has cannot be reached or listened on", async () => {
  const runtime = memoryNetwork({ hosts: HOSTS });
  await assert.rejects(
    connect("10.0.0.9:1", { runtime }),
    code("EHOSTUNREACH"),
  );
  await assert.rejects(
    listen("10.0.0.9:1", { runtime }),
    code("EADDRNOTAVAIL"),
  );
});

test("two networks know nothing of each other", async () => {
  const [one, other] = [memoryNetwork(), memoryNetwork()];
  const listener = await listen("127.0.0.1:7", { runtime: one });
  await assert.rejects(
    connect("127.0.0.1:7", { runtime: other }),
    code("ECONNREFUSED"),
  );
  await (await listen("127.0.0.1:7", { runtime: other })).close();
  await listener.close();
});

const CONFLICTS: readonly (readonly [
  first: string,
  second: string,
  isTaken: boolean,
])[] = [
  ["127.0.0.1:7", "127.0.0.1:7", true],
  ["127.0.0.1:7", "127.0.0.2:7", false],
  ["127.0.0.1:7", "127.0.0.1:8", false],
  ["0.0.0.0:7", "127.0.0.1:7", true],
  ["127.0.0.1:7", "0.0.0.0:7", true],
  ["127.0.0.1:7", "[::1]:7", false],
  ["[::]:7", "127.0.0.1:7", true],
  ["[::]:7", "[::1]:7", true],
  ["0.0.0.0:7", "[::]:7", true],
  ["0.0.0.0:7", "[::1]:7", false],
  ["unix:/run/a", "unix:/run/a", true],
  ["unix:/run/a", "unix:\0/run/a", false],
];

for (const [first, second, isTaken] of CONFLICTS) {
  const verdict = isTaken ? "EADDRINUSE" : "free";
  const shown = second.replace("\0", "@");
  test(`${shown} is ${verdict} when somebody listens on ${first}`, async () => {
    const runtime = memoryNetwork();
    const listener = await listen(first, { runtime });
    if (isTaken) {
      await assert.rejects(listen(second, { runtime }), code("EADDRINUSE"));
    } else {
      await (await listen(second, { runtime })).close();
    }
    await listener.close();
    await (await listen(second, { runtime })).close();
  });
}

test("ipv6Only leaves the IPv4 port to others", async () => {
  const runtime = memoryNetwork();
  const six = await listen("[::]:7", { runtime, ipv6Only: true });
  await assert.rejects(
    connect("127.0.0.1:7", { runtime }),
    code("ECONNREFUSED"),
  );
  const four = await listen("0.0.0.0:7", { runtime });
  await closeAll(six, four);
});

test("reusePort lets listeners share a port and take turns", async () => {
  const runtime = memoryNetwork();
  const options = { runtime, reusePort: true };
  const listeners = [
    await listen("127.0.0.1:7", options),
    await listen("127.0.0.1:7", options),
  ];
  await assert.rejects(listen("127.0.0.1:7", { runtime }), code("EADDRINUSE"));
  const clients = [];
  for (let i = 0; i < 4; i++) {
    clients.push(await connect("127.0.0.1:7", { runtime }));
  }
  const accepted = [];
  for (const listener of listeners) {
    accepted.push((await listener.accept())[0], (await listener.accept())[0]);
  }
  await closeAll(...clients, ...accepted, ...listeners);
});

test("a dual-stack listener sees mapped addresses when IPv4 connects", async () => {
  const runtime = memoryNetwork();
  const listener = await listen("[::]:7", { runtime });
  const [client, server] = await pairOf(listener, "127.0.0.1:7", runtime);
  const { port } = client.getSockName() as { port: number };
  assert.deepEqual(server.getPeerName(), {
    family: "ipv6",
    hostname: "::ffff:127.0.0.1",
    port,
  });
  assert.equal(client.getPeerName().family, "ipv4");
  await closeAll(client, server, listener);
});

test("an IPv6 socket reaches an IPv4 listener by a mapped address", async () => {
  const runtime = memoryNetwork();
  const listener = await listen("127.0.0.1:7", { runtime });
  const client = socket(AF_INET6, undefined, 0, { runtime });
  await client.connect("[::ffff:127.0.0.1]:7");
  const [server] = await listener.accept();
  assert.equal(server.getPeerName().family, "ipv4");
  assert.deepEqual(client.getPeerName(), {
    family: "ipv6",
    hostname: "::ffff:127.0.0.1",
    port: 7,
  });
  await closeAll(client, server, listener);
});

test("a connect waits when the accept queue is full", async () => {
  const runtime = memoryNetwork();
  const listener = await listen("127.0.0.1:7", { runtime, backlog: 2 });
  const first = await connect("127.0.0.1:7", { runtime });
  const second = await connect("127.0.0.1:7", { runtime });
  await assert.rejects(
    connect("127.0.0.1:7", { runtime, timeoutMs: 20 }),
    code("ETIMEDOUT"),
  );
  const third = connect("127.0.0.1:7", { runtime });
  const [server] = await listener.accept();
  const late = await third;
  assert.deepEqual(server.getPeerName(), first.getSockName());
  const others = [(await listener.accept())[0], (await listener.accept())[0]];
  // The one that gave up never appears.
  assert.deepEqual(others[1]?.getPeerName(), late.getSockName());
  await closeAll(first, second, late, server, ...others, listener);
});

test("a connect that waits for room is refused when the listener closes", async () => {
  const runtime = memoryNetwork();
  const listener = await listen("127.0.0.1:7", { runtime, backlog: 1 });
  const first = await connect("127.0.0.1:7", { runtime });
  const waiting = assert.rejects(
    connect("127.0.0.1:7", { runtime }),
    code("ECONNREFUSED"),
  );
  await assert.rejects(
    connect("127.0.0.1:7", { runtime, timeoutMs: 10 }),
    code("ETIMEDOUT"),
  );
  await listener.close();
  await waiting;
  await assert.rejects(first.recv(), code("ECONNRESET"));
  await first.close();
});

test("close ends a connect that waits for room with EBADF", async () => {
  const runtime = memoryNetwork();
  const listener = await listen("127.0.0.1:7", { runtime, backlog: 1 });
  const first = await connect("127.0.0.1:7", { runtime });
  const waiting = socket(AF_INET, undefined, 0, { runtime });
  const pending = assert.rejects(
    waiting.connect("127.0.0.1:7"),
    code("EBADF"),
  );
  await waiting.close();
  await pending;
  const [server] = await listener.accept();
  assert.equal(listener.tryAccept(), undefined);
  await closeAll(first, server, listener);
});

test("pipeBytes bounds what a direction holds", async () => {
  const runtime = memoryNetwork({ pipeBytes: 1_000 });
  const listener = await listen("127.0.0.1:7", { runtime });
  const [client, server] = await pairOf(listener, "127.0.0.1:7", runtime);
  assert.equal(client.trySend(new Uint8Array(5_000)), 1_000);
  assert.equal(client.trySend(new Uint8Array(5_000)), undefined);
  assert.equal((await server.recvExactly(1_000)).length, 1_000);
  assert.equal(await client.send(new Uint8Array(1_000)), 1_000);
  await closeAll(client, server, listener);
});

test("maxChunkBytes bounds what comes in one piece", async () => {
  const runtime = memoryNetwork({ maxChunkBytes: 10 });
  assert.equal(runtime.supports.maxReadAhead, 10);
  const listener = await listen("127.0.0.1:7", { runtime });
  const [client, server] = await pairOf(listener, "127.0.0.1:7", runtime);
  await client.sendAll("x".repeat(25));
  const sizes = [];
  for (let i = 0; i < 3; i++) sizes.push((await server.recv())?.length);
  assert.deepEqual(sizes, [10, 10, 5]);
  await closeAll(client, server, listener);
});

async function cuts(seed: number): Promise<readonly number[]> {
  const runtime = memoryNetwork({ seed });
  const listener = await listen("127.0.0.1:7", { runtime });
  const [client, server] = await pairOf(listener, "127.0.0.1:7", runtime);
  const sending = client.sendAll(new Uint8Array(200_000))
    .then(() => client.shutdown(1));
  const sizes: number[] = [];
  for await (const bytes of server) sizes.push(bytes.length);
  await sending;
  await closeAll(client, server, listener);
  return sizes;
}

test("the same seed cuts the same way and another seed another", async () => {
  const [first, again, other] = [await cuts(7), await cuts(7), await cuts(8)];
  assert.deepEqual(again, first);
  assert.notDeepEqual(other, first);
  assert.ok(first.length > 10, `${first.length} chunks`);
});

test("a deadline runs on the network's clock", async () => {
  const clock = new FakeClock();
  const runtime = memoryNetwork({ clock });
  const listener = await listen("127.0.0.1:7", { runtime });
  const [client, server] = await pairOf(listener, "127.0.0.1:7", runtime);
  const pending = assert.rejects(
    client.recv({ timeoutMs: 3_600_000 }),
    code("ETIMEDOUT"),
  );
  clock.advance(3_600_000);
  await pending;
  await closeAll(client, server, listener);
});

test("liveHandles counts what is open and nothing when all is closed", async () => {
  const before = liveHandles();
  const runtime = memoryNetwork();
  const listener = await listen("127.0.0.1:7", { runtime });
  const [client, server] = await pairOf(listener, "127.0.0.1:7", runtime);
  const now = liveHandles();
  assert.equal(now.listener - before.listener, 1);
  assert.equal(now.stream - before.stream, 2);
  await closeAll(client, server, listener);
  assert.deepEqual(liveHandles(), before);
});

test("a port of its own is chosen for each of many connections", async () => {
  const runtime = memoryNetwork();
  const listener = await listen("127.0.0.1:7", { runtime });
  const pairs = [];
  for (let i = 0; i < 50; i++) {
    pairs.push(await pairOf(listener, "127.0.0.1:7", runtime));
  }
  const names = pairs.map(([client]) => JSON.stringify(client.getSockName()));
  assert.equal(new Set(names).size, 50);
  await closeAll(...pairs.flat(), listener);
});

test("a local address that is taken is EADDRINUSE of bind", async () => {
  const runtime = memoryNetwork();
  const listener = await listen("127.0.0.1:7", { runtime });
  await assert.rejects(
    connect("127.0.0.1:7", { runtime, localAddress: "127.0.0.1:7" }),
    (error) =>
      code("EADDRINUSE")(error) && (error as SocketError).op === "bind",
  );
  const [client, server] = await Promise.all([
    connect("127.0.0.1:7", { runtime, localAddress: "127.0.0.9:99" }),
    listener.accept().then(([each]) => each),
  ]);
  assert.deepEqual(server.getPeerName(), {
    family: "ipv4",
    hostname: "127.0.0.9",
    port: 99,
  });
  await closeAll(client, server, listener);
});

const MISUSES: readonly (readonly [string, () => unknown, RegExp])[] = [
  ["pipeBytes of 0", () => memoryNetwork({ pipeBytes: 0 }), /pipeBytes.*0/],
  [
    "maxChunkBytes of 1.5",
    () => memoryNetwork({ maxChunkBytes: 1.5 }),
    /maxChunkBytes.*1\.5/,
  ],
  [
    "a host whose address is a name",
    () => memoryNetwork({ hosts: { a: ["b"] } }),
    /host a: b/,
  ],
];

for (const [what, make, text] of MISUSES) {
  test(`memoryNetwork throws when given ${what}`, () => {
    assert.throws(make, text);
  });
}

test("assertNoLeaks names what is left open", async () => {
  const runtime = memoryNetwork();
  const make = () => listen("127.0.0.1:7", { runtime });
  assert.equal(
    await assertNoLeaks(async () => await (await make()).close()),
    undefined,
  );
  let left: Listener | undefined;
  await assert.rejects(
    assertNoLeaks(async () => left = await make()),
    /^LawBroken: listener: \d+ before, \d+ after$/,
  );
  await left?.close();
});

test("faults of a memory network act on its links", async () => {
  const refusing = memoryNetwork({ faults: { connect: "refuse" } });
  await (async () => {
    const listener = await listen("127.0.0.1:7", { runtime: refusing });
    await assert.rejects(
      connect("127.0.0.1:7", { runtime: refusing }),
      code("ECONNREFUSED"),
    );
    await listener.close();
  })();
  const broken = memoryNetwork({ faults: { resetAtByte: 3 } });
  const listener = await listen("127.0.0.1:7", { runtime: broken });
  const [client, server] = await pairOf(listener, "127.0.0.1:7", broken);
  await client.sendAll("hello");
  await assert.rejects(server.recvExactly(5), code("ECONNRESET"));
  await closeAll(client, server, listener);
});
