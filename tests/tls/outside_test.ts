/**
 * What only a peer outside the library can show, which has each record in its
 * hands: streams cut at every place, commands and hellos in one segment,
 * floods, and clients that vanish in the middle of a handshake.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { SocketError } from "../../src/errors.ts";
import {
  connect,
  fromStreams,
  listen,
  type StreamSocket,
} from "../../src/socket/mod.ts";
import { memoryNetwork } from "../../src/testing/mod.ts";
import { test } from "../harness.ts";
import {
  asFile,
  authority,
  lackOfOpenssl,
  localhost,
} from "../support/certificates.ts";
import type { PeerTarget } from "../support/raw_peer.ts";
import {
  type PeerTlsEnd,
  startTlsPeer,
  type TlsPeer,
} from "../support/tls_peer.ts";
import { missing } from "../strangers/programs.ts";
import {
  call,
  closeAll,
  refusal,
  serve,
  told,
  until,
  VERSIONS,
} from "./kit.ts";

const skip = lackOfOpenssl() ?? missing("python3");

/** More than any kernel takes for a connection: 32 MiB. */
const FLOOD_BYTES = 33_554_432;

async function withPeer(fn: (peer: TlsPeer) => Promise<void>): Promise<void> {
  const peer = startTlsPeer();
  try {
    await fn(peer);
  } finally {
    await peer.close();
  }
}

let files: { certFile: string; keyFile: string } | undefined;

function serverFiles() {
  return files ??= {
    certFile: asFile("outside.crt", localhost().cert),
    keyFile: asFile("outside.key", localhost().key),
  };
}

/** Our client, and the peer's end as a server, both ready. */
async function clientOf(
  peer: TlsPeer,
  version: "TLSv1.2" | "TLSv1.3",
): Promise<[StreamSocket, PeerTlsEnd]> {
  const listener = await peer.listen();
  const { hostname, port } = listener.address;
  const connecting = connect({ hostname, port }, {
    tls: { ca: authority().cert, serverName: "localhost" },
    timeoutMs: 10_000,
  });
  const end = await peer.over(await listener.accept(), {
    role: "server",
    version,
    ...serverFiles(),
  });
  const [client] = await Promise.all([connecting, end.handshake()]);
  await listener.close();
  return [client, end];
}

/** Does a job for each item, some at a time. */
async function each<T>(
  items: readonly T[],
  job: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const worker = async (): Promise<void> => {
    for (let item; (item = waiting.shift()) !== undefined;) await job(item);
  };
  await Promise.all(Array.from({ length: 6 }, worker));
}

/** The text of a stream, and what it ended with. */
async function readAll(socket: StreamSocket): Promise<string> {
  let text = "";
  try {
    for await (const chunk of socket) text += String.fromCharCode(...chunk);
    return `${text}, end`;
  } catch (error) {
    return `${text}, ${told(error)}`;
  }
}

for (const version of VERSIONS) {
  test(
    `a stream of ${version} that is cut anywhere is truncated`,
    () =>
      withPeer(async (peer) => {
        const said: string[] = [];
        const expected: string[] = [];
        const places = ["0", "1", "1+1", "1+5", "1+6", "2-1", "2", "3"];
        const rows = places.flatMap((place) =>
          [true, false].map((isWaiting) => ({ place, isWaiting }))
        );
        await each(rows, async ({ place, isWaiting }) => {
          const [client, end] = await clientOf(peer, version);
          const records: Uint8Array[] = [];
          for (const text of ["a", "b", "c"]) {
            records.push(await end.seal(text));
          }
          const [, whole = "", more = "0"] = /^(\d)([+-]\d)?$/.exec(place)!;
          const border = records.slice(0, Number(whole))
            .reduce((sum, { length }) => sum + length, 0);
          const bytes = Buffer.concat(records)
            .subarray(0, border + Number(more));
          const reading = isWaiting ? readAll(client) : undefined;
          await end.socket.sendLast(bytes);
          const text = await (reading ?? readAll(client));
          const count = Number(whole) - (more.startsWith("-") ? 1 : 0);
          said.push(`${place} ${isWaiting}: ${text}`);
          expected.push(
            `${place} ${isWaiting}: ${"abc".slice(0, count)}, TLS_TRUNCATED`,
          );
          await closeAll(client);
        });
        assert.deepEqual(said, expected);
      }),
    { skip },
  );

  test(
    `a hello of ${version} may be cut anywhere behind the command`,
    () =>
      withPeer(async (peer) => {
        const server = await listen("127.0.0.1:0");
        const target = server.getSockName() as PeerTarget;
        const first = await hello(peer, target);
        await closeAll((await server.accept())[0]);
        // Each byte of the front, then some of them.
        const cuts = Array.from({ length: first.length + 1 }, (_, i) => i)
          .filter((i) => i < 12 || i % 13 === 0 || i > first.length - 2);
        for (const cut of cuts) {
          const socket = await peer.connect(target);
          const end = await peer.over(socket, { role: "client", version });
          const bytes = await end.flight();
          const command = new TextEncoder().encode("STARTTLS\r\n");
          await socket.send(
            new Uint8Array([...command, ...bytes.subarray(0, cut)]),
          );
          const [ours] = await server.accept();
          assert.equal((await ours.recvUntil("\r\n")).length, 8);
          const upgrading = refusal(
            ours.startTls({ role: "server", ...localhost() }),
          );
          if (cut < bytes.length) await socket.send(bytes.subarray(cut));
          assert.equal((await socket.recv(1))?.[0], 22, `cut at ${cut}`);
          await socket.reset();
          assert.match(await upgrading, /ECONNRESET|TLS_CLOSED/);
        }
        await closeAll(server);

        async function hello(peer: TlsPeer, target: PeerTarget) {
          const socket = await peer.connect(target);
          const end = await peer.over(socket, { role: "client", version });
          const bytes = await end.flight();
          await socket.close();
          return bytes;
        }
      }),
    { skip },
  );
}

test(
  "a reader that stops leaves less than 1 MiB to who floods it",
  () =>
    withPeer(async (peer) => {
      const [client, end] = await clientOf(peer, "TLSv1.3");
      const sent = await end.flood(FLOOD_BYTES);
      assert.ok(sent < 1_048_576, `${sent} bytes went`);
      const rest = await client.recvExactly(sent - 65_536);
      assert.equal(rest.length, sent - 65_536);
      await closeAll(client);
    }),
  { skip },
);

test(
  "a send to a peer that does not read never settles early",
  () =>
    withPeer(async (peer) => {
      const [client] = await clientOf(peer, "TLSv1.3");
      const sending = client.sendAll(new Uint8Array(FLOOD_BYTES), {
        timeoutMs: 200,
      });
      const error = await sending.then(() => assert.fail("settled"), (e) => e);
      assert.equal((error as SocketError).code, "ETIMEDOUT");
      await closeAll(client);
    }),
  { skip },
);

test("a writer that is stopped keeps less than 256 KiB", async () => {
  // Nothing below holds more than 64 KiB each way.
  const runtime = memoryNetwork();
  const server = await listen("127.0.0.1:0", { runtime, tls: localhost() });
  const [client, [peer]] = await Promise.all([
    connect(server.getSockName(), {
      runtime,
      tls: { ca: authority().cert, serverName: "localhost" },
    }),
    server.accept(),
  ]);
  let sent = 0;
  for (let isStuck = false; !isStuck;) {
    try {
      sent += await client.send(new Uint8Array(65_536), { timeoutMs: 100 });
    } catch (error) {
      assert.equal((error as SocketError).code, "ETIMEDOUT");
      isStuck = true;
    }
    // 64 KiB on the way, and 64 KiB in the hands of the engine that reads.
    assert.ok(sent < 262_144 + 2 * 65_536, `${sent} bytes went`);
  }
  assert.equal((await peer.recvExactly(sent)).length, sent);
  await closeAll(client, peer, server);
}, { skip: lackOfOpenssl() });

test("bytes that cross a hello under way are never received", async () => {
  let speak = (_bytes: Uint8Array): void => {};
  let written = 0;
  const client = fromStreams({
    readable: new ReadableStream<Uint8Array>({
      start: (controller) => {
        speak = (bytes) => controller.enqueue(bytes);
      },
    }),
    writable: new WritableStream<Uint8Array>({
      write: (chunk) => {
        written += chunk.length;
        return new Promise(() => {}); // it is on its way, and does not arrive
      },
    }),
  });
  const upgrading = refusal(client.startTls({
    ca: authority().cert,
    serverName: "localhost",
  }));
  await until(() => written > 0);
  speak(new TextEncoder().encode("250 injected\r\n"));
  assert.match(await upgrading, /^(EPROTO|TLS_NOT_TLS)$/);
  assert.equal(await refusal(client.recv()), "EBADF");
}, { skip: lackOfOpenssl() });

test(
  "a listener serves fifty while as many vanish in the middle",
  () =>
    withPeer(async (peer) => {
      const [server, errors] = await serve();
      const target = server.getSockName() as PeerTarget;
      const good = Array.from({ length: 50 }, () => call(server));
      const vanishing: number[] = [];
      for (let cut = 0; cut < 240; cut += 6) vanishing.push(cut);
      await each(vanishing, async (cut) => {
        const socket = await peer.connect(target);
        const end = await peer.over(socket, { role: "client" });
        const bytes = (await end.flight()).subarray(0, cut);
        if (cut % 12 === 0) await socket.sendLast(bytes);
        else await socket.sendAndReset(bytes);
      });
      // And in their second flight.
      await each([1, 5, 6, 7, 40, 70], async (cut) => {
        const socket = await peer.connect(target);
        const end = await peer.over(socket, { role: "client" });
        await socket.send(await end.flight());
        const bytes = (await end.flight()).subarray(0, cut);
        if (cut % 2 === 0) await socket.sendLast(bytes);
        else await socket.sendAndReset(bytes);
      });
      const clients = await Promise.all(good);
      for (const _ of clients) {
        const [accepted] = await server.accept({ timeoutMs: 5_000 });
        await closeAll(accepted);
      }
      const failures = vanishing.length + 6;
      await until(() => errors.length === failures);
      assert.equal(server.tryAccept(), undefined);
      assert.equal(server.tlsFailures, failures);
      for (const error of errors) {
        assert.match(told(error), /^(TLS_CLOSED|ECONNRESET)$/);
      }
      await closeAll(server, ...clients);
    }),
  { skip },
);

test(
  "a handshake that is ended in the middle leaves no socket",
  () =>
    withPeer(async (peer) => {
      const listener = await peer.listen();
      const { hostname, port } = listener.address;
      const controller = new AbortController();
      const { signal } = controller;
      for (const options of [{ timeoutMs: 100 }, { signal }]) {
        const connecting = connect({ hostname, port }, {
          tls: { ca: authority().cert, serverName: "localhost" },
          ...options,
        });
        const ended = connecting.then(() => "", (error) => error.code ?? error);
        const socket = await listener.accept();
        const end = await peer.over(socket, {
          role: "server",
          ...serverFiles(),
        });
        const flight = await end.flight();
        await socket.send(flight.subarray(0, 100));
        if ("signal" in options) controller.abort("enough");
        assert.equal(await ended, "signal" in options ? "enough" : "ETIMEDOUT");
        assert.match((await socket.readAll()).end, /^(EOF|ECONNRESET)$/);
      }
      const [server, errors] = await serve();
      const socket = await peer.connect(server.getSockName() as PeerTarget);
      const end = await peer.over(socket, { role: "client" });
      await socket.send(await end.flight());
      await end.flight(); // the server waits for the second one
      await server.close();
      assert.match((await socket.readAll()).end, /^(EOF|ECONNRESET)$/);
      assert.deepEqual(errors, []);
    }),
  { skip },
);
