/**
 * What the WinterTC draft has for options and answers. Types only.
 *
 * @module
 */

import type { TlsClientOptions } from "../tls_contracts.ts";

/** Whether TLS is spoken: not, from the beginning, or once it is asked for. */
export type SecureTransport = "off" | "on" | "starttls";

/** How a socket of the draft connects. */
export interface WinterTCConnectOptions {
  /** Default `"off"`. */
  readonly secureTransport?: SecureTransport;
  /** Whether our side stays open after the peer's end; default `false`. */
  readonly allowHalfOpen?: boolean;
  /** The name to ask for by TLS; default the host. */
  readonly sni?: string;
  /** The protocols offered by TLS, best first. */
  readonly alpn?: readonly string[];
  /** What else TLS is told; not of the draft. */
  readonly tls?: TlsClientOptions;
}

/** What `startTls` is told. */
export interface StartTlsOptions {
  /** Whom the peer's certificate must name; default the host. */
  readonly expectedServerHostname?: string;
  /** What else TLS is told; not of the draft. */
  readonly tls?: TlsClientOptions;
}

/** What is known of a connection once it is there. */
export interface SocketInfo {
  /** `"host:port"` of the peer; `null` if it has no name. */
  readonly remoteAddress: string | null;
  /** `"host:port"` of this end. */
  readonly localAddress: string | null;
  /** What ALPN has agreed on; `null` if nothing. */
  readonly alpn: string | null;
}
