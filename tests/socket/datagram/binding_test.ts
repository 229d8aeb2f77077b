/** Names that take their time, and binds that come late. */

import assert from "node:assert/strict";
import {
  AF_INET,
  type DatagramSocket,
  IP_TTL,
  IPPROTO_IP,
  SOCK_DGRAM,
  socket,
} from "../../../mod.ts";
import type { Runtime } from "../../../src/runtime/seam/runtime.ts";
import { later } from "../../../src/testing/expect.ts";
import { memoryNetwork } from "../../../src/testing/mod.ts";
import { test } from "../../harness.ts";

/** A network in memory whose names are never found, and never not found. */
function slowNames(): Runtime {
  const net = memoryNetwork();
  return {
    name: "slow",
    clock: net.clock,
    names: net.names,
    supports: net.supports,
    connect: (options) => net.connect(options),
    listen: (options) => net.listen(options),
    bindDatagram: (options) => net.bindDatagram(options),
    lookup: () => new Promise(() => {}),
    permits: (address) => net.permits(address),
  };
}

const NAME = { hostname: "slow.example", port: 9 };

/** One that is not bound, and two that are. */
async function trio(): Promise<
  [DatagramSocket, DatagramSocket, DatagramSocket]
> {
  const runtime = slowNames();
  const make = () => socket(AF_INET, SOCK_DGRAM, 0, { runtime });
  const [from, to, other] = [make(), make(), make()];
  await to.bind(["127.0.0.1", 0]);
  await other.bind(["127.0.0.1", 0]);
  return [from, to, other];
}

async function closeAll(sockets: readonly DatagramSocket[]): Promise<void> {
  await Promise.all(sockets.map((each) => each.close()));
}

test("a connect ends at its deadline while the name is looked up", async () => {
  const [from, to, other] = await trio();
  await assert.rejects(from.connect(NAME, { timeoutMs: 5 }), {
    code: "ETIMEDOUT",
    op: "connect",
    address: NAME,
  });
  from.setTimeout(5);
  await assert.rejects(from.connect(NAME), { code: "ETIMEDOUT" });
  await from.connect(to.getSockName());
  await closeAll([from, to, other]);
});

test("a connect that may not wait takes a number and refuses a name", async () => {
  const [from, to, other] = await trio();
  from.setBlocking(false);
  await assert.rejects(from.connect(NAME), { code: "EAGAIN", op: "connect" });
  await from.connect(to.getSockName());
  assert.deepEqual(from.getPeerName(), to.getSockName());
  await closeAll([from, to, other]);
});

test("close ends a connect at once while the name is looked up", async () => {
  const [from, to, other] = await trio();
  const connecting = later(from.connect(NAME));
  const closing = from.close();
  await assert.rejects(connecting, { code: "EBADF", op: "connect" });
  await closing;
  await closeAll([to, other]);
});

test("a send that was called off keeps nobody waiting for its name", async () => {
  const [from, to, other] = await trio();
  const controller = new AbortController();
  const { signal } = controller;
  const named = later(from.sendTo("named", NAME, { signal }));
  const late = later(from.sendTo("late", NAME, { timeoutMs: 5 }));
  const next = later(from.sendTo("next", to.getSockName()));
  controller.abort(new Error("enough"));
  await assert.rejects(named, /enough/);
  await assert.rejects(late, { code: "ETIMEDOUT", op: "sendTo" });
  assert.equal(await next, 4);
  assert.equal(new TextDecoder().decode((await to.recvFrom())[0]), "next");
  await closeAll([from, to, other]);
});

test("a send to another waits for the connect and is EISCONN then", async () => {
  const [from, to, other] = await trio();
  const connecting = later(from.connect(to.getSockName()));
  const strange = later(from.sendTo("x", other.getSockName()));
  const own = later(from.sendTo("y", to.getSockName()));
  await connecting;
  await assert.rejects(strange, { code: "EISCONN", op: "sendTo" });
  assert.equal(await own, 1);
  assert.equal(new TextDecoder().decode((await to.recvFrom())[0]), "y");
  await closeAll([from, to, other]);
});

test("options that were set before an aborted connect reach the next bind", async () => {
  const runtime = slowNames();
  const seen: number[] = [];
  const bindDatagram: Runtime["bindDatagram"] = async (options) => {
    const raw = await runtime.bindDatagram(options);
    const { setOption } = raw;
    raw.setOption = (name, value) => {
      seen.push(value);
      setOption.call(raw, name, value);
    };
    return raw;
  };
  const own = { ...runtime, bindDatagram };
  const from = socket(AF_INET, SOCK_DGRAM, 0, { runtime: own });
  from.setSockOpt(IPPROTO_IP, IP_TTL, 33);
  const controller = new AbortController();
  const { signal } = controller;
  const connecting = later(from.connect(["127.0.0.1", 9], { signal }));
  await Promise.resolve();
  controller.abort(new Error("enough"));
  await assert.rejects(connecting, /enough/);
  assert.deepEqual(seen, []);
  await from.bind(["127.0.0.1", 0]);
  assert.deepEqual(seen, [33]);
  await from.close();
});
