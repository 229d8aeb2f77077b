/**
 * Clients that begin a handshake and get nowhere: they hold up nobody who does,
 * and none of them stays longer than a handshake may take. How many may be
 * under way at a time is in `tests/socket/stream/backlog_test.ts`.
 *
 * @module
 */

import assert from "node:assert/strict";
import process from "node:process";
import {
  connect,
  listen,
  type Listener,
  type Runtime,
  type SocketError,
  type StreamSocket,
} from "../../mod.ts";
import { FakeClock, memoryNetwork } from "../../src/testing/mod.ts";
import { test } from "../harness.ts";
import {
  authority,
  lackOfOpenssl,
  localhost,
} from "../support/certificates.ts";
import { closeAll, until } from "./kit.ts";

const skip = lackOfOpenssl();
const TIMEOUT_MS = 1000;

/** How many of each kind. */
const EACH = 3;

/** What they send, and what the listener says of them. */
function strangersWith(
  hello: Uint8Array,
): readonly (readonly [sent: Uint8Array, said: string])[] {
  return [
    [new Uint8Array(0), "ETIMEDOUT"], // silent
    [hello.subarray(0, 40), "ETIMEDOUT"], // slow
    [hello, "ETIMEDOUT"], // half-finished
    [new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"), "TLS_NOT_TLS"],
    [flood(), "TLS_HANDSHAKE"],
  ];
}

test(
  "clients who get nowhere hold up no accept, and go at their deadline",
  async () => {
    const clock = new FakeClock();
    const runtime = memoryNetwork({ clock });
    const said: string[] = [];
    const warnings: string[] = [];
    const onWarning = ({ message }: Error) => void warnings.push(message);
    process.on("warning", onWarning);
    const listener = await listen("127.0.0.1:0", {
      runtime,
      tls: { ...localhost(), handshakeTimeoutMs: TIMEOUT_MS },
      onTlsError: ({ code }: SocketError) => said.push(code),
    });
    const good = () => talk(listener, runtime);
    const kinds = strangersWith(await helloOf(runtime));

    const strangers: StreamSocket[] = [];
    for (let i = 0; i < EACH; i++) {
      for (const [bytes] of kinds) {
        const stranger = await connect(listener.getSockName(), { runtime });
        void stranger.sendAll(bytes).catch(() => {});
        strangers.push(stranger);
      }
      await good();
    }
    await until(() => said.length === 2 * EACH);
    clock.advance(TIMEOUT_MS - 1);
    await good();
    assert.equal(
      said.includes("ETIMEDOUT"),
      false,
      "they have time until then",
    );
    // What looks at the kernel once more before it gives up takes a turn.
    await until(() => (clock.advance(1), said.length === strangers.length));
    assert.equal(listener.tlsFailures, strangers.length);
    const expected = kinds.flatMap(([, code]) =>
      new Array<string>(EACH).fill(code)
    );
    assert.deepEqual(said.sort(), expected.sort());
    await good();
    await closeAll(...strangers, listener);
  },
  { skip },
);

/** The front of a hello that is said to have 16 MiB, in whole records. */
function flood(): Uint8Array {
  const record = new Uint8Array(5 + 16_384);
  record.set([22, 3, 1, 0x40, 0, 1, 0xff, 0xff, 0xff]);
  const flood = new Uint8Array(20 * record.length);
  for (let i = 0; i < 20; i++) flood.set(record, i * record.length);
  return flood;
}

/** What a client of ours says first. */
async function helloOf(runtime: Runtime): Promise<Uint8Array> {
  const listener = await listen("127.0.0.1:0", { runtime });
  const controller = new AbortController();
  const { signal } = controller;
  const tls = { serverName: "localhost" };
  const calling = connect(listener.getSockName(), { runtime, tls, signal })
    .catch(() => {});
  const [peer] = await listener.accept();
  const hello = await peer.recv();
  controller.abort();
  await calling;
  await closeAll(peer, listener);
  return hello ?? new Uint8Array(0);
}

/** One who does get somewhere. */
async function talk(listener: Listener, runtime: Runtime): Promise<void> {
  const tls = { ca: authority().cert, serverName: "localhost" };
  const [client, [server]] = await Promise.all([
    connect(listener.getSockName(), { runtime, tls, timeoutMs: null }),
    listener.accept(),
  ]);
  await client.sendAll("x");
  assert.equal((await server.recvExactly(1))[0], 0x78);
  await closeAll(client, server);
}
