/**
 * From what `net.Socket.connect` was told to a connected socket of ours.
 *
 * @module
 */

import {
  type AddressFamily,
  AF_INET,
  AF_INET6,
  AF_UNSPEC,
} from "../constants.ts";
import type { AddressLike, HostAndPort } from "../contracts.ts";
import { unlessAborted } from "../deadline.ts";
import { getAddrInfo } from "../names/mod.ts";
import { connect, type ConnectOptions } from "../socket/connect.ts";
import type { StreamSocket } from "../socket/stream/stream_socket.ts";
import { type Connect, familyOfIp, wrongIp } from "./arguments.ts";
import type { NodeConnectOptions } from "./contracts.ts";

/** Connects; an abort of `signal` leaves nothing behind. */
export async function dial(
  { target, options }: Connect,
  signal: AbortSignal,
): Promise<StreamSocket> {
  const call = toConnectOptions(options, signal);
  if ("path" in target) return await connectTo(target, call);
  const candidates = await candidatesOf(target, options, signal);
  return await connectToFirst(candidates, call);
}

function toConnectOptions(
  options: NodeConnectOptions,
  signal: AbortSignal,
): ConnectOptions {
  const { localAddress, localPort, abortive, tls, runtime } = options;
  const isBound = Boolean(localAddress || localPort);
  return {
    timeoutMs: null,
    signal,
    ...isBound &&
      { localAddress: { hostname: localAddress ?? "", port: localPort ?? 0 } },
    ...abortive !== undefined && { abortive },
    ...tls !== undefined && { tls },
    ...runtime !== undefined && { runtime },
  };
}

/** A socket without a timeout of its own: here the streams say how to wait. */
async function connectTo(
  address: AddressLike,
  call: ConnectOptions,
): Promise<StreamSocket> {
  const sock = await connect(address, call);
  sock.setTimeout(null);
  return sock;
}

/**
 * The first that takes us; what the last one said if none does. A name that
 * nothing was said of is one candidate, whose addresses are raced below.
 */
async function connectToFirst(
  candidates: readonly HostAndPort[],
  call: ConnectOptions,
): Promise<StreamSocket> {
  let failure: unknown;
  for (const candidate of candidates) {
    try {
      return await connectTo(candidate, call);
    } catch (error) {
      call.signal?.throwIfAborted();
      failure = error;
    }
  }
  throw failure;
}

async function candidatesOf(
  target: HostAndPort,
  options: NodeConnectOptions,
  signal: AbortSignal,
): Promise<HostAndPort[]> {
  const { hostname, port } = target;
  const { family = 0, lookup, autoSelectFamily, runtime } = options;
  if (familyOfIp(hostname) !== 0) return [target];
  const toTarget = (address: string) => ({ hostname: address, port });
  if (lookup) {
    // It may never answer, and nobody can call it off.
    const answer = lookUp(hostname, options);
    return (await unlessAborted(answer, signal)).map(toTarget);
  }
  if (family === 0 && autoSelectFamily !== false) return [target];
  const found = await getAddrInfo(hostname, null, {
    family: toFamily(family),
    signal,
    ...runtime !== undefined && { runtime },
  });
  const all = found.flatMap(({ address }) =>
    "hostname" in address ? [address.hostname] : []
  );
  return (autoSelectFamily === false ? all.slice(0, 1) : all).map(toTarget);
}

function toFamily(family: number): AddressFamily {
  if (family === 4) return AF_INET;
  return family === 6 ? AF_INET6 : AF_UNSPEC;
}

/** Asks the program's own lookup. */
function lookUp(
  hostname: string,
  { lookup, family = 0, hints = 0 }: NodeConnectOptions,
): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const asked = { all: family === 0, family, hints };
    lookup?.(hostname, asked, (error, found) => {
      if (error) return reject(error);
      const texts = typeof found === "string"
        ? [found]
        : [...found ?? []].map(({ address }) => address);
      const wrong = texts.find((text) => familyOfIp(text) === 0);
      if (texts.length > 0 && wrong === undefined) return resolve(texts);
      reject(wrongIp(wrong));
    });
  });
}
