/**
 * Connections for undici, and so for its `fetch`.
 *
 * @module
 */

import { checkOptions } from "../deadline.ts";
import { connect, type ConnectOptions } from "../socket/connect.ts";
import type { StreamSocket } from "../socket/stream/stream_socket.ts";
import type { TlsClientOptions } from "../tls_contracts.ts";
import { connectError } from "./node_errors.ts";
import { NodeSocket } from "./node_socket.ts";
import { throwLater } from "./uncaught.ts";

/** Whom undici wants to be connected to. */
export interface UndiciTarget {
  /** A name or an address. */
  readonly hostname: string;
  /** `"http:"` or `"https:"`. */
  readonly protocol: string;
  /** The port; `""` is the protocol's own. */
  readonly port: string;
  /** The name to ask for by TLS. */
  readonly servername?: string | null;
  /** An IP address to bind to first. */
  readonly localAddress?: string | null;
}

/**
 * How undici asks for a connection: the `connect` of its `Client`. What the
 * callback throws is an uncaught exception, as with undici's own connector, and
 * the socket is destroyed.
 */
export type UndiciConnect = (
  target: UndiciTarget,
  callback: (
    ...result: [error: Error, socket: null] | [error: null, socket: NodeSocket]
  ) => void,
) => void;

/** Options of {@linkcode undiciConnector}. */
export interface UndiciConnectorOptions {
  /** Milliseconds for a connect, TLS included; default 10,000. */
  readonly timeoutMs?: number | null;
  /** How TLS is spoken to `https:` origins; default `true`. */
  readonly tls?: true | TlsClientOptions;
  /** The path of a Unix-domain socket to connect to instead. */
  readonly socketPath?: string;
  /** Whether HTTP/2 is offered, for undici's `allowH2`; default `false`. */
  readonly allowH2?: boolean;
}

const OPTIONS = ["timeoutMs", "tls", "socketPath", "allowH2"];
const DEFAULT_TIMEOUT_MS = 10_000;

/**
 * What undici's `Client`, `Pool` and `Agent` take as `connect`: connections of
 * ours, with TLS below for `https:`.
 *
 * @throws {TypeError} if an option is unknown.
 *
 * @example
 * ```ts ignore
 * import { Agent, fetch } from "undici";
 * import { undiciConnector } from "@anysock/anysock/node";
 *
 * const dispatcher = new Agent({ connect: undiciConnector() });
 * console.log(await (await fetch("http://127.0.0.1/", { dispatcher })).text());
 * ```
 */
export function undiciConnector(
  options: UndiciConnectorOptions = {},
): UndiciConnect {
  checkOptions(options, OPTIONS);
  return (target, callback) => {
    void open(target, options).then(
      (sock) => give(NodeSocket.over(sock, {}), callback),
      (error) => callback(error, null),
    ).catch(throwLater);
  };
}

/** A socket that the callback failed with is nobody's. */
function give(
  socket: NodeSocket,
  callback: Parameters<UndiciConnect>[1],
): void {
  try {
    callback(null, socket);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function open(
  target: UndiciTarget,
  options: UndiciConnectorOptions,
): Promise<StreamSocket> {
  const isSecure = target.protocol === "https:";
  const hostname = target.hostname.replace(/^\[(.*)\]$/, "$1");
  const port = Number(target.port || (isSecure ? 443 : 80));
  const { socketPath, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const where = socketPath === undefined
    ? { hostname, port }
    : { path: socketPath };
  const { localAddress } = target;
  const call: ConnectOptions = {
    timeoutMs,
    ...localAddress && { localAddress: { hostname: localAddress, port: 0 } },
    ...isSecure && { tls: toTls(target, options) },
  };
  try {
    const sock = await connect(where, call);
    sock.setTimeout(null);
    return sock;
  } catch (error) {
    throw connectError(error, where);
  }
}

/** The name is undici's to say unless the program has said one. */
function toTls(
  { hostname, servername }: UndiciTarget,
  { tls = true, allowH2 = false }: UndiciConnectorOptions,
): TlsClientOptions {
  return {
    serverName: servername || hostname.replace(/^\[(.*)\]$/, "$1"),
    alpnProtocols: allowH2 ? ["h2", "http/1.1"] : ["http/1.1"],
    ...tls === true ? {} : tls,
  };
}
