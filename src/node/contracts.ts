/**
 * What `node:net` has for options, as far as it is honoured here. Types only.
 *
 * @module
 */

import type { Runtime } from "../runtime/seam/runtime.ts";
import type { TlsClientOptions } from "../tls_contracts.ts";

/** How a {@linkcode NodeSocket} is made. */
export interface NodeSocketOptions {
  /** Whether our side stays open after the peer's end; default `false`. */
  readonly allowHalfOpen?: boolean;
  /**
   * How many bytes are buffered in each direction before the stream says
   * stop; default that of the runtime's streams, 64 KiB or less.
   */
  readonly highWaterMark?: number;
  /** `TCP_NODELAY`; default `true`, as everywhere in this library. */
  readonly noDelay?: boolean;
  /** `SO_KEEPALIVE`; default `false`. */
  readonly keepAlive?: boolean;
  /** Milliseconds of silence before the first probe. */
  readonly keepAliveInitialDelay?: number;
  /** Destroys the socket with an `AbortError`. */
  readonly signal?: AbortSignal;
}

/** A lookup as `dns.lookup` is one, with `all: true`. */
export type NodeLookup = (
  hostname: string,
  options: { all: boolean; family: number; hints: number },
  callback: (
    error: Error | null,
    addresses:
      | string
      | readonly {
        readonly address: string;
        readonly family: number;
      }[],
    family?: number,
  ) => void,
) => void;

/** Where a {@linkcode NodeSocket} connects to, and how. */
export interface NodeConnectOptions {
  /** The port; a number, or a string of digits. */
  readonly port?: number | string;
  /** A name or an address; default `"localhost"`. */
  readonly host?: string;
  /** The path of a Unix-domain socket, instead of host and port. */
  readonly path?: string;
  /** An IP address to bind to first. */
  readonly localAddress?: string;
  /** A port to bind to first. */
  readonly localPort?: number;
  /** 4 or 6: only such addresses of a name; default 0, all of them. */
  readonly family?: number;
  /** Flags for `lookup`, which is the only one to know them; default 0. */
  readonly hints?: number;
  /** Resolves the name instead of the runtime. */
  readonly lookup?: NodeLookup;
  /** `false` tries the first address of a name alone; default `true`. */
  readonly autoSelectFamily?: boolean;
  /** Judged as Node judges it; attempts are 250 ms apart, whatever it says. */
  readonly autoSelectFamilyAttemptTimeout?: number;
  /** Speak TLS below; `true` verifies the host by the runtime's roots. */
  readonly tls?: true | TlsClientOptions;
  /** `resetAndDestroy()` must send RST; needs to be said on Deno alone. */
  readonly abortive?: boolean;
  /** What serves the socket; default the current runtime. */
  readonly runtime?: Runtime;
}

/** What `createConnection` takes. */
export interface CreateConnectionOptions
  extends NodeConnectOptions, NodeSocketOptions {
  /** Milliseconds, as for `setTimeout()`. */
  readonly timeout?: number;
}

/** What `address()` tells; nothing while there is no connection. */
export interface NodeAddress {
  /** The IP address. */
  readonly address?: string;
  /** `"IPv4"` or `"IPv6"`. */
  readonly family?: string;
  /** The port. */
  readonly port?: number;
}

/** Called once a connect has succeeded. */
export type ConnectListener = () => void;
