/**
 * New sockets: one of a kind, or a connected pair.
 *
 * @module
 */

import { formatAddress } from "../address.ts";
import type { AddressFamily } from "../constants.ts";
import {
  AF_INET,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_STREAM,
} from "../constants.ts";
import { socketError } from "../errors.ts";
import { chosenRuntime } from "../runtime/detect.ts";
import type { Runtime } from "../runtime/seam/runtime.ts";
import { checkOptions } from "../deadline.ts";
import { connect } from "./connect.ts";
import { DatagramSocket } from "./datagram/datagram_socket.ts";
import { type FdKind, socketOfFd } from "./from_fd.ts";
import { checkKind } from "./kind.ts";
import { listen } from "./listen.ts";
import { StreamSocket } from "./stream/stream_socket.ts";

/** What may be or'ed to a type. */
const TYPE_FLAGS = SOCK_NONBLOCK | SOCK_CLOEXEC;

/** Options of {@linkcode socket}. */
export interface SocketOptions {
  /** What serves the socket; default the current runtime. */
  readonly runtime?: Runtime;
  /** Made of this descriptor, as by {@linkcode fromFd}. */
  readonly fileno?: number;
  /** Whether that descriptor listens. */
  readonly listening?: boolean;
}

/**
 * A new socket, neither bound nor connected.
 *
 * @param family `AF_INET`, `AF_INET6` or `AF_UNIX`
 * @param type `SOCK_STREAM` or `SOCK_DGRAM`; or'ed with `SOCK_NONBLOCK` it is
 *   non-blocking from the start, and `SOCK_CLOEXEC` says what is always so
 * @param proto 0, the usual protocol of family and type
 * @throws {SocketError} `EOPNOTSUPP` for other types, `EAFNOSUPPORT` for
 *   other families, `EPROTONOSUPPORT` for other protocols.
 *
 * @example
 * ```ts
 * import { AF_INET, SOCK_DGRAM, SOCK_STREAM, socket } from "@anysock/anysock";
 *
 * await using server = socket(AF_INET, SOCK_STREAM);
 * await server.bind(["127.0.0.1", 0]);
 * await server.listen(5);
 *
 * await using log = socket(AF_INET, SOCK_DGRAM);
 * await log.sendTo("<14>hello", ["127.0.0.1", 514]);
 * ```
 */
export function socket(
  family?: AddressFamily,
  type?: typeof SOCK_STREAM,
  proto?: number,
  options?: SocketOptions,
): StreamSocket;
/** A new datagram socket. */
export function socket(
  family: AddressFamily | undefined,
  type: typeof SOCK_DGRAM,
  proto?: number,
  options?: SocketOptions,
): DatagramSocket;
/** A new socket of a type with flags, or one of several types. */
export function socket(
  family: AddressFamily | undefined,
  type: number,
  proto?: number,
  options?: SocketOptions,
): StreamSocket | DatagramSocket;
export function socket(
  family: AddressFamily = AF_INET,
  type: number = SOCK_STREAM,
  proto = 0,
  options: SocketOptions = {},
): StreamSocket | DatagramSocket {
  const plain = typeof type === "number" ? type & ~TYPE_FLAGS : type;
  checkKind("socket", family, plain, proto);
  checkOptions(options, ["runtime", "fileno", "listening"]);
  const made = make({ family, type: plain, proto }, options);
  if ((type & SOCK_NONBLOCK) !== 0) made.setBlocking(false);
  return made;
}

/** What makes a socket of a checked kind. */
function make(
  { family, type, proto }: Pick<FdKind, "family" | "type" | "proto">,
  options: SocketOptions,
): StreamSocket | DatagramSocket {
  const { fileno, listening } = options;
  const runtime = chosenRuntime(options.runtime);
  if (fileno !== undefined) {
    const kind = { family, type, proto, runtime };
    return listening === undefined
      ? socketOfFd("socket", fileno, kind)
      : socketOfFd("socket", fileno, { ...kind, listening });
  }
  const init = { family, proto, runtime };
  return type === SOCK_DGRAM
    ? DatagramSocket.create(init)
    : StreamSocket.create(init);
}

/**
 * Two connected stream sockets, over TCP on the loopback address. Each end is
 * checked to be the peer of the other, so that no stranger can take a place.
 *
 * @throws {SocketError} `ECONNABORTED` if a stranger came first.
 *
 * @example
 * ```ts
 * import { socketPair } from "@anysock/anysock";
 *
 * const [a, b] = await socketPair();
 * await a.sendAll("ping");
 * console.log(await b.recvExactly(4));
 * await Promise.all([a.close(), b.close()]);
 * ```
 */
export async function socketPair(
  options: Pick<SocketOptions, "runtime"> = {},
): Promise<[StreamSocket, StreamSocket]> {
  checkOptions(options, ["runtime"]);
  const runtime = chosenRuntime(options.runtime);
  const server = await listen("127.0.0.1:0", { runtime, backlog: 1 });
  try {
    const address = server.getSockName();
    const accepting = server.accept({ timeoutMs: null });
    const [client, [peer, from]] = await Promise.all([
      connect(address, { runtime, timeoutMs: null }),
      accepting,
    ]);
    const own = client.getSockName();
    if (formatAddress(own) === formatAddress(from)) return [client, peer];
    await Promise.all([client.close(), peer.close()]);
    const reason = "a stranger connected first";
    throw socketError("ECONNABORTED", { op: "socketPair", address, reason });
  } finally {
    await server.close();
  }
}
