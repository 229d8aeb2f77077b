/**
 * The parser of a client's first words, honest, cut and hostile.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Fault } from "../../src/runtime/seam/fault.ts";
import {
  type ClientHello,
  ClientHelloReader,
} from "../../src/tls/client_hello.ts";
import { test } from "../harness.ts";
import { helloBytes, inRecords } from "./hello_bytes.ts";

function read(...chunks: Uint8Array[]): ClientHello | undefined {
  const reader = new ClientHelloReader();
  for (const chunk of chunks) {
    const hello = reader.push(chunk);
    if (hello !== undefined) return hello;
  }
  return undefined;
}

function codeOf(bytes: Uint8Array): string | undefined {
  try {
    read(bytes);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof Fault, String(error));
    return error.code;
  }
}

const HELLO = helloBytes({
  serverName: "Example.org",
  alpnProtocols: ["h2", "http/1.1"],
  versions: [0x0304, 0x0303],
});

const TOLD: ClientHello = {
  serverName: "example.org",
  alpnProtocols: ["h2", "http/1.1"],
  versions: [0x0304, 0x0303],
};

test("a hello tells its name, its protocols and its versions", () => {
  assert.deepEqual(read(inRecords(HELLO)), TOLD);
});

test("a hello without extensions tells its legacy version alone", () => {
  const hello = helloBytes({ hasExtensions: false });
  assert.deepEqual(read(inRecords(hello)), {
    serverName: undefined,
    alpnProtocols: [],
    versions: [0x0303],
  });
});

test("a hello is read however it is cut", () => {
  const bytes = inRecords(HELLO);
  for (let at = 1; at < bytes.length; at++) {
    const front = bytes.subarray(0, at);
    assert.equal(read(front), undefined, `whole after ${at} bytes`);
    assert.deepEqual(read(front, bytes.subarray(at)), TOLD);
  }
  const single = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
  assert.deepEqual(read(...single), TOLD);
});

test("a hello is read whatever records it is in", () => {
  for (let size = 1; size < HELLO.length; size++) {
    assert.deepEqual(read(inRecords(HELLO, size)), TOLD);
  }
});

test("the reader keeps every byte, those behind the hello too", () => {
  const bytes = new Uint8Array([...inRecords(HELLO), 1, 2, 3]);
  const reader = new ClientHelloReader();
  assert.equal(reader.push(bytes.subarray(0, 7)), undefined);
  assert.ok(reader.push(bytes.subarray(7)));
  assert.deepEqual(reader.bytes, new Uint8Array(bytes));
});

test("what does not begin as a handshake record is no TLS", () => {
  for (
    const text of ["GET / HTTP/1.0\r\n\r\n", "EHLO x\r\n", "\0", "\x80\x2e"]
  ) {
    const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    assert.equal(codeOf(bytes), "TLS_NOT_TLS", JSON.stringify(text));
  }
  assert.equal(codeOf(new Uint8Array([22, 2])), "TLS_NOT_TLS");
  assert.equal(codeOf(new Uint8Array([21, 3, 3, 0, 2, 2, 40])), "TLS_NOT_TLS");
});

test("a malformed hello breaks the handshake", () => {
  const bad: Record<string, Uint8Array> = {
    "an empty record": new Uint8Array([22, 3, 1, 0, 0]),
    "a record too long": new Uint8Array([22, 3, 1, 0x40, 1]),
    "another message": new Uint8Array([22, 3, 1, 0, 4, 2, 0, 0, 0]),
    "a hello of 16 MiB": new Uint8Array([22, 3, 1, 0, 4, 1, 255, 255, 255]),
    "a record of another kind": new Uint8Array([22, 3, 1, 0, 1, 1, 23]),
    "a vector beyond the end": inRecords(helloBytes({ sessionLength: 255 })),
    "two names of one kind": inRecords(
      helloBytes({ serverName: "a", isNamedTwice: true }),
    ),
    "a name with a NUL": inRecords(helloBytes({ serverName: "a\0b" })),
    "a name of nothing": inRecords(helloBytes({ serverName: "" })),
  };
  for (const [what, bytes] of Object.entries(bad)) {
    assert.equal(codeOf(bytes), "TLS_HANDSHAKE", what);
  }
});

test("random and damaged bytes give a hello, a fault or a wish for more", () => {
  let state = 12345;
  const random = () => state = (state * 1103515245 + 12345) & 0x7fffffff;
  const good = inRecords(HELLO);
  for (let round = 0; round < 3000; round++) {
    const bytes = good.slice(0, 1 + random() % good.length);
    for (let hits = random() % 4; hits >= 0; hits--) {
      bytes[random() % bytes.length] = random() & 255;
    }
    const code = codeOf(bytes);
    const isKnown = [undefined, "TLS_NOT_TLS", "TLS_HANDSHAKE"].includes(code);
    assert.ok(isKnown, `${code} of ${bytes.join()}`);
  }
});

test("a hello of many small pieces costs time linear in its length", () => {
  const whole = inRecords(helloBytes({ padding: 60_000 }));
  const reader = new ClientHelloReader();
  const start = performance.now();
  let hello: ClientHello | undefined;
  for (let at = 0; at < whole.length; at++) {
    hello = reader.push(whole.subarray(at, at + 1));
  }
  assert.ok(hello);
  const ms = performance.now() - start;
  assert.ok(ms < 2_000, `${ms} ms for ${whole.length} bytes`);
});
