/**
 * Datagrams by hand: a line of input is one, and one that comes is a line.
 *
 * @module
 */

import {
  type Address,
  AF_INET,
  AF_INET6,
  type DatagramSocket,
  getAddrInfo,
  type HostAndPort,
  SOCK_DGRAM,
  socket,
  TimeoutError,
} from "../mod.ts";
import { EXIT_OK, UsageError } from "./exit.ts";
import { messageWriter } from "./exchange.ts";
import { linesOf } from "./frames.ts";
import type { Io } from "./io.ts";

/** How they are shown, and how long answers are awaited. */
export interface DatagramManner {
  /** Show what comes in hexadecimal. */
  readonly isHex: boolean;
  /** Milliseconds without an answer, once the input has ended; default 1 s. */
  readonly silenceMs: number | undefined;
}

const SILENCE_MS = 1000;

/** Talks until the input has ended and no more answers come. */
export async function datagrams(
  address: Address | HostAndPort,
  manner: DatagramManner,
  io: Io,
): Promise<number> {
  if ("path" in address) throw new UsageError("--udp takes HOST:PORT");
  const sock = await peerOf(address);
  const onInterrupt = () => void sock.close();
  io.interrupted.addEventListener("abort", onInterrupt, { once: true });
  try {
    let isOver = false;
    const sending = send(sock, io).finally(() => isOver = true);
    sending.catch(() => {}); // it is looked at below
    await receive(sock, manner, io, () => isOver);
    await sending;
    return EXIT_OK;
  } finally {
    io.interrupted.removeEventListener("abort", onInterrupt);
    await sock.close();
  }
}

async function peerOf(
  { hostname, port }: Exclude<Address, { path: string }> | HostAndPort,
): Promise<DatagramSocket> {
  const [found] = await getAddrInfo(hostname, port, { type: SOCK_DGRAM });
  if (found === undefined) throw new Error(`${hostname} has no address`);
  const isV6 = found.family === AF_INET6;
  const sock = socket(isV6 ? AF_INET6 : AF_INET, SOCK_DGRAM);
  await sock.connect(found.address);
  return sock;
}

async function send(sock: DatagramSocket, io: Io): Promise<void> {
  for await (const message of linesOf(io.input)) await sock.send(message);
}

/** Until nothing has come for a while and nothing more will be asked. */
async function receive(
  sock: DatagramSocket,
  { isHex, silenceMs = SILENCE_MS }: DatagramManner,
  io: Io,
  isOver: () => boolean,
): Promise<void> {
  const write = messageWriter(io.output, isHex);
  for (;;) {
    const wasOver = isOver();
    try {
      await write(await sock.recv({ timeoutMs: silenceMs }));
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error;
      if (wasOver) return;
    }
  }
}
