/**
 * The short way to a listening socket.
 *
 * @module
 */

import type { Endpoint } from "../address.ts";
import { checkOneAddress, show, toEndpoint } from "../address.ts";
import type { AddressFamily } from "../constants.ts";
import { AF_INET, AF_INET6, AF_UNIX, SOMAXCONN } from "../constants.ts";
import type { Address, AddressLike } from "../contracts.ts";
import { type SocketError, socketError } from "../errors.ts";
import { chosenRuntime } from "../runtime/detect.ts";
import type { Runtime } from "../runtime/seam/runtime.ts";
import type { TlsServerOptions } from "../tls_contracts.ts";
import { checkFlags } from "../arguments.ts";
import { familyOf } from "./family.ts";
import {
  demandKeepAlive,
  type KeepAlive,
  keepAliveWishes,
} from "./keep_alive.ts";
import type { ListenerTls } from "./stream/handshakes.ts";
import { listenError } from "./stream/opening.ts";
import { StreamSocket } from "./stream/stream_socket.ts";
import { serverRole } from "./tls.ts";

/** Options of {@linkcode listen}. */
export interface ListenOptions {
  /** How many connections may wait unaccepted; default `SOMAXCONN`. */
  readonly backlog?: number;
  /** `SO_REUSEPORT`. */
  readonly reusePort?: boolean;
  /** `IPV6_V6ONLY`; default `false`: `[::]` is dual-stack. */
  readonly ipv6Only?: boolean;
  /** `SO_KEEPALIVE` of its connections, and how it probes; default `false`. */
  readonly keepAlive?: boolean | KeepAlive;
  /** `reset()` of its connections must be able to send RST. */
  readonly abortive?: boolean;
  /**
   * Speak TLS. Connections are handed out once their handshake has succeeded,
   * in that order; those under way count in the backlog.
   */
  readonly tls?: TlsServerOptions;
  /**
   * Told of every handshake that failed, and of its peer; goes with `tls`.
   * `accept` never fails for it.
   */
  readonly onTlsError?: (
    error: SocketError,
    address: Address | undefined,
  ) => void;
  /** What serves the socket; default the current runtime. */
  readonly runtime?: Runtime;
}

const FLAGS = ["reusePort", "ipv6Only", "abortive"] as const;
const OPTIONS = [
  "backlog",
  "keepAlive",
  ...FLAGS,
  "tls",
  "onTlsError",
  "runtime",
];

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
    | "setTlsIdentity"
    | "tlsFailures"
    | "toString"
    | "tryAccept"
    | "type"
    | "unref"
  >
  & AsyncDisposable;

/**
 * A listening stream socket.
 *
 * A Unix path is removed by `close()` if the file there is still the
 * listener's own, wherever the program has gone meanwhile: a successor may be
 * renamed over it. So that the runtime does not remove whatever has the path by
 * then, the socket is made under a name beside it, such as `path.k3x9f2`, and
 * moved; `ss` shows that name. On Deno this takes permission to read and write
 * the folder and, from 2.5 on, `--allow-net` for more than the path; with less,
 * Deno removes the path by its name.
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
  const { backlog = SOMAXCONN } = options;
  const { reusePort, ipv6Only, abortive } = options;
  checkOneAddress(address, options);
  checkFlags(options, FLAGS, OPTIONS);
  const runtime = chosenRuntime(options.runtime);
  const keepAlive = keepAliveWishes(options.keepAlive);
  checkErrorHandler(options);
  const endpoint = toEndpoint(address, "any");
  const tls = await tlsOf(runtime, options);
  const family = "family" in endpoint
    ? familyOf(endpoint)
    : await familyOfName(runtime, endpoint.hostname, endpoint);
  demandFitting(family, endpoint, options);
  demandKeepAlive("listen", runtime, keepAlive);
  const init = {
    family,
    proto: 0,
    runtime,
    reusePort,
    ipv6Only,
    abortive,
    tls,
  };
  const server = StreamSocket.create(init);
  for (const wish of keepAlive) server.setSockOpt(...wish);
  await server.bind(endpoint);
  await server.listen(backlog);
  return server;
}

/** Nobody is told of handshakes that there are not. */
function checkErrorHandler({ tls, onTlsError }: ListenOptions): void {
  if (onTlsError === undefined) return;
  if (typeof onTlsError !== "function") {
    throw new TypeError(`onTlsError must be a function: ${show(onTlsError)}`);
  }
  if (tls === undefined) throw new TypeError("onTlsError goes with tls");
}

async function tlsOf(
  runtime: Runtime,
  { tls, onTlsError: onError }: ListenOptions,
): Promise<ListenerTls | undefined> {
  if (tls === undefined) return undefined;
  return { ...await serverRole("listen", runtime, tls), onError };
}

/** Throws for what a listener of the family does not have. */
function demandFitting(
  family: AddressFamily,
  address: Endpoint,
  { reusePort, ipv6Only, keepAlive = false }: ListenOptions,
): void {
  const name = reusePort === true && family === AF_UNIX
    ? "SO_REUSEPORT"
    : ipv6Only === true && family !== AF_INET6
    ? "IPV6_V6ONLY"
    : keepAlive !== false && family === AF_UNIX
    ? "SO_KEEPALIVE"
    : undefined;
  if (name === undefined) return;
  const reason = `${name}: a listener of this family has no such option`;
  throw socketError("ENOPROTOOPT", { op: "listen", address, reason });
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
