/**
 * What programs see of a server and of its connections.
 *
 * @module
 */

import type { Address } from "../contracts.ts";
import type { StreamSocket } from "../socket/stream/stream_socket.ts";
import type { ProxyHeader } from "./proxy/header.ts";
import type { ServerStats } from "./stats.ts";

/**
 * What serves one connection. The connection is its own until it settles, and
 * then it is closed. If it throws or rejects, the connection is reset, so that
 * nobody takes a cut answer for a whole one, and the server goes on.
 */
export type Handler = (
  connection: StreamSocket,
  context: ConnectionContext,
) => void | Promise<void>;

/** What is known of one connection of a server. */
export interface ConnectionContext {
  /** Whose it is. */
  readonly server: Server;
  /** Its number: 1, 2, … in the order in which the server took them. */
  readonly id: number;
  /** The client: what a PROXY header says, else the peer. */
  readonly address: Address;
  /** The other end of the connection itself. */
  readonly peer: Address;
  /**
   * Aborted when the server begins to stop, with a `SocketError` `ECANCELED`.
   * A handler that waits for the next request says
   * `connection.recv({ signal: context.signal })`; that it rejects with this
   * reason is a good end.
   */
  readonly signal: AbortSignal;
  /** The PROXY header, where there was one. */
  readonly proxy: ProxyHeader | undefined;
  /**
   * Makes the server forget the connection, which is the program's to close
   * from then on: no limit, no deadline, and no stop concerns it.
   */
  detach(): void;
}

/** What a stop came to. */
export interface StopReport {
  /** Connections that ended by themselves, or were detached. */
  readonly finished: number;
  /** Those that were reset: at the end of the grace, by a deadline, a failure. */
  readonly reset: number;
}

/** How a server stops. */
export interface StopOptions {
  /**
   * Milliseconds that handlers are given to come to an end; default the
   * server's own `graceMs`. `0` resets at once.
   */
  readonly graceMs?: number;
}

/** A server that listens. */
export interface Server extends AsyncDisposable {
  /** Where it listens. */
  readonly address: Address;
  /** How far it has come. */
  readonly state: "listening" | "stopping" | "closed";
  /** Those that are not over. */
  readonly connections: ReadonlySet<ConnectionContext>;
  /** What was counted so far, as a copy. */
  readonly stats: ServerStats;
  /** Settles when every descriptor is released. Never rejects. */
  readonly closed: Promise<StopReport>;
  /**
   * Stops: tells handlers by their `signal`, takes what has come already,
   * closes the listener, and lets handlers come to an end; after `graceMs`
   * what is left is reset, and pending calls reject with `ECANCELED`. May be
   * called again: the shorter grace wins. A handler that awaits it waits, like
   * the others, until the grace is over.
   *
   * @throws {RangeError} if the grace is negative.
   */
  stop(options?: StopOptions): Promise<StopReport>;
  /** Lets the listener keep the process alive, as it does at first. */
  ref(): void;
  /** Lets the process end although the server listens. */
  unref(): void;
}
