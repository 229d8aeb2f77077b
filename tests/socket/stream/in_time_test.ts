/**
 * Deadlines that pass while the event loop is busy in a callback that the
 * laws do not know: a file's, a timer's, an immediate, a socket's own.
 */

import assert from "node:assert/strict";
import { readFile } from "node:fs";
import { framed, lines } from "../../../src/framing/mod.ts";
import {
  connect,
  type DatagramSocket,
  listen,
  SOCK_DGRAM,
  socket,
  type StreamSocket,
} from "../../../mod.ts";
import { AF_INET } from "../../../src/constants.ts";
import { test } from "../../harness.ts";

const TIMEOUT_MS = 10;
const BUSY_MS = 40;

function keepLoopBusy(): void {
  const end = performance.now() + BUSY_MS;
  while (performance.now() < end);
}

/** Ways to be called back by the event loop. */
const CALLBACKS: Readonly<Record<string, (task: () => void) => void>> = {
  "a file's callback": (task) => readFile("deno.json", () => task()),
  "a timer's callback": (task) => void setTimeout(task, 1),
  "an immediate": (task) => void setImmediate(task),
};

/** A connected pair, closed again after `use`. */
async function withPair(
  use: (client: StreamSocket, server: StreamSocket) => Promise<void>,
): Promise<void> {
  const listener = await listen("127.0.0.1:0");
  const client = await connect(listener.getSockName());
  const [server] = await listener.accept();
  try {
    await use(client, server);
  } finally {
    await Promise.all([client.close(), server.close(), listener.close()]);
  }
}

for (const [where, callback] of Object.entries(CALLBACKS)) {
  test(`a receive gives what came in time when ${where} kept the loop busy`, () =>
    withPair(async (client, server) => {
      const text = await new Promise<Uint8Array | null>((resolve, reject) =>
        callback(() => {
          server.recv({ timeoutMs: TIMEOUT_MS }).then(resolve, reject);
          client.trySend("hello");
          keepLoopBusy();
        })
      );
      assert.equal(new TextDecoder().decode(text ?? undefined), "hello");
    }));
}

test("a framed receive gives what came in time when the loop was late", () =>
  withPair(async (client, server) => {
    const pending = framed(server, lines()).recv({ timeoutMs: TIMEOUT_MS });
    client.trySend("hello\n");
    keepLoopBusy();
    assert.equal(await pending, "hello");
  }));

test("a framed receive that gets a part in time and no more times out when the loop was late", () =>
  withPair(async (client, server) => {
    const pending = framed(server, lines()).recv({ timeoutMs: TIMEOUT_MS });
    client.trySend("hel");
    keepLoopBusy();
    await assert.rejects(pending, { code: "ETIMEDOUT" });
  }));

async function bound(): Promise<DatagramSocket> {
  const sock = socket(AF_INET, SOCK_DGRAM);
  await sock.bind("127.0.0.1:0");
  return sock;
}

test("recvFrom gives the datagram that came in time when the loop was late", async () => {
  const [from, to] = await Promise.all([bound(), bound()]);
  const pending = to.recvFrom({ timeoutMs: TIMEOUT_MS });
  const sending = from.sendTo("hello", to.getSockName());
  // The kernel has it before the loop is busy.
  for (let i = 0; i < 20; i++) await undefined;
  keepLoopBusy();
  const [data] = await pending;
  assert.equal(new TextDecoder().decode(data), "hello");
  await sending;
  await Promise.all([from.close(), to.close()]);
});
