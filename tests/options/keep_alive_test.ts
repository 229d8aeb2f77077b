/** The option `keepAlive` of `connect` and `listen`. */

import assert from "node:assert/strict";
import * as a from "../../mod.ts";
import type { ConnectOptions } from "../../mod.ts";
import { test } from "../harness.ts";

const { IPPROTO_TCP, SOL_SOCKET, SO_KEEPALIVE } = a;
const IDLE = { idleMs: 41_000 };

function told(sock: a.StreamSocket): readonly number[] {
  return [
    sock.getSockOpt(SOL_SOCKET, SO_KEEPALIVE),
    sock.getSockOpt(IPPROTO_TCP, a.TCP_KEEPIDLE),
  ];
}

test("connect sets an idle time alone on every runtime", async () => {
  await using server = await a.listen("127.0.0.1:0");
  await using sock = await a.connect(server.getSockName(), { keepAlive: IDLE });
  assert.deepEqual(told(sock), [1, 41]);
});

test("a listener hands its keep-alive to what it accepts", async () => {
  await using server = await a.listen("127.0.0.1:0", { keepAlive: IDLE });
  await using client = await a.connect(server.getSockName());
  const [accepted] = await server.accept();
  assert.deepEqual(told(accepted), [1, 41]);
  assert.equal(client.getSockOpt(SOL_SOCKET, SO_KEEPALIVE), 0);
  await accepted.close({ lingerMs: 0 });
});

test("an interval is kept or refused by the call that asks for it", async () => {
  const sock = a.socket(a.AF_INET);
  sock.setSockOpt(IPPROTO_TCP, a.TCP_KEEPIDLE, 41);
  const set = () => sock.setSockOpt(IPPROTO_TCP, a.TCP_KEEPINTVL, 7);
  const isKept = a.capabilities().keepAliveProbes === true;
  if (isKept) set();
  else assert.throws(set, { code: "ENOPROTOOPT", op: "setSockOpt" });
  sock.setSockOpt(SOL_SOCKET, SO_KEEPALIVE, 1);
  await using server = await a.listen("127.0.0.1:0");
  await sock.connect(server.getSockName());
  assert.deepEqual(told(sock), [1, 41]);
  await sock.close();
  const keepAlive = { ...IDLE, intervalMs: 7_000 };
  const connecting = a.connect(server.getSockName(), { keepAlive });
  if (isKept) await (await connecting).close({ lingerMs: 0 });
  else {
    await assert.rejects(connecting, { code: "ENOPROTOOPT", op: "connect" });
  }
});

const bad:
  readonly (readonly [unknown, typeof TypeError | typeof RangeError])[] = [
    [1, TypeError],
    ["yes", TypeError],
    [null, TypeError],
    [{}, TypeError],
    [{ idle: 1 }, TypeError],
    [{ idleMs: "41000" }, TypeError],
    [{ idleMs: 1_500 }, RangeError],
    [{ idleMs: 0 }, RangeError],
    [{ idleMs: 41_000, count: 0 }, RangeError],
  ];

for (const [keepAlive, error] of bad) {
  test(`connect is a ${error.name} when keepAlive is ${JSON.stringify(keepAlive)}`, async () => {
    const options = { keepAlive } as ConnectOptions;
    await assert.rejects(a.connect("127.0.0.1:1", options), error);
    await assert.rejects(a.listen("127.0.0.1:0", options as object), error);
  });
}
