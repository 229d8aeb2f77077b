/**
 * The short way to a connected socket.
 *
 * @module
 */

import { checkOneAddress, toEndpoint } from "../address.ts";
import { IPPROTO_TCP, TCP_NODELAY } from "../constants.ts";
import type { AddressLike, UnixAddress, WaitOptions } from "../contracts.ts";
import { socketError } from "../errors.ts";
import { chosenRuntime } from "../runtime/detect.ts";
import { errorOfFault } from "../runtime/seam/error_mapping.ts";
import { plannedFault } from "../runtime/seam/planned_faults.ts";
import type { Runtime } from "../runtime/seam/runtime.ts";
import type { TlsClientOptions } from "../tls_contracts.ts";
import { toWait, WAIT_OPTIONS } from "../deadline.ts";
import { defaultWait } from "./default_timeout.ts";
import { checkFlags } from "../arguments.ts";
import { familyOf } from "./family.ts";
import {
  demandKeepAlive,
  type KeepAlive,
  keepAliveWishes,
  type Wish,
} from "./keep_alive.ts";
import { hostOf, openConnection } from "./stream/opening.ts";
import { StreamSocket } from "./stream/stream_socket.ts";
import { clientRole } from "./tls.ts";

/** Options of {@linkcode connect}. */
export interface ConnectOptions extends WaitOptions {
  /** Bind to this first. */
  readonly localAddress?: AddressLike;
  /** `TCP_NODELAY`; default `true`. */
  readonly noDelay?: boolean;
  /** `SO_KEEPALIVE`, and how it probes; default `false`. */
  readonly keepAlive?: boolean | KeepAlive;
  /** `reset()` must be able to send RST; needs to be said on Deno alone. */
  readonly abortive?: boolean;
  /**
   * Speak TLS; `true` verifies the host by the runtime's roots. The connect
   * settles after the handshake, which its `timeoutMs` and `signal` cover.
   */
  readonly tls?: true | TlsClientOptions;
  /** What serves the socket; default the current runtime. */
  readonly runtime?: Runtime;
}

const FLAGS = ["noDelay", "abortive"] as const;
const OPTIONS = [
  "localAddress",
  "keepAlive",
  ...FLAGS,
  "tls",
  "runtime",
  ...WAIT_OPTIONS,
];

/**
 * A connected stream socket. A name is resolved and its addresses, of both
 * families, are raced (RFC 8305). `timeoutMs`, default
 * {@linkcode getDefaultTimeout}, ends with the connect; it is not the socket's
 * timeout; 0 leaves it no time, and nothing is connected.
 *
 * @param address `"host:port"`, `"[v6]:port"`, `"unix:/path"`, or an object
 * @throws {TypeError} | {RangeError} if it is no address.
 * @throws {SocketError} as {@linkcode StreamSocket.connect}; `EINPROGRESS`
 *   with a `timeoutMs` of 0.
 * @throws {TlsError} if the peer cannot be verified, or does not speak TLS.
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
  const { localAddress, abortive } = options;
  checkOneAddress(address, options);
  checkFlags(options, FLAGS, OPTIONS);
  const runtime = chosenRuntime(options.runtime);
  const keepAlive = keepAliveWishes(options.keepAlive);
  const wait = toWait(options, defaultWait(), OPTIONS);
  const endpoint = toEndpoint(address, "any");
  const local = localAddress === undefined
    ? undefined
    : toEndpoint(localAddress, "path" in endpoint ? "unix" : "inet");
  wait.signal?.throwIfAborted();
  if ("path" in endpoint) demandNoTcp(endpoint, options);
  demandKeepAlive("connect", runtime, keepAlive);
  const tls = options.tls === undefined
    ? undefined
    : await clientRole("connect", runtime, options.tls, hostOf(endpoint));
  if (wait.timeoutMs === 0) {
    // A socket that is not connected yet is not handed out.
    throw socketError("EINPROGRESS", { op: "connect", address: endpoint });
  }
  const fault = plannedFault("connect", runtime);
  if (fault !== undefined) {
    const address = "family" in endpoint ? endpoint : undefined;
    throw errorOfFault(fault, { op: "connect", address });
  }
  const connection = await openConnection(runtime, endpoint, {
    family: "family" in endpoint ? familyOf(endpoint) : undefined,
    local,
    wait,
    abortive,
    keepAliveIdle: keepAlive.length > 1,
    tls,
  });
  const peer = connection.peerAddress;
  const family = peer === undefined ? familyOf(endpoint) : familyOf(peer);
  const init = { family, proto: 0, runtime, abortive };
  const sock = StreamSocket.create(init, connection);
  setOptions(sock, options, keepAlive);
  return sock;
}

/** Throws for what a Unix-domain socket does not have. */
function demandNoTcp(address: UnixAddress, options: ConnectOptions): void {
  const { noDelay, keepAlive } = options;
  const hasKeepAlive = keepAlive !== undefined && keepAlive !== false;
  if (noDelay !== false && !hasKeepAlive) return;
  const name = noDelay === false ? "TCP_NODELAY" : "SO_KEEPALIVE";
  const reason = `${name}: a Unix-domain socket has no such option`;
  throw socketError("ENOPROTOOPT", { op: "connect", address, reason });
}

/** Sets what was asked for; a connection that cannot is closed. */
function setOptions(
  sock: StreamSocket,
  options: ConnectOptions,
  keepAlive: readonly Wish[],
): void {
  try {
    if (options.noDelay === false) sock.setSockOpt(IPPROTO_TCP, TCP_NODELAY, 0);
    for (const wish of keepAlive) sock.setSockOpt(...wish);
  } catch (error) {
    void sock.close({ lingerMs: 0 });
    throw error;
  }
}
