/**
 * Laws of TLS: whom a client believes, and what it never takes for whole, for
 * encrypted, or for the peer's. They are run over makers that speak TLS, such
 * as those of `tlsMaker`.
 *
 * @module
 */

import { SHUT_WR } from "../../constants.ts";
import { fromStreams, type StreamSocket } from "../../socket/mod.ts";
import type { TlsClientOptions } from "../../tls_contracts.ts";
import {
  ensure,
  later,
  rejection,
  rejectsWith,
  same,
  sameText,
  textOf,
} from "../expect.ts";
import type { Law, LawBench, TlsTalk } from "../law.ts";

/** The pin of nobody's key. */
const STRANGE_PIN = `${"A".repeat(43)}=`;

function talkOf({ maker }: LawBench): TlsTalk {
  ensure(maker.tls !== undefined, `${maker.name} does not speak TLS`);
  return maker.tls;
}

/** A connected pair that has not begun TLS, whatever the maker's pairs do. */
async function plainPair(
  bench: LawBench,
): Promise<[client: StreamSocket, server: StreamSocket]> {
  const [listener, client] = [bench.socket(), bench.socket()];
  await listener.bind(bench.maker.freshAddress());
  await listener.listen();
  const [, [server]] = await Promise.all([
    client.connect(listener.getSockName()),
    listener.accept(),
  ]);
  await listener.close();
  return [client, bench.keep(server)];
}

/** What a socket sends by way of another one, as it is on the wire. */
class Tap {
  /** All bytes that went. */
  seen = "";
  /** Cuts what goes from now on; the rest of it is dropped. */
  cut: (chunk: Uint8Array) => Uint8Array = (chunk) => chunk;
  /** The socket whose bytes go by. */
  readonly socket: StreamSocket;

  constructor(bench: LawBench, below: StreamSocket) {
    const writable = new WritableStream<Uint8Array>({
      write: async (chunk) => {
        const passed = this.cut(chunk);
        this.seen += textOf(passed);
        await below.sendAll(passed);
      },
    });
    this.socket = bench.keep(fromStreams({
      readable: below.readable,
      writable,
    }));
  }
}

/** Connects with other options, and gives the failure. */
async function refused(
  bench: LawBench,
  options: TlsClientOptions,
  code: string,
): Promise<void> {
  const talk = talkOf(bench);
  const listener = await bench.listen({ tls: talk.server });
  const address = listener.getSockName();
  await rejectsWith(
    bench.connectTo(address, { tls: options }),
    code,
    "connect",
  );
  // The listener goes on, and whom it is right to believe is believed.
  const good = await bench.connectTo(address, { tls: talk.client });
  ensure(good.tls?.authorized === true, "the right peer is not authorized");
}

/** Both begin TLS; rejects with what the client's beginning comes to. */
async function upgrade(
  bench: LawBench,
  client: StreamSocket,
  server: StreamSocket,
): Promise<void> {
  const talk = talkOf(bench);
  const serving = later(server.startTls({ ...talk.server, role: "server" }));
  await client.startTls(talk.client);
  await serving;
}

/** What every stream that speaks TLS must keep. */
export const tlsLaws: readonly Law[] = [
  {
    name: "a peer is TLS_CERT_NAME when its certificate is for another name",
    run: (bench) =>
      refused(
        bench,
        { ...talkOf(bench).client, serverName: "another.example" },
        "TLS_CERT_NAME",
      ),
  },
  {
    name: "a peer is TLS_CERT_UNTRUSTED when no root of ours vouches for it",
    run: (bench) => {
      const { ca: _, ...others } = talkOf(bench).client;
      return refused(bench, others, "TLS_CERT_UNTRUSTED");
    },
  },
  {
    name: "a peer is TLS_CERT_PIN when its key is none of the pins",
    run: (bench) =>
      refused(
        bench,
        { ...talkOf(bench).client, pins: [STRANGE_PIN] },
        "TLS_CERT_PIN",
      ),
  },
  {
    name: "a stream is TLS_TRUNCATED behind its bytes when it ends unannounced",
    run: async (bench) => {
      for (const cutAt of [0, 3, 9]) await truncated(bench, cutAt);
    },
  },
  {
    name: "a byte that came before TLS is EPROTO and never received",
    run: async (bench) => {
      const [client, server] = await plainPair(bench);
      await server.sendAll("220 go\r\n250 injected\r\n");
      sameText(await client.recvUntil("\r\n"), "220 go", "the answer");
      await rejectsWith(upgrade(bench, client, server), "EPROTO", "startTls");
      await rejectsWith(client.recv(), "EBADF", "recv");
    },
  },
  {
    name: "startTls closes the socket when it fails, and nothing goes in plain",
    run: async (bench) => {
      const [below, server] = await plainPair(bench);
      const tap = new Tap(bench, below);
      const upgrading = later(tap.socket.startTls(talkOf(bench).client));
      await server.recv();
      await server.sendAll("250 no TLS here\r\n");
      await rejectsWith(upgrading, "TLS_NOT_TLS", "startTls");
      await rejection(tap.socket.sendAll("a secret"), "sendAll");
      same(tap.seen.charCodeAt(0), 22, "the first byte that went");
      ensure(!tap.seen.includes("secret"), "a secret went in plain");
    },
  },
  {
    name: "what is sent over TLS is not seen on the way",
    run: async (bench) => {
      const [below, server] = await plainPair(bench);
      const tap = new Tap(bench, below);
      await upgrade(bench, tap.socket, server);
      await tap.socket.sendAll("a secret");
      sameText(await server.recvExactly(8), "a secret", "what came");
      ensure(!tap.seen.includes("secret"), "a secret went in plain");
    },
  },
  {
    name: "a listener with TLS gives the good client when others are silent",
    run: async (bench) => {
      const talk = talkOf(bench);
      const listener = await bench.listen({ tls: talk.server });
      const address = listener.getSockName();
      const [silent, wrong] = [bench.socket(), bench.socket()];
      await silent.connect(address);
      await wrong.connect(address);
      await wrong.sendAll("GET / HTTP/1.0\r\n\r\n");
      const accepting = later(listener.accept());
      await bench.connectTo(address, { tls: talk.client });
      const [server] = await accepting;
      ensure(bench.keep(server).tls !== undefined, "it does not speak TLS");
    },
  },
  {
    name: "an abort ends a handshake and the peer sees the end",
    run: async (bench) => {
      const [client, server] = await plainPair(bench);
      const controller = new AbortController();
      const { signal } = controller;
      const { client: options } = talkOf(bench);
      const upgrading = later(client.startTls(options, { signal }));
      same((await server.recv())?.[0], 22, "the first byte of the hello");
      controller.abort("enough");
      same(await rejection(upgrading, "startTls"), "enough", "the reason");
      ensure(client.isClosed, "the socket is open");
      for (let chunk; (chunk = await endOf(server)) !== null;) {
        ensure(chunk.length > 0, "no byte");
      }
    },
  },
];

/** The next bytes; `null` at the end, a reset being one here. */
async function endOf(socket: StreamSocket): Promise<Uint8Array | null> {
  try {
    return await socket.recv();
  } catch {
    return null;
  }
}

/** A server whose wire ends in front of a record, or within it. */
async function truncated(bench: LawBench, cutAt: number): Promise<void> {
  const [client, below] = await plainPair(bench);
  const tap = new Tap(bench, below);
  await upgrade(bench, client, tap.socket);
  await tap.socket.sendAll("whole");
  sameText(await client.recvExactly(5), "whole", "what came in whole");
  const reading = later(client.recv());
  tap.cut = (chunk) => chunk.subarray(0, cutAt);
  await tap.socket.sendAll("lost");
  await below.shutdown(SHUT_WR);
  await rejectsWith(reading, "TLS_TRUNCATED", "recv", `cut at ${cutAt}`);
  await rejectsWith(client.recv(), "TLS_TRUNCATED", "recv", "recv again");
  await rejectsWith(client.sendAll("x"), "TLS_TRUNCATED", "sendAll");
}
