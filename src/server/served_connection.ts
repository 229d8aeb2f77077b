/**
 * One connection of a server, from accept until its descriptor is released.
 *
 * @module
 */

import type { Address } from "../contracts.ts";
import type { SocketError } from "../errors.ts";
import type { StreamSocket } from "../socket/stream/stream_socket.ts";
import type { ProxyHeader } from "./proxy/header.ts";
import type { ConnectionContext, Server } from "./server.ts";
import type { Outcome, Traffic } from "./stats.ts";
import type { Swept } from "./sweep.ts";

/**
 * How far it has come: its header, TLS or verdict is awaited; its handler runs;
 * its end is decided, and the descriptor yet to be released; it is the server's
 * no more.
 */
type Phase = "greeting" | "handling" | "ending" | "over";

/** What a connection asks of its server. */
export interface ConnectionOwner {
  /** As programs see it. */
  readonly server: Server;
  /** Why it stops, if it does. */
  readonly stopReason: SocketError | undefined;
  /** The program takes the connection for itself. */
  detached(connection: ServedConnection): void;
}

/** A connection and what its server knows of it. */
export class ServedConnection implements ConnectionContext, Swept, Traffic {
  readonly id: number;
  readonly peer: Address;
  proxy: ProxyHeader | undefined;
  /** The socket. */
  readonly socket: StreamSocket;
  readonly openedAt: number;
  seenBytes = 0;
  changedAt: number;
  /** How far it has come. */
  phase: Phase = "greeting";
  /** Whether the handler was called. */
  hasBegun = false;
  /** How it ends; decided when `phase` is `"ending"`. */
  outcome: Outcome = "done";
  /** The host that it counts for. */
  host: string | undefined;
  readonly #owner: ConnectionOwner;
  #abort: AbortController | undefined;

  /** A connection that has just been accepted. */
  constructor(
    owner: ConnectionOwner,
    id: number,
    socket: StreamSocket,
    peer: Address,
    now: number,
  ) {
    this.#owner = owner;
    this.id = id;
    this.socket = socket;
    this.peer = peer;
    this.openedAt = this.changedAt = now;
  }

  // ---- what programs see

  get server(): Server {
    return this.#owner.server;
  }

  get address(): Address {
    return this.proxy?.source ?? this.peer;
  }

  /** Made when asked for; one for all would gather all their listeners. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      const { stopReason } = this.#owner;
      if (stopReason !== undefined) this.#abort.abort(stopReason);
    }
    return this.#abort.signal;
  }

  detach(): void {
    this.#owner.detached(this);
  }

  // ---- what the server asks

  get isGreeting(): boolean {
    return this.phase === "greeting";
  }

  get isEnding(): boolean {
    return this.phase === "ending" || this.phase === "over";
  }

  get bytes(): number {
    return this.socket.bytesReceived + this.socket.bytesSent;
  }

  get bytesReceived(): number {
    return this.socket.bytesReceived;
  }

  get bytesSent(): number {
    return this.socket.bytesSent;
  }

  /** The server stops. */
  tellStop(reason: SocketError): void {
    this.#abort?.abort(reason);
  }
}
