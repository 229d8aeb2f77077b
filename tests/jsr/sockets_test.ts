import {
  connect,
  ConnectionRefusedError,
  IncompleteReadError,
  listen,
  type Listener,
  SHUT_WR,
  type SocketError,
  type StreamSocket,
  TimeoutError,
} from "@anysock/anysock";
import { framed, jsonLines, lines } from "@anysock/anysock/framing";
import { EVENT_READ, Selector } from "@anysock/anysock/polling";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertObjectMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  concat,
  endsWith,
  equals,
  indexOfNeedle,
  startsWith,
} from "@std/bytes";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";

const encode = (text: string) => new TextEncoder().encode(text);

describe("a connection", () => {
  let server: Listener;
  let client: StreamSocket;
  let peer: StreamSocket;

  beforeEach(async () => {
    server = await listen("127.0.0.1:0");
    client = await connect(server.getSockName());
    [peer] = await server.accept();
  });

  afterEach(async () => {
    await Promise.all([client.close(), peer.close(), server.close()]);
  });

  it("gives the very bytes that were sent", async () => {
    const parts = [encode("GET / "), new Uint8Array([0, 255, 13, 10])];
    await client.sendAll(parts);
    const sent = concat(parts);
    const received = await peer.recvExactly(sent.length);
    assert(equals(received, sent));
    assertEquals(received, sent);
    assert(startsWith(received, encode("GET")));
    assert(endsWith(received, new Uint8Array([13, 10])));
    assertEquals(received.buffer.byteLength, received.length);
  });

  it("is read up to a delimiter, as a search would find it", async () => {
    const sent = encode("name: value\r\n\r\nbody");
    const end = encode("\r\n\r\n");
    await client.sendAll(sent);
    const head = await peer.recvUntil(end);
    assertEquals(head, sent.slice(0, indexOfNeedle(sent, end)));
    assertEquals(await peer.recvExactly(4), encode("body"));
  });

  it("collects to what was sent, chunk by chunk", async () => {
    const sent = new Uint8Array(300_000).map((_, i) => i);
    const sending = client.sendAll(sent).then(() => client.shutdown(SHUT_WR));
    const chunks: Uint8Array[] = [];
    for await (const chunk of peer) chunks.push(chunk);
    await sending;
    assert(equals(concat(chunks), sent));
  });

  it("answers after the other side has ended", async () => {
    await client.sendAll("question");
    await client.shutdown(SHUT_WR);
    assertEquals(await peer.recvExactly(8), encode("question"));
    assertEquals(await peer.recv(), null);
    await peer.sendAll("answer");
    assertEquals(await client.recvExactly(6), encode("answer"));
  });

  it("says how much of a cut message came", async () => {
    await client.sendAll("abc");
    await client.shutdown(SHUT_WR);
    const error = await assertRejects(
      () => peer.recvExactly(10),
      IncompleteReadError,
    );
    assertObjectMatch({ ...error, partial: [...error.partial] }, {
      partial: [...encode("abc")],
      expected: 10,
    });
  });

  it("tells that nothing came in time, and lives", async () => {
    const error = await assertRejects(
      () => peer.recv({ timeoutMs: 5 }),
      TimeoutError,
    );
    assertEquals(error.code, "ETIMEDOUT");
    await client.sendAll("late");
    assertEquals(await peer.recvExactly(4), encode("late"));
  });

  it("carries messages of several codecs", async () => {
    const writer = framed(client, jsonLines());
    const reader = framed(peer, lines());
    await writer.send({ id: 1 });
    await writer.send(["two"]);
    assertEquals(await reader.recv(), '{"id":1}');
    assertEquals(await reader.recv(), '["two"]');
  });

  it("is readable for a selector once bytes are there", async () => {
    const selector = new Selector();
    selector.register(peer, EVENT_READ, "peer");
    await client.sendAll("x");
    const [[key, events] = []] = await selector.select(5_000);
    assertEquals(key?.data, "peer");
    assertEquals(events, EVENT_READ);
    selector.close();
  });
});

describe("a port where nobody listens", () => {
  it("refuses, with a class, a code and the address", async () => {
    const server = await listen("127.0.0.1:0");
    const address = server.getSockName();
    await server.close();
    const error: SocketError = await assertRejects(
      () => connect(address),
      ConnectionRefusedError,
    );
    assertInstanceOf(error, Error);
    assertObjectMatch({ code: error.code, op: error.op }, {
      code: "ECONNREFUSED",
      op: "connect",
    });
    assertEquals(error.address, address);
    assertStringIncludes(error.message, "127.0.0.1");
  });
});
