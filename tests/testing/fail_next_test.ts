/** What `failNext` lets fail, and what it leaves alone. */

import assert from "node:assert/strict";
import {
  AF_INET,
  connect,
  GaiError,
  getAddrInfo,
  listen,
  SOCK_DGRAM,
  socket,
  SocketError,
} from "../../mod.ts";
import {
  type FailingOp,
  failNext,
  loopbackPair,
  memoryNetwork,
  simulate,
} from "../../src/testing/mod.ts";
import { currentRuntime } from "../../src/runtime/detect.ts";
import { test } from "../harness.ts";
import { echo } from "../simulation/scenarios.ts";

const bytes = new Uint8Array([1, 2, 3]);

test("a connect, a listen and a look-up fail once, and then succeed", async () => {
  const runtime = memoryNetwork();
  failNext("listen", "EADDRINUSE", { runtime });
  await assert.rejects(listen("127.0.0.1:7", { runtime }), {
    code: "EADDRINUSE",
    op: "listen",
  });
  await using listener = await listen("127.0.0.1:7", { runtime });
  failNext("connect", "EMFILE", { runtime });
  const failed = connect(listener.getSockName(), { runtime });
  await assert.rejects(failed, { code: "EMFILE", op: "connect" });
  await using client = await connect(listener.getSockName(), { runtime });
  const [server] = await listener.accept();
  await server.close();
  assert.equal(await client.recv(), null);
  failNext("getAddrInfo", "EAI_AGAIN", { runtime });
  const lookUp = () => getAddrInfo("localhost", 7, { runtime });
  await assert.rejects(
    lookUp(),
    (error) => error instanceof GaiError && error.code === "EAI_AGAIN",
  );
  assert.ok((await lookUp()).length > 0);
});

const CALLS: Readonly<
  Record<string, (sock: Awaited<ReturnType<typeof connect>>) => unknown>
> = {
  recv: (sock) => sock.recv(),
  recvInto: (sock) => sock.recvInto(new Uint8Array(9)),
  recvExactly: (sock) => sock.recvExactly(3),
  recvUntil: (sock) => sock.recvUntil("\n"),
  tryRecv: (sock) => sock.tryRecv(),
  send: (sock) => sock.send(bytes),
  sendAll: (sock) => sock.sendAll(bytes),
  trySend: (sock) => sock.trySend(bytes),
};

for (const [op, call] of Object.entries(CALLS)) {
  test(`${op} fails as often as asked, and leaves the stream as it was`, async () => {
    const runtime = memoryNetwork();
    const [client, server] = await loopbackPair(runtime);
    failNext(op as FailingOp, "ECONNRESET", { runtime, times: 2 });
    for (let i = 0; i < 2; i++) {
      const failed = (async () => await call(client))();
      await assert.rejects(
        failed,
        (error) =>
          error instanceof SocketError && error.code === "ECONNRESET" &&
          error.op === op,
      );
    }
    await client.sendAll("ping");
    assert.equal((await server.recvExactly(4)).length, 4);
    await server.sendAll("pong");
    assert.equal((await client.recvExactly(4)).length, 4);
    await Promise.all([client.close(), server.close()]);
  });
}

test("accept fails, and the connection waits for the next one", async () => {
  const runtime = memoryNetwork();
  await using listener = await listen("127.0.0.1:7", { runtime });
  await using client = await connect(listener.getSockName(), { runtime });
  failNext("accept", "EMFILE", { runtime });
  await assert.rejects(listener.accept(), { code: "EMFILE" });
  const [server] = await listener.accept();
  await server.close();
  assert.equal(await client.recv(), null);
});

test("calls of datagrams fail before anything is sent", async () => {
  const runtime = memoryNetwork();
  await using sock = socket(AF_INET, SOCK_DGRAM, 0, { runtime });
  failNext("bind", "EADDRINUSE", { runtime });
  await assert.rejects(sock.bind("127.0.0.1:0"), { code: "EADDRINUSE" });
  await sock.bind("127.0.0.1:0");
  failNext("sendTo", "ENOBUFS", { runtime });
  await assert.rejects(sock.sendTo(bytes, sock.getSockName()), {
    code: "ENOBUFS",
  });
  failNext("recvFrom", "ECONNREFUSED", { runtime });
  await assert.rejects(sock.recvFrom(), { code: "ECONNREFUSED" });
  assert.equal(await sock.sendTo("one", sock.getSockName()), 3);
  assert.equal((await sock.recvFrom())[0].length, 3);
});

test("a plan that was taken back, or is another runtime's, does nothing", async () => {
  const runtime = memoryNetwork();
  failNext("connect", "EMFILE", { runtime })();
  failNext("connect", "EMFILE", { runtime: memoryNetwork() });
  const [client, server] = await loopbackPair(runtime);
  await Promise.all([client.close(), server.close()]);
});

test("the runtime's own sockets fail when it is the one given", async () => {
  const runtime = currentRuntime();
  await using listener = await listen("127.0.0.1:0");
  failNext("connect", "ENETDOWN", { runtime });
  await assert.rejects(connect(listener.getSockName()), { code: "ENETDOWN" });
  await using client = await connect(listener.getSockName());
  const [server] = await listener.accept();
  await server.close();
  assert.equal(await client.recv(), null);
});

test("inside a simulation the host that runs fails, or the one given", async () => {
  await simulate(async (sim) => {
    const server = sim.host("server", () => echo("0.0.0.0:7"));
    const client = sim.host("client");
    failNext("recv", "EIO", { host: client });
    await client.run(async () => {
      failNext("connect", "EAI_AGAIN");
      await assert.rejects(connect("server:7"), { code: "EAI_AGAIN" });
      const sock = await connect("server:7");
      await assert.rejects(sock.recv(), { code: "EIO" });
      await sock.sendAll("hello");
      assert.equal((await sock.recvExactly(5)).length, 5);
    });
    assert.throws(() => failNext("connect", "EMFILE"), /runs on no host/);
    assert.ok(server);
  });
});

test("failNext refuses what it could never do", () => {
  const runtime = memoryNetwork();
  assert.throws(() => failNext("connect", "EMFILE"), TypeError);
  const unknown = "conect" as FailingOp;
  assert.throws(() => failNext(unknown, "EMFILE", { runtime }), /recvExactly/);
  assert.throws(() => failNext("recv", "ENOSUCH", { runtime }), RangeError);
  const times = 0;
  const none = () => failNext("recv", "EIO", { runtime, times });
  assert.throws(none, RangeError);
  const more = { runtime, time: 1 } as never;
  assert.throws(() => failNext("recv", "EIO", more), /time/);
});
