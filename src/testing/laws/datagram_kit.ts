/**
 * Steps that several laws of datagrams take.
 *
 * @module
 */

import { AF_INET6, AF_UNIX } from "../../constants.ts";
import type { Address, HostAndPort, InetAddress } from "../../contracts.ts";
import type { DatagramSocket } from "../../socket/mod.ts";
import type { DatagramBench } from "../datagram_law.ts";
import { alike, same, textOf } from "../expect.ts";

/** A datagram that says which it is: its number in 4 bytes. */
export function numbered(number: number, bytes = 4): Uint8Array {
  const data = new Uint8Array(bytes);
  new DataView(data.buffer).setUint32(0, number);
  return data;
}

/** The number of a datagram. */
export function numberOf(data: Uint8Array): number {
  return new DataView(data.buffer, data.byteOffset).getUint32(0);
}

/** Receives a text and checks it and, if told, who sent it. */
export async function receiveText(
  socket: DatagramSocket,
  text: string,
  source?: Address,
): Promise<void> {
  const [data, address] = await socket.recvFrom();
  same(textOf(data), text, "the datagram");
  if (source !== undefined) alike(address, source, "the sender");
}

/** A signal, and what aborts it and gives the reason. */
export function cutShort(): {
  readonly signal: AbortSignal;
  abort(): Error;
} {
  const controller = new AbortController();
  const reason = new Error("enough");
  return {
    signal: controller.signal,
    abort: () => {
      controller.abort(reason);
      return reason;
    },
  };
}

/** An address where a socket was and is no more. */
export async function deadTarget(bench: DatagramBench): Promise<Address> {
  const gone = await bench.bound();
  const address = gone.getSockName();
  await gone.close();
  return address;
}

/** A socket bound to the wildcard: a name may be of either family. */
export async function anyBound(bench: DatagramBench): Promise<DatagramSocket> {
  const socket = bench.socket();
  const hostname = bench.maker.family === AF_INET6 ? "::" : "0.0.0.0";
  await socket.bind({ hostname, port: 0 });
  return socket;
}

/** Where a socket bound to the wildcard is on this machine. */
export function loopbackOf(socket: DatagramSocket): HostAndPort {
  const { family, port } = socket.getSockName() as InetAddress;
  return { hostname: family === "ipv6" ? "::1" : "127.0.0.1", port };
}

/** How long a datagram may be over this kind of socket, in bytes. */
export function mostBytes(bench: DatagramBench): number {
  return bench.maker.family === AF_UNIX ? 200_000 : 65_507;
}
