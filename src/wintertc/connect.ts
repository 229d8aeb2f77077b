/**
 * The ways to a socket of the WinterTC draft.
 *
 * @module
 */

import { show, toEndpoint } from "../address.ts";
import type { AddressLike } from "../contracts.ts";
import { checkOptions } from "../deadline.ts";
import { connect as connectSocket } from "../socket/connect.ts";
import { StreamSocket } from "../socket/stream/stream_socket.ts";
import type { TlsClientOptions } from "../tls_contracts.ts";
import type { WinterTCConnectOptions } from "./contracts.ts";
import { WinterTCSocket } from "./wintertc_socket.ts";

const OPTIONS = ["secureTransport", "allowHalfOpen", "sni", "alpn", "tls"];
const TRANSPORTS = ["off", "on", "starttls"];

/**
 * A socket of the draft, at once: `opened` tells when the connection is there,
 * or rejects, and so does `closed`. What is written before waits.
 *
 * @param address `"host:port"`, or `{ hostname, port }`
 * @throws {TypeError} | {RangeError} if it is no address, or an option is wrong.
 *
 * @example
 * ```ts
 * import { connect } from "@anysock/anysock/wintertc";
 *
 * const socket = connect("127.0.0.1:9");
 * console.log(await socket.opened.catch((error) => error.code));
 * ```
 */
export function connect(
  address: AddressLike,
  options: WinterTCConnectOptions = {},
): WinterTCSocket {
  checkOptions(options, OPTIONS);
  const { secureTransport = "off", allowHalfOpen = false } = options;
  if (!TRANSPORTS.includes(secureTransport)) {
    const known = TRANSPORTS.join(", ");
    throw new TypeError(
      `secureTransport is one of ${known}: ${show(secureTransport)}`,
    );
  }
  const endpoint = toEndpoint(address, "any");
  const tls = toTls(options);
  return WinterTCSocket.create({
    secureTransport,
    allowHalfOpen: Boolean(allowHalfOpen),
    tls,
    open: async (signal) => {
      const isSecure = secureTransport === "on";
      const sock = await connectSocket(endpoint, {
        timeoutMs: null,
        signal,
        ...isSecure && { tls },
      });
      sock.setTimeout(null);
      return sock;
    },
  });
}

function toTls(
  { sni, alpn, tls = {} }: WinterTCConnectOptions,
): TlsClientOptions {
  return {
    ...sni !== undefined && { serverName: sni },
    ...alpn !== undefined && alpn.length > 0 && { alpnProtocols: alpn },
    ...tls,
  };
}

/**
 * A socket of the draft over a connected one, which it takes over: nothing
 * else may read, write or close that one, and its timeout is taken away.
 *
 * @throws {TypeError} if it is no stream socket.
 * @throws {SocketError} `ENOTCONN` if it is not connected, `EBADF` if closed.
 *
 * @example
 * ```ts
 * import { connect, listen } from "@anysock/anysock";
 * import { toWinterTC } from "@anysock/anysock/wintertc";
 *
 * await using server = await listen("127.0.0.1:0");
 * const socket = toWinterTC(await connect(server.getSockName()));
 * console.log((await socket.opened).remoteAddress);
 * await socket.close();
 * ```
 */
export function toWinterTC(
  sock: StreamSocket,
  options: { readonly allowHalfOpen?: boolean } = {},
): WinterTCSocket {
  if (!(sock instanceof StreamSocket)) {
    throw new TypeError(`A stream socket is expected: ${show(sock)}`);
  }
  checkOptions(options, ["allowHalfOpen"]);
  sock.setTimeout(null);
  // Throws unless there is a connection.
  sock.tryRecvInto(new Uint8Array(0));
  return WinterTCSocket.create({
    secureTransport: sock.tls === undefined ? "starttls" : "on",
    allowHalfOpen: Boolean(options.allowHalfOpen),
    tls: {},
    open: () => Promise.resolve(sock),
  });
}
