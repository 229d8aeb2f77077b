/**
 * The seam for streams and their listeners: what a driver gives, and what it
 * tells.
 *
 * Bytes are pushed into a sink while it wants them. A pulling runtime (Deno)
 * makes one read per `resume()`; a pushing one (Bun, Node) flows until the
 * sink says stop. So there is one receive queue, above the seam.
 *
 * @module
 */

import type { Address, Bytes, HostAndPort } from "../../contracts.ts";
import type { TlsInfo } from "../../tls_contracts.ts";
import type { Fault } from "./fault.ts";
import type { KeepAliveTuning, OptionName } from "./options.ts";

/** What a driver tells the half above it. Nothing comes after `closed`. */
export interface StreamSink {
  /** Bytes came; the array is the sink's. `false`: no more until `resume()`. */
  data(chunk: Bytes): boolean;
  /** As `data`, but the memory is the driver's again when this returns. */
  passing?(chunk: Uint8Array): boolean;
  /** The peer's FIN. The sending side is untouched. */
  end(): void;
  /** The connection is dead; what came before has been given. */
  failed(fault: Fault): void;
  /** After a short `write`: the kernel takes more. May be spurious. */
  writable(): void;
  /** The descriptor is released. */
  closed(): void;
}

/**
 * A connected stream, `TCP_NODELAY` on where it is TCP. A pulling driver reads
 * nothing before `resume()`; a pushing one may flow from `attach()` on, until
 * `pause()` or a `false`.
 */
export interface RawStream {
  /** The address of the peer when connected; `undefined` if it is gone. */
  readonly remoteAddress: Address | undefined;
  /** The address of this end. */
  localAddress(): Address;
  /**
   * Whether `write` is done with the memory when it returns: always a number.
   */
  readonly writesAtOnce: boolean;
  /** What was agreed on, where the stream is one of TLS. */
  readonly tls?: TlsInfo | undefined;
  /**
   * Names the sink, before anything else. Called again before an end or a
   * failure was told, the new sink takes over: what was told is not told
   * twice, and a read that stands is the new one's.
   */
  attach(sink: StreamSink): void;
  /**
   * Wants bytes: one read, or a flow. Nothing new if already so. What comes
   * next will be copied out if `isCopied`, and may be told by `passing()`: that
   * spares an array of its own.
   */
  resume(isCopied?: boolean): void;
  /** Wants no more bytes; a pulling driver lets its one read stand. */
  pause(): void;
  /**
   * Hands over bytes. A number: so many were taken and the memory is free
   * again; less than all means wait for `writable()`. A promise: the runtime
   * holds the memory until it settles. At most one call at a time. Throws a
   * {@linkcode Fault}; rejects with one, or with what `faultOf` makes one of.
   */
  write(data: Uint8Array): number | Promise<number>;
  /** There if promises of `write` are the runtime's own: names their errors. */
  faultOf?(error: unknown): Fault;
  /** Sends FIN behind everything written. Rejects with a {@linkcode Fault}. */
  shutdown(): Promise<void>;
  /** Releases the descriptor after sending RST; throws a Fault if it cannot. */
  reset(): void;
  /**
   * Releases the descriptor now; `closed()` follows. May be called again.
   * `isCut`: bytes of ours are missing at the end, and a stream that can say
   * where it ends must not say that it is here.
   */
  close(isCut?: boolean): void;
  /** Whether the open stream keeps the process alive. It does at first. */
  ref(flag: boolean): void;
  /**
   * Sets an option in the kernel, or throws a Fault `ENOPROTOOPT`. `tuning` is
   * the keep-alive's; a tuning that cannot be is refused while it is off, too.
   */
  setOption(name: OptionName, value: number, tuning?: KeepAliveTuning): void;
  /** What the kernel says, where the runtime can ask it. */
  getOption?(name: OptionName): number | undefined;
  /** The descriptor, where the runtime tells it. */
  fileno?(): number | undefined;
  /** Gives the runtime's own object back and forgets it, or throws a Fault. */
  detach(): unknown;
}

/** What a listening driver tells the half above it. */
export interface ListenerSink {
  /** A connection; the sink attaches its own sink to it before returning. */
  connection(stream: RawStream): void;
  /** Accepting failed; the listener goes on where the runtime's does. */
  failed(fault: Fault): void;
  /** The descriptor is released. */
  closed(): void;
}

/** A listening socket. */
export interface RawListener {
  /** The address claimed. */
  readonly localAddress: Address;
  /** Names the sink; once, before anything else. */
  attach(sink: ListenerSink): void;
  /** Wants one more connection. A pushing driver accepts anyway. */
  resume(): void;
  /**
   * Releases the descriptor; `closed()` follows, whatever becomes of accepted
   * connections, which live on. May be called again.
   */
  close(): void;
  /** Whether the open listener keeps the process alive. It does at first. */
  ref(flag: boolean): void;
  /** The descriptor, where the runtime tells it. */
  fileno?(): number | undefined;
}

/** Where and how to connect. */
export interface RawConnectOptions {
  /** A numeric or Unix address; a name where `permits` made it necessary. */
  readonly address: Address | HostAndPort;
  /** Bind to this first; port 0 lets the kernel choose. */
  readonly localAddress?: Address | undefined;
  /**
   * Cancels, so that nothing appears at the peer later: rejects with its reason
   * as soon as the descriptor is released.
   */
  readonly signal?: AbortSignal | undefined;
  /** The connection must be able to send RST. */
  readonly abortive?: boolean | undefined;
  /** The idle time of its keep-alive will be set. */
  readonly keepAliveIdle?: boolean | undefined;
}

/** Where and how to listen. */
export interface RawListenOptions {
  /** A numeric or Unix address; a name where `permits` made it necessary. */
  readonly address: Address | HostAndPort;
  /** How many connections may wait in the kernel, where it can be told. */
  readonly backlog: number;
  /** `SO_REUSEPORT`. */
  readonly reusePort?: boolean | undefined;
  /** `IPV6_V6ONLY`. */
  readonly ipv6Only?: boolean | undefined;
  /** Its connections must be able to send RST. */
  readonly abortive?: boolean | undefined;
  /** The idle time of its connections' keep-alive will be set. */
  readonly keepAliveIdle?: boolean | undefined;
}
