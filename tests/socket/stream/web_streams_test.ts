/** Sockets as web streams in the hands of others. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { Duplex } from "node:stream";
import { handleCounts } from "../../../src/handle_counts.ts";
import { connect, listen, SHUT_WR } from "../../../mod.ts";
import type { StreamSocket } from "../../../mod.ts";
import { test } from "../../harness.ts";

const CLIENTS = 20;

test("echoes by pipeTo leave no socket open when their clients end", async () => {
  const before = handleCounts();
  const listener = await listen("127.0.0.1:0");
  const servers: StreamSocket[] = [];
  const serving = (async () => {
    for await (const [server] of listener.connections()) {
      servers.push(server);
      void server.readable.pipeTo(server.writable);
    }
  })();
  await Promise.all(Array.from({ length: CLIENTS }, async (_, index) => {
    const client = await connect(listener.getSockName());
    await client.sendAll(`client ${index}`);
    await client.shutdown(SHUT_WR);
    assert.ok((await client.recvExactly(8)).length === 8);
    while (await client.recv() !== null);
    await client.close();
  }));
  assert.equal(servers.length, CLIENTS);
  await Promise.all(servers.map(({ closed }) => closed));
  assert.ok(servers.every(({ isClosed }) => isClosed));
  await listener.close();
  await serving;
  assert.deepEqual(handleCounts(), before);
});

test("Duplex.fromWeb over a socket closes it when the peer resets", async () => {
  const listener = await listen("127.0.0.1:0");
  const [client, [server]] = await Promise.all([
    connect(listener.getSockName(), { abortive: true }),
    listener.accept(),
  ]);
  await listener.close();
  const duplex = Duplex.fromWeb(
    server as unknown as Parameters<typeof Duplex.fromWeb>[0],
  );
  const failing = once(duplex, "error");
  duplex.resume();
  await client.sendAll("abc");
  await once(duplex, "data");
  client.reset();
  const [error] = await failing as [Error & { code?: string }];
  assert.equal(error.code, "ECONNRESET");
  await server.closed;
  assert.equal(server.isClosed, true);
});

test("Duplex.fromWeb over a socket closes it when both sides end", async () => {
  const listener = await listen("127.0.0.1:0");
  const [client, [server]] = await Promise.all([
    connect(listener.getSockName()),
    listener.accept(),
  ]);
  await listener.close();
  const duplex = Duplex.fromWeb(
    server as unknown as Parameters<typeof Duplex.fromWeb>[0],
  );
  duplex.pipe(duplex);
  await client.sendAll("abc");
  await client.shutdown(SHUT_WR);
  assert.equal((await client.recvExactly(3)).length, 3);
  assert.equal(await client.recv(), null);
  await client.close();
  await server.closed;
});
