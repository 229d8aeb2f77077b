import assert from "node:assert/strict";
import {
  AF_INET,
  connect,
  fromStreams,
  getDefaultTimeout,
  listen,
  setDefaultTimeout,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOCK_STREAM,
  socket,
  socketPair,
  TimeoutError,
} from "../../mod.ts";
import { test } from "../harness.ts";

/** Does something while another default holds. */
async function withDefault(
  timeoutMs: number | null,
  work: () => void | Promise<void>,
): Promise<void> {
  setDefaultTimeout(timeoutMs);
  try {
    await work();
  } finally {
    setDefaultTimeout(null);
  }
}

test("the default timeout is null until it is set", () => {
  assert.equal(getDefaultTimeout(), null);
  assert.equal(socket().getTimeout(), null);
});

test("every socket made later has the default timeout", async () => {
  const older = socket();
  await withDefault(40, async () => {
    assert.equal(getDefaultTimeout(), 40);
    const server = await listen("127.0.0.1:0");
    const client = await connect(server.getSockName());
    const [peer] = await server.accept();
    const pair = await socketPair();
    const plain = [socket(), socket(AF_INET, SOCK_DGRAM)];
    const { readable, writable } = new TransformStream<Uint8Array>();
    const adopted = fromStreams({ readable, writable });
    const all = [client, peer, adopted, ...pair, ...plain];
    assert.deepEqual(all.map((each) => each.getTimeout()), all.map(() => 40));
    await assert.rejects(client.recv(), TimeoutError);
    await assert.rejects(server.accept(), TimeoutError);
    await Promise.all([...all, server].map((each) => each.close()));
  });
  assert.equal(older.getTimeout(), null);
});

test("an accepted socket has the default timeout, not its listener's", async () => {
  const server = socket();
  server.setTimeout(5_000);
  await server.bind(["127.0.0.1", 0]);
  await server.listen();
  const client = await connect(server.getSockName());
  const [peer] = await server.accept();
  assert.equal(peer.getTimeout(), null);
  await Promise.all([client, peer, server].map((each) => each.close()));
});

test("a default timeout of 0 makes non-blocking sockets, and pairs still", async () => {
  await withDefault(0, async () => {
    const [a, b] = await socketPair();
    assert.equal(a.getBlocking(), false);
    await assert.rejects(a.recv(), { code: "EAGAIN" });
    await assert.rejects(connect("127.0.0.1:9"), { code: "EINPROGRESS" });
    await Promise.all([a.close(), b.close()]);
  });
});

test("setDefaultTimeout refuses what is no timeout", () => {
  for (const each of [-1, NaN, -Infinity]) {
    assert.throws(() => setDefaultTimeout(each), RangeError);
  }
  for (const each of ["1", undefined, true]) {
    assert.throws(() => setDefaultTimeout(each as never), TypeError);
  }
  setDefaultTimeout(Infinity);
  assert.equal(getDefaultTimeout(), null);
});

test("SOCK_NONBLOCK in a type makes a socket that does not block", () => {
  for (const type of [SOCK_STREAM, SOCK_DGRAM]) {
    const sock = socket(AF_INET, type | SOCK_NONBLOCK);
    assert.deepEqual([sock.type, sock.getTimeout()], [type, 0]);
    const both = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC);
    assert.deepEqual([both.type, both.getBlocking()], [type, false]);
    const plain = socket(AF_INET, type | SOCK_CLOEXEC);
    assert.deepEqual([plain.type, plain.getTimeout()], [type, null]);
  }
});

test("SOCK_NONBLOCK goes before the default timeout, as in Python", async () => {
  await withDefault(40, () => {
    const sock = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK);
    assert.equal(sock.getTimeout(), 0);
  });
});

test("flags of a type do not make another type possible", () => {
  for (const type of [SOCK_RAW | SOCK_NONBLOCK, SOCK_STREAM | 0x100, 0]) {
    assert.throws(() => socket(AF_INET, type), { code: "EOPNOTSUPP" });
  }
  assert.throws(() => socket(AF_INET, "1" as unknown as 1), TypeError);
});
