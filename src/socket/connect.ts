/**
 * The short ways to a socket: `socket`, `connect`, `listen`,
 * `socketPair`.
 *
 * @module
 */

import type { Endpoint } from "../address.ts";
import { formatAddress, toEndpoint } from "../address.ts";
import type { AddressFamily } from "../constants.ts";
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  IPPROTO_TCP,
  SO_KEEPALIVE,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  SOMAXCONN,
  TCP_NODELAY,
} from "../constants.ts";
import type { AddressLike, UnixAddress, WaitOptions } from "../contracts.ts";
import { socketError } from "../errors.ts";
import { currentRuntime } from "../runtime/detect.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { toWait } from "./arguments.ts";
import { DatagramSocket } from "./datagram/datagram_socket.ts";
import { listenError, openConnection } from "./stream/endpoint.ts";
import { socketOfFd } from "./from_fd.ts";
import { checkKind } from "./kind.ts";
import { StreamSocket } from "./stream/stream_socket.ts";

/** Options of {@linkcode socket}. */
export interface SocketOptions {
  /** What serves the socket; the current runtime unless told. */
  readonly runtime?: Runtime;
  /** Made of this descriptor, as by {@linkcode fromFd}. */
  readonly fileno?: number;
  /** Whether that descriptor listens. */
  readonly listening?: boolean;
}

/** Options of {@linkcode connect}. */
export interface ConnectOptions extends WaitOptions {
  /** Bind to this first. */
  readonly localAddress?: AddressLike;
  /** `TCP_NODELAY`, on unless told. */
  readonly noDelay?: boolean;
  /** `SO_KEEPALIVE`, off unless told. */
  readonly keepAlive?: boolean;
  /** `reset()` must be able to send RST; needs to be said on Deno alone. */
  readonly abortive?: boolean;
  /** What serves the socket; the current runtime unless told. */
  readonly runtime?: Runtime;
}

/** Options of {@linkcode listen}. */
export interface ListenOptions {
  /** How many connections may wait unaccepted; `SOMAXCONN` unless told. */
  readonly backlog?: number;
  /** `SO_REUSEPORT`. */
  readonly reusePort?: boolean;
  /** `IPV6_V6ONLY`; a listener on `[::]` is dual-stack unless told. */
  readonly ipv6Only?: boolean;
  /** `reset()` of its connections must be able to send RST. */
  readonly abortive?: boolean;
  /** What serves the socket; the current runtime unless told. */
  readonly runtime?: Runtime;
}

/** A listening stream socket, without its stream half. */
export type Listener =
  & Pick<
    StreamSocket,
    | "accept"
    | "close"
    | "closed"
    | "connections"
    | "family"
    | "getSockName"
    | "fileno"
    | "getBlocking"
    | "getSockOpt"
    | "getTimeout"
    | "isClosed"
    | "proto"
    | "readiness"
    | "ref"
    | "setBlocking"
    | "setSockOpt"
    | "setTimeout"
    | "toString"
    | "tryAccept"
    | "type"
    | "unref"
  >
  & AsyncDisposable;

const NO_WAIT = { timeoutMs: null, signal: undefined };

/**
 * A new socket, neither bound nor connected.
 *
 * @param family `AF_INET`, `AF_INET6` or `AF_UNIX`
 * @param type `SOCK_STREAM` or `SOCK_DGRAM`
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
export function socket(
  family: AddressFamily = AF_INET,
  type: typeof SOCK_STREAM | typeof SOCK_DGRAM = SOCK_STREAM,
  proto = 0,
  options: SocketOptions = {},
): StreamSocket | DatagramSocket {
  checkKind("socket", family, type, proto);
  const { runtime = currentRuntime(), fileno, listening } = options;
  if (fileno !== undefined) {
    const kind = { family, type, proto, runtime };
    return listening === undefined
      ? socketOfFd("socket", fileno, kind)
      : socketOfFd("socket", fileno, { ...kind, listening });
  }
  const init = { family, proto, runtime };
  return type === SOCK_DGRAM
    ? new DatagramSocket(init)
    : new StreamSocket(init);
}

/**
 * A connected stream socket. A name is resolved and its addresses, of both
 * families, are raced (RFC 8305). `timeoutMs` ends with the connect; it is
 * not the socket's timeout; 0 leaves it no time, and nothing is connected.
 *
 * @param address `"host:port"`, `"[v6]:port"`, `"unix:/path"`, or an object
 * @throws {TypeError} | {RangeError} if it is no address.
 * @throws {SocketError} as {@linkcode StreamSocket.connect}; `EINPROGRESS`
 *   with a `timeoutMs` of 0.
 *
 * @example
 * ```ts
 * import { connect, listen } from "@anysock/anysock";
 *
 * await using server = await listen("127.0.0.1:0");
 * await using sock = await connect(server.getSockName(), { timeoutMs: 5_000 });
 * await sock.sendAll("GET / HTTP/1.0\r\n\r\n");
 * ```
 */
export async function connect(
  address: AddressLike,
  options: ConnectOptions = {},
): Promise<StreamSocket> {
  const { runtime = currentRuntime(), localAddress, abortive } = options;
  const wait = toWait(options, NO_WAIT);
  const endpoint = toEndpoint(address, "any");
  const local = localAddress === undefined
    ? undefined
    : toEndpoint(localAddress, "path" in endpoint ? "unix" : "inet");
  wait.signal?.throwIfAborted();
  if ("path" in endpoint) demandNoTcp(endpoint, options);
  if (wait.timeoutMs === 0) {
    // A socket that is not connected yet is not handed out.
    throw socketError("EINPROGRESS", { op: "connect", address: endpoint });
  }
  const connection = await openConnection(runtime, endpoint, {
    family: "family" in endpoint ? familyOf(endpoint) : undefined,
    local,
    wait,
    abortive,
  });
  const peer = connection.peerAddress;
  const family = peer === undefined ? familyOf(endpoint) : familyOf(peer);
  const init = { family, proto: 0, runtime, connection, abortive };
  const sock = new StreamSocket(init);
  setOptions(sock, options);
  return sock;
}

/** Throws for what a Unix-domain socket does not have. */
function demandNoTcp(address: UnixAddress, options: ConnectOptions): void {
  const { noDelay, keepAlive } = options;
  if (noDelay !== false && keepAlive !== true) return;
  const name = noDelay === false ? "TCP_NODELAY" : "SO_KEEPALIVE";
  const reason = `${name}: a Unix-domain socket has no such option`;
  throw socketError("ENOPROTOOPT", { op: "connect", address, reason });
}

/** Sets what was asked for; a connection that cannot is closed. */
function setOptions(sock: StreamSocket, options: ConnectOptions): void {
  try {
    if (options.noDelay === false) sock.setSockOpt(IPPROTO_TCP, TCP_NODELAY, 0);
    if (options.keepAlive) sock.setSockOpt(SOL_SOCKET, SO_KEEPALIVE, 1);
  } catch (error) {
    void sock.close({ lingerMs: 0 });
    throw error;
  }
}

function familyOf(endpoint: Endpoint): AddressFamily {
  if ("path" in endpoint) return AF_UNIX;
  return endpoint.hostname.includes(":") ? AF_INET6 : AF_INET;
}

/**
 * A listening stream socket.
 *
 * @param address where; port 0 lets the kernel choose one
 * @throws {TypeError} | {RangeError} if it is no address.
 * @throws {SocketError} `EADDRINUSE` and its like, with `op: "bind"`.
 *
 * @example An echo server
 * ```ts
 * import { connect, listen } from "@anysock/anysock";
 *
 * await using server = await listen("127.0.0.1:0");
 * await using client = await connect(server.getSockName());
 * const [peer] = await server.accept();
 * await client.sendAll("hello");
 * await peer.sendAll(await peer.recvExactly(5));
 * await peer.close();
 * ```
 */
export async function listen(
  address: AddressLike,
  options: ListenOptions = {},
): Promise<Listener> {
  const { runtime = currentRuntime(), backlog = SOMAXCONN } = options;
  const { reusePort, ipv6Only, abortive } = options;
  const endpoint = toEndpoint(address, "any");
  const family = "family" in endpoint
    ? familyOf(endpoint)
    : await familyOfName(runtime, endpoint.hostname, endpoint);
  const init = { family, proto: 0, runtime, reusePort, ipv6Only, abortive };
  const server = new StreamSocket(init);
  await server.bind(endpoint);
  await server.listen(backlog);
  return server;
}

async function familyOfName(
  runtime: Runtime,
  hostname: string,
  endpoint: Endpoint,
): Promise<AddressFamily> {
  try {
    const [host] = await runtime.lookup(hostname, 0);
    return host?.family === "ipv6" ? AF_INET6 : AF_INET;
  } catch (error) {
    throw listenError(error, endpoint);
  }
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
  options: SocketOptions = {},
): Promise<[StreamSocket, StreamSocket]> {
  const server = await listen("127.0.0.1:0", { ...options, backlog: 1 });
  try {
    const address = server.getSockName();
    const accepting = server.accept();
    const [client, [peer, from]] = await Promise.all([
      connect(address, options),
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
