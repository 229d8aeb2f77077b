/**
 * Servers behind proxies: whose headers are believed, and that no handler sees
 * a byte of one.
 */

import assert from "node:assert/strict";
import process from "node:process";
import { connect, type Runtime, type StreamSocket } from "../../mod.ts";
import {
  type ConnectionContext,
  encodeProxyHeader,
  type ProxyHeaderInit,
  serve,
  type ServeOptions,
} from "../../src/server/mod.ts";
import { memoryNetwork } from "../../src/testing/mod.ts";
import { test } from "../harness.ts";
import {
  addsUp,
  clientOf,
  deferred,
  endOf,
  onEach,
  until,
  visit,
} from "./support.ts";

const source = { family: "ipv4", hostname: "192.0.2.1", port: 7 } as const;
const destination = {
  family: "ipv4",
  hostname: "192.0.2.2",
  port: 80,
} as const;
const FUZZ_RUNS = Number(process.env["ANYSOCK_FUZZ"] ?? 300);
const FROM_HERE = { from: ["127.0.0.0/8"] };

/** What a handler was given and has read by the end. */
interface Seen {
  readonly context: ConnectionContext;
  readonly text: string;
}

/** What the handler sees of a client that sends so; `undefined` if nothing. */
async function seen(
  runtime: Runtime,
  options: ServeOptions,
  act: (client: StreamSocket) => Promise<void>,
): Promise<Seen | undefined> {
  let result: Seen | undefined;
  const server = await serve("127.0.0.1:0", async (connection, context) => {
    const file = connection.makeFile("r", { encoding: "utf-8" });
    result = { context, text: await file.read() ?? "" };
    await file.close();
  }, { runtime, ...options });
  const client = await clientOf(server, runtime);
  await act(client);
  await endOf(client);
  await client.close();
  await server.stop();
  addsUp(server.stats);
  const { accepted, rejected } = server.stats;
  assert.equal(accepted, result === undefined ? 0 : 1);
  assert.equal(rejected.proxy, result === undefined ? 1 : 0);
  return result;
}

onEach(
  "a proxy that is gone before it has a name is no stranger",
  async (runtime) => {
    let handled = 0;
    const server = await serve("127.0.0.1:0", () => void handled++, {
      runtime,
      proxyProtocol: FROM_HERE,
    });
    const options = { runtime, abortive: true };
    await Promise.all(Array.from({ length: 100 }, async () => {
      const client = await connect(server.address, options);
      await client.sendAll("PROXY nonsense");
      client.reset();
    }));
    // Whoever comes after them is told in order.
    const last = await clientOf(server, runtime);
    await last.sendAll(encodeProxyHeader({ source, destination }, 1));
    assert.equal(await last.recv(), null);
    await last.close();
    await server.stop();
    assert.equal(handled, 1);
    addsUp(server.stats);
  },
);

/** Sends pieces, each in a turn of its own, and ends. */
function pieces(...all: (string | Uint8Array)[]) {
  return async (client: StreamSocket): Promise<void> => {
    for (const piece of all) {
      // It may have been turned away meanwhile.
      await client.sendAll(piece).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await client.shutdown(1).catch(() => {});
  };
}

const HEADERS: readonly (readonly [string, ProxyHeaderInit, 1 | 2])[] = [
  ["version 1", { source, destination }, 1],
  ["version 2", { source, destination, crc32c: true }, 2],
];

for (const [name, init, version] of HEADERS) {
  const header = encodeProxyHeader(init, version);
  onEach(`a proxy's client is told in ${name}`, async (runtime) => {
    const bytes = new Uint8Array([
      ...header,
      ...new TextEncoder().encode("hi"),
    ]);
    const options = { proxyProtocol: FROM_HERE };
    const found = await seen(runtime, options, pieces(bytes));
    assert.equal(found?.text, "hi");
    assert.deepEqual(found?.context.address, source);
    assert.notDeepEqual(found?.context.peer, source);
    assert.deepEqual(found?.context.proxy?.destination, destination);
    assert.equal(found?.context.proxy?.version, version);
  });

  test(`a handler sees the same wherever ${name} is cut`, async () => {
    const runtime = memoryNetwork();
    for (let at = 1; at <= header.length; at++) {
      const found = await seen(
        runtime,
        { proxyProtocol: FROM_HERE },
        pieces(header.subarray(0, at), header.subarray(at), "hi"),
      );
      assert.equal(found?.text, "hi", `cut at ${at}`);
      assert.deepEqual(found?.context.address, source);
    }
  });

  test(`no handler sees a connection that ends within ${name}`, async () => {
    const runtime = memoryNetwork();
    for (const required of [true, false]) {
      const proxyProtocol = { ...FROM_HERE, required };
      for (let at = 1; at < header.length; at++) {
        const part = pieces(header.subarray(0, at));
        const found = await seen(runtime, { proxyProtocol }, part);
        // One byte alone may be anything, if no header is required.
        assert.equal(found, undefined, `${at}`);
      }
    }
  });
}

test("what is no header is no handler's", async () => {
  const runtime = memoryNetwork();
  const wrong = encodeProxyHeader({ source, destination, crc32c: true });
  wrong[20]! ^= 1;
  for (
    const bytes of ["GET / HTTP/1.1\r\n", "PROXY TCP4 a b 1 2\r\n", wrong, ""]
  ) {
    const options = { proxyProtocol: FROM_HERE };
    assert.equal(await seen(runtime, options, pieces(bytes)), undefined);
  }
});

test("a header longer than maxLength is no handler's", async () => {
  const tlvs = [{ type: 0xe0, value: new Uint8Array(500) }];
  const header = encodeProxyHeader({ source, destination, tlvs });
  for (const [maxLength, isFine] of [[531, true], [530, false]] as const) {
    const proxyProtocol = { ...FROM_HERE, maxLength };
    const runtime = memoryNetwork();
    const found = await seen(runtime, { proxyProtocol }, pieces(header, "x"));
    assert.equal(found?.text, isFine ? "x" : undefined);
  }
});

onEach("a stranger's header is data", async (runtime) => {
  const header = encodeProxyHeader({ source, destination }, 1);
  const proxyProtocol = { from: ["192.0.2.0/24"] };
  const found = await seen(runtime, { proxyProtocol }, pieces(header));
  assert.equal(found?.text, new TextDecoder().decode(header));
  assert.equal(found?.context.proxy, undefined);
  assert.deepEqual(found?.context.address, found?.context.peer);
});

const SILENT: readonly (readonly [string, ProxyHeaderInit, 1 | 2])[] = [
  ["LOCAL", { command: "local" }, 2],
  ["UNSPEC", {}, 2],
  ["UNKNOWN", {}, 1],
];

for (const [name, init, version] of SILENT) {
  test(`a header of ${name} leaves the address of the peer`, async () => {
    const runtime = memoryNetwork();
    const found = await seen(
      runtime,
      { proxyProtocol: FROM_HERE, maxPerHost: 1 },
      pieces(encodeProxyHeader(init, version), "x"),
    );
    assert.equal(found?.text, "x");
    assert.deepEqual(found?.context.address, found?.context.peer);
    assert.ok(found?.context.proxy);
  });
}

test("a header that is not required may be left out", async () => {
  const runtime = memoryNetwork();
  const proxyProtocol = { ...FROM_HERE, required: false };
  for (const text of ["hello", "P", "PROXI", "\r\n\r\nGET", ""]) {
    const found = await seen(runtime, { proxyProtocol }, pieces(text));
    const isPart = "PROXY ".startsWith(text) && text !== "";
    assert.equal(found?.text, isPart ? undefined : text, text);
  }
  const header = encodeProxyHeader({ source, destination });
  const found = await seen(runtime, { proxyProtocol }, pieces(header, "x"));
  assert.deepEqual(found?.context.address, source);
});

test("a proxy's clients are counted, not the proxy", async () => {
  const runtime = memoryNetwork();
  const go = deferred();
  const server = await serve("127.0.0.1:0", () => go.promise, {
    ...{ runtime, maxPerHost: 1, proxyProtocol: FROM_HERE },
  });
  const clients: StreamSocket[] = [];
  for (const hostname of ["192.0.2.1", "192.0.2.2", "192.0.2.1"]) {
    const client = await clientOf(server, runtime);
    const from = { ...source, hostname };
    await client.sendAll(encodeProxyHeader({ source: from, destination }));
    clients.push(client);
  }
  assert.equal(await endOf(clients[2]!), "ECONNRESET");
  const { accepted, rejected } = server.stats;
  assert.deepEqual([accepted, rejected.perHost], [2, 1]);
  go.resolve();
  await Promise.all(clients.map((client) => client.close()));
  await server.stop();
  addsUp(server.stats);
});

test("who has yet to send a header counts for maxConnections", async () => {
  const runtime = memoryNetwork();
  const server = await serve("127.0.0.1:0", () => {}, {
    ...{ runtime, maxConnections: 1, whenFull: "reset" as const },
    proxyProtocol: FROM_HERE,
  });
  const silent = await clientOf(server, runtime);
  await until(() => server.connections.size === 1);
  assert.equal(await visit(server, runtime), "ECONNRESET");
  await silent.close();
  await until(() => server.connections.size === 0);
  const { accepted, active, rejected } = server.stats;
  assert.deepEqual([accepted, active, rejected.full, rejected.proxy], [
    ...[0, 0, 1, 1],
  ]);
  await server.stop();
});

test("random bytes of a proxy reach no handler unparsed", async () => {
  const runtime = memoryNetwork();
  const header = encodeProxyHeader({ source, destination, crc32c: true });
  let texts = 0;
  const server = await serve("127.0.0.1:0", async (connection, { proxy }) => {
    assert.deepEqual(proxy?.source ?? source, source);
    assert.equal((await connection.recv())?.[0], 0x78);
    texts++;
  }, {
    ...{ runtime, proxyProtocol: FROM_HERE },
    onError: (error) => assert.fail(String(error)),
  });
  for (let run = 0; run < FUZZ_RUNS; run++) {
    const bytes = header.slice();
    // Its checksum is not touched, so that a change is always noticed.
    if (run % 3 > 0) bytes[(run * 7) % 28]! ^= 1 + (run % 255);
    const client = await clientOf(server, runtime);
    await client.sendAll([bytes, "x"]).catch(() => {});
    await client.shutdown(1).catch(() => {});
    await endOf(client);
    await client.close();
  }
  await server.stop();
  assert.equal(texts, Math.ceil(FUZZ_RUNS / 3));
  addsUp(server.stats);
}, { timeoutMs: 20_000 + 5 * FUZZ_RUNS });
