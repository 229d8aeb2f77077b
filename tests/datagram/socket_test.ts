import assert from "node:assert/strict";
import {
  AF_INET,
  AF_INET6,
  type DatagramSocket,
  MSG_WAITALL,
  SO_ERROR,
  SOCK_DGRAM,
  socket,
  SOL_SOCKET,
  StreamSocket,
} from "../../mod.ts";
import { EVENT_READ, EVENT_WRITE } from "../../src/readiness.ts";
import { turn, until } from "../../src/testing/expect.ts";
import { memoryNetwork } from "../../src/testing/mod.ts";
import { test } from "../harness.ts";
import { spawnRuntime, thisRuntime } from "../runtimes.ts";
import { watch } from "../examples/programs.ts";

async function memoryPair(): Promise<[DatagramSocket, DatagramSocket]> {
  const runtime = memoryNetwork();
  const make = () => socket(AF_INET, SOCK_DGRAM, 0, { runtime });
  const [from, to] = [make(), make()];
  await from.bind(["127.0.0.1", 0]);
  await to.bind(["127.0.0.1", 0]);
  return [from, to];
}

test("socket() gives the class of its type", async () => {
  const stream = socket(AF_INET);
  const datagram = socket(AF_INET, SOCK_DGRAM, 17);
  assert.ok(stream instanceof StreamSocket);
  assert.equal(datagram.type, SOCK_DGRAM);
  assert.equal(
    `${datagram}`,
    "<Socket AF_INET SOCK_DGRAM 0.0.0.0:0 unbound>",
  );
  assert.throws(() => socket(AF_INET, SOCK_DGRAM, 6), {
    code: "EPROTONOSUPPORT",
  });
  await Promise.all([stream.close(), datagram.close()]);
});

test("misuse of a datagram socket fails before anything is sent", async () => {
  const [from, to] = await memoryPair();
  const target = to.getSockName();
  const table: readonly [() => Promise<unknown>, object][] = [
    [() => from.sendTo("x", ["127.0.0.1", 70_000]), { name: "RangeError" }],
    [() => from.sendTo("x", "nowhere"), { name: "TypeError" }],
    [() => from.sendTo("x", { path: "/s" }), { name: "TypeError" }],
    [() => from.sendTo(1 as never, target), { name: "TypeError" }],
    [() => from.sendTo("x", ["::1", 9]), { code: "EAFNOSUPPORT" }],
    [() => from.sendTo("x", target, MSG_WAITALL), { code: "EOPNOTSUPP" }],
    [() => from.sendMany("x" as never), { name: "TypeError" }],
    [() => to.recvFrom(-1), { name: "RangeError" }],
    [() => to.recvFrom(1, MSG_WAITALL), { code: "EOPNOTSUPP" }],
    [() => to.recvFrom({ timeoutMs: NaN }), { name: "RangeError" }],
    [() => to.connect("nowhere"), { name: "TypeError" }],
    [() => to.bind(["::1", 0]), { code: "EAFNOSUPPORT" }],
  ];
  for (const [call, expected] of table) await assert.rejects(call(), expected);
  assert.throws(() => from.trySendTo("x", ["localhost", 9]), TypeError);
  assert.equal(from.stats.sent, 0);
  await Promise.all([from.close(), to.close()]);
});

test("the receive queue drops the newest by count, and counts them", async () => {
  const [from, to] = await memoryPair();
  for (let i = 0; i < 5000; i++) {
    await from.sendTo(new Uint8Array([i >> 8, i & 255]), to.getSockName());
  }
  await whenDropped(to, 5000 - 4096);
  for (let i = 0; i < 4096; i++) {
    const [data] = to.tryRecvFrom()!;
    assert.equal(data[0]! * 256 + data[1]!, i);
  }
  assert.equal(to.tryRecvFrom(), undefined);
  assert.equal(to.stats.received, 4096);
  await Promise.all([from.close(), to.close()]);
});

/** What is on its way in memory comes in the next turns. */
async function whenDropped(to: DatagramSocket, count: number): Promise<void> {
  await until(() => to.stats.dropped >= count ? true : undefined);
  await turn();
  assert.equal(to.stats.dropped, count);
}

test("the receive queue drops the newest by bytes", async () => {
  const [from, to] = await memoryPair();
  const large = new Uint8Array(65_000);
  for (let i = 0; i < 20; i++) await from.sendTo(large, to.getSockName());
  const kept = Math.floor(1_048_576 / large.length);
  await whenDropped(to, 20 - kept);
  await Promise.all([from.close(), to.close()]);
});

test("SO_ERROR gives a refusal once, and then nothing is left of it", async () => {
  const runtime = memoryNetwork();
  await using sock = socket(AF_INET, SOCK_DGRAM, 0, { runtime });
  await sock.connect(["127.0.0.1", 9]);
  await sock.send("x");
  await until(() => sock.getSockOpt(SOL_SOCKET, SO_ERROR) || undefined);
  assert.equal(sock.getSockOpt(SOL_SOCKET, SO_ERROR), 0);
  await assert.rejects(sock.recv({ timeoutMs: 5 }), { code: "ETIMEDOUT" });
});

test("readiness tells of datagrams in hand and of room to send", async () => {
  const [from, to] = await memoryPair();
  assert.equal(to.readiness.events() & EVENT_READ, 0);
  assert.equal(from.readiness.events() & EVENT_WRITE, EVENT_WRITE);
  const told = new Promise<void>((resolve) => {
    const watching = to.readiness.watch(EVENT_READ, () => {
      watching.end();
      resolve();
    });
  });
  await from.sendTo("x", to.getSockName());
  await told;
  assert.equal(to.readiness.events() & EVENT_READ, EVENT_READ);
  await to.recvFrom();
  assert.equal(to.readiness.events() & EVENT_READ, 0);
  await Promise.all([from.close(), to.close()]);
});

test("a dual-stack socket exchanges with an IPv4 socket in memory", async () => {
  const runtime = memoryNetwork();
  await using six = socket(AF_INET6, SOCK_DGRAM, 0, { runtime });
  await using four = socket(AF_INET, SOCK_DGRAM, 0, { runtime });
  await six.bind(["::", 0]);
  const { port } = six.getSockName() as { port: number };
  await four.sendTo("ping", ["127.0.0.1", port]);
  const [, address] = await six.recvFrom();
  assert.match((address as { hostname: string }).hostname, /^::ffff:127/);
  await six.sendTo("pong", address);
  assert.equal((await four.recvFrom())[0].length, 4);
});

test("an unread flood leaves memory flat", async () => {
  const script = "tests/datagram/flooded.ts";
  const program = watch(spawnRuntime(thisRuntime(), script));
  try {
    const { code, stdout, stderr } = await program.ended;
    assert.equal(code, 0, stderr);
    const { sent, grownMiB } = JSON.parse(stdout);
    assert.equal(sent, 16_000);
    // 16,000 × 32 KiB are 500 MiB: 1 MiB of them is kept, and some garbage.
    assert.ok(grownMiB < 200, `${grownMiB} MiB more`);
  } finally {
    await program.stop();
  }
}, { timeoutMs: 60_000 });
