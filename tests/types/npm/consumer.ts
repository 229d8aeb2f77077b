/**
 * A user of the npm package under strict TypeScript: what the types must allow,
 * and what they must not. `check_npm.ts` compiles it, old compilers included;
 * it is never run.
 *
 * @module
 */

import {
  type Address,
  AF_INET,
  type Bytes,
  type BytesLike,
  capabilities,
  connect,
  type Feature,
  listen,
  type Listener,
  type Runtime,
  SO_RCVBUF,
  SOCK_DGRAM,
  type SOCK_STREAM,
  socket,
  SocketError,
  SocketFile,
  SOL_SOCKET,
  StreamSocket,
} from "anysock";
import { ByteReader, pack, unpack } from "anysock/byteorder";
import { type Codec, framed, lengthPrefixed, mapCodec } from "anysock/framing";
import { EVENT_READ, select, Selector } from "anysock/polling";
import { usePosix } from "anysock/posix";
import {
  type ConnectionContext,
  parseProxyHeader,
  serve,
  type Server,
} from "anysock/server";
import { shmAttach, shmChannel, ShmStream } from "anysock/shm";
import { FakeClock, memoryNetwork, streamLaws } from "anysock/testing";

/** Whether two types are the same, to the letter. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends
  (<T>() => T extends B ? 1 : 2) ? true : false;

function isTrue<T extends true>(value: T): T {
  return value;
}

export async function streams(): Promise<Bytes | null> {
  await using server: Listener = await listen(["127.0.0.1", 0]);
  const client = await connect(server.getSockName(), { timeoutMs: 100 });
  const [peer, from]: [StreamSocket, Address] = await server.accept();
  const name: string = "hostname" in from ? from.hostname : from.path;
  const data: BytesLike[] = [name, new Uint8Array(3), new DataView(buffer())];
  await client.sendAll(data, { signal: AbortSignal.timeout(100) });
  for await (const chunk of peer) await client.sendAll(chunk.subarray(1));
  // @ts-expect-error the end is null, and has to be thought of
  const bytes: Bytes = await peer.recv();
  const length: number = bytes.byteLength;
  const readable: ReadableStream<Bytes> = client.readable;
  await readable.pipeTo(peer.writable);
  const text: SocketFile<string> = client.makeFile("rw", { encoding: "utf-8" });
  for await (const line of text) await text.write(line.toUpperCase());
  return length > 0 ? client.tryRecv() ?? null : null;
}

export async function datagrams(): Promise<void> {
  await using sock = socket(AF_INET, SOCK_DGRAM);
  isTrue<Same<typeof sock.type, typeof SOCK_DGRAM>>(true);
  isTrue<Same<StreamSocket["type"], typeof SOCK_STREAM>>(true);
  const [data, address] = await sock.recvFrom();
  await sock.sendTo(data, address);
  for await (const [more] of sock) console.log(more.length);
  sock.setSockOpt(SOL_SOCKET, SO_RCVBUF, 65_536);
  // @ts-expect-error a family is a constant of ours, not any number
  socket(2);
}

export async function frames(stream: StreamSocket): Promise<string | null> {
  const codec: Codec<string, string> = mapCodec(
    lengthPrefixed({ header: "u16" }),
    {
      decode: (bytes) => new TextDecoder().decode(bytes),
      encode: (text: string) => new TextEncoder().encode(text),
    },
  );
  const messages = framed(stream, codec);
  await messages.send("hello");
  for await (const batch of messages.batches()) console.log(batch.length);
  return await messages.recv();
}

export async function polling(socks: StreamSocket[]): Promise<StreamSocket[]> {
  const selector = new Selector<StreamSocket, string>();
  for (const sock of socks) selector.register(sock, EVENT_READ, "data");
  for (const [key, events] of await selector.select(10)) {
    const data: string | undefined = key.data;
    console.log(key.socket.getPeerName(), data, events);
  }
  for (const [sock, key] of selector.getMap()) console.log(sock, key);
  const [readers] = await select(socks, [], [], 0);
  return readers;
}

export function numbers(): [number, bigint] {
  const packed: Bytes = pack("!HQ", 1, 2n);
  const [small, large] = unpack("!HQ", packed);
  isTrue<Same<[typeof small, typeof large], [number, bigint]>>(true);
  return [new ByteReader(packed).u16(), large];
}

export async function tests(): Promise<void> {
  const runtime: Runtime = memoryNetwork({ clock: new FakeClock() });
  const feature: Feature = "backlog";
  const can = [runtime.supports[feature], capabilities()[feature]];
  console.log(can, streamLaws.map(({ name }) => name));
  await using server = await listen("10.0.0.1:7", { runtime });
  console.log(server, usePosix());
}

export function failures(error: unknown): string {
  if (error instanceof SocketError) {
    const parts: [string, number, string] = [error.code, error.errno, error.op];
    return parts.join();
  }
  // @ts-expect-error sockets are made by socket(), connect() and their like
  return new StreamSocket() instanceof SocketFile ? "never" : "other";
}

function buffer(): ArrayBufferLike {
  return new SharedArrayBuffer(4);
}

export async function servers(): Promise<number> {
  const handler = async (
    connection: StreamSocket,
    context: ConnectionContext,
  ) => {
    const bytes = await connection.recv({ signal: context.signal });
    if (bytes !== null) await connection.sendAll(bytes);
    // @ts-expect-error what is known of a connection is not the program's to set
    context.id = 5;
  };
  await using server: Server = await serve(["127.0.0.1", 0], handler, {
    maxPerHost: 5,
    idleTimeoutMs: null,
    proxyProtocol: { from: ["10.0.0.0/8"] },
    signals: ["SIGTERM"],
  });
  const address: Address | undefined = parseProxyHeader(new Uint8Array(0))
    ?.header
    .source;
  const { finished } = await server.stop({ graceMs: 5 });
  return finished + server.stats.rejected.full +
    (address === undefined ? 0 : 1);
}

export async function threads(): Promise<Bytes | null> {
  const { local, remote } = shmChannel({ capacity: 4_096, doorbell: "port" });
  const partner: ShmStream = shmAttach(remote);
  const messages = framed(local, lengthPrefixed());
  await messages.send(buffer());
  partner.sendAllSync(["a", new Uint8Array(1)], 100);
  await select([local], [partner], [], 0);
  const port: MessagePort = remote.port;
  port.close();
  // @ts-expect-error ends are made by shmChannel() and shmAttach()
  new ShmStream();
  return partner.recvSync(5);
}
