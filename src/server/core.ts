/**
 * A server of streams below its public face: who is let in, what becomes of
 * each connection, and the end of all.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type { Address, WaitOptions } from "../contracts.ts";
import { type SocketError, socketError } from "../errors.ts";
import { errorOfFault } from "../runtime/seam/error_mapping.ts";
import { Fault } from "../runtime/seam/fault.ts";
import type { StreamSocket } from "../socket/stream/stream_socket.ts";
import { AcceptLoop, type AcceptOwner } from "./accept_loop.ts";
import { hears, publish } from "./diagnostics.ts";
import { Greeting, type Refusal, type ServerTls } from "./greeting.ts";
import { hostOf, HostTable } from "./limits.ts";
import type { ServePlan } from "./options.ts";
import { report } from "./report.ts";
import { type ConnectionOwner, ServedConnection } from "./served_connection.ts";
import type {
  ConnectionContext,
  Handler,
  Server,
  StopReport,
} from "./server.ts";
import {
  type Outcome,
  type Rejection,
  type ServerStats,
  Tally,
} from "./stats.ts";
import { Stop, type Stopping } from "./stop.ts";
import { type Expiry, Sweep } from "./sweep.ts";

/** What a server is made of. */
export interface ServerInit {
  /** What it listens with; the server's own from now on. */
  readonly listener: StreamSocket;
  /** What serves each connection. */
  readonly handler: Handler;
  /** What was asked for. */
  readonly plan: ServePlan;
  /** How many connections there may be. */
  readonly maxConnections: number;
  /** How it speaks TLS, if it does. */
  readonly tls?: ServerTls | undefined;
}

/** What calls are told that a stop has cut. */
const STOPPED = new Fault("ECANCELED", undefined, "the server stops");

/** What calls are told of a connection that is not let in. */
const REFUSED = new Fault("ECANCELED", undefined, "it was not let in");

/** What calls of a handler are told that has failed. */
const FAILED = new Fault("ECANCELED", undefined, "the handler has failed");

/** What calls are told whose connection's time is up. */
const EXPIRED: Readonly<Record<Expiry, Fault>> = {
  idle: new Fault("ETIMEDOUT", undefined, "the connection was idle too long"),
  handshake: new Fault("ETIMEDOUT", undefined, "the handshake took too long"),
  age: new Fault("ETIMEDOUT", undefined, "the connection lasted too long"),
};

/** Listens, lets in, serves, and stops. */
export class ServerCore
  implements ConnectionOwner, Stopping, AcceptOwner<Accepted> {
  /** Where it listens. */
  readonly address: Address;
  /** As programs see it. */
  readonly server: Server;
  /** Settles when every descriptor is released. */
  readonly closed: Promise<StopReport>;
  /** The reason of the handlers' signals, once it stops. */
  stopReason: SocketError | undefined;
  taken = 0;
  readonly #listener: StreamSocket;
  readonly #handler: Handler;
  readonly #plan: ServePlan;
  readonly #maxConnections: number;
  readonly #clock: Clock;
  readonly #connections: Set<ServedConnection> = new Set();
  readonly #hosts: HostTable;
  readonly #greeting: Greeting;
  readonly #tally = new Tally();
  readonly #sweep: Sweep<ServedConnection>;
  readonly #loop: AcceptLoop<Accepted>;
  #state: Server["state"] = "listening";
  #stop: Stop | undefined;
  #onClosed: (report: Promise<StopReport>) => void = ignore;
  #onEmpty: (() => void) | undefined;
  #saidShortageAt = -Infinity;

  /** Begins to accept at once. */
  constructor(server: Server, init: ServerInit) {
    const { listener, handler, plan, maxConnections, tls } = init;
    this.server = server;
    this.address = listener.getSockName();
    this.#listener = listener;
    this.#handler = handler;
    this.#plan = plan;
    this.#maxConnections = maxConnections;
    this.#clock = listener.runtime.clock;
    this.#hosts = new HostTable(plan.maxPerHost);
    this.#greeting = new Greeting(plan, tls, this.#hosts);
    const { timeoutMs: handshakeTimeoutMs } = this.#greeting;
    const deadlines = { ...plan.deadlines, handshakeTimeoutMs };
    this.#sweep = new Sweep(
      ...[this.#clock, deadlines, this.#connections] as const,
      (connection, why) => this.#expire(connection, why),
    );
    this.closed = new Promise((resolve) => this.#onClosed = resolve);
    this.#loop = new AcceptLoop(this.#clock, this);
    void this.#loop.run();
    if (hears("listening")) publish("listening", { server });
  }

  // ---- what its face shows

  /** How far it has come. */
  get state(): Server["state"] {
    return this.#state;
  }

  /** Those that are not over. */
  get connections(): ReadonlySet<ConnectionContext> {
    return this.#connections;
  }

  /** What was counted so far. */
  get stats(): ServerStats {
    return this.#tally.read(this.#connections);
  }

  /** Whether the listener keeps the process alive. */
  ref(flag: boolean): void {
    if (flag) this.#listener.ref();
    else this.#listener.unref();
  }

  /** Stops; the shortest grace that was said wins. */
  stop(graceMs: number = this.#plan.graceMs): Promise<StopReport> {
    if (this.#stop !== undefined) this.#stop.hasten(graceMs);
    else this.#beginStop(graceMs);
    return this.closed;
  }

  // ---- letting in

  get hasRoom(): boolean {
    return this.#connections.size < this.#maxConnections ||
      this.#plan.resetsWhenFull;
  }

  accept(): Promise<Accepted> {
    return this.#listener.accept(FOREVER);
  }

  take([socket, peer]: Accepted): void {
    this.taken++;
    if (this.#state === "closed") return socket.cut(STOPPED);
    if (this.#connections.size >= this.#maxConnections) {
      return this.#turnAway(socket, peer, "full");
    }
    const { proxy } = this.#greeting;
    // It is gone, and may have been a proxy: no handler takes it for a client.
    if (proxy !== undefined && isNameless(peer)) {
      const error = socketError("ECONNRESET", { op: "accept" });
      return this.#turnAway(socket, peer, "proxy", error);
    }
    const isProxy = proxy?.from.has(peer) === true;
    // Of what comes by a proxy the client counts, who is yet unknown.
    const host = isProxy ? undefined : hostOf(peer);
    if (host !== undefined && !this.#hosts.enter(host)) {
      return this.#turnAway(socket, peer, "perHost");
    }
    const now = this.#clock.now();
    const connection = new ServedConnection(
      ...[this, this.taken, socket, peer, now] as const,
    );
    connection.host = host;
    this.#connections.add(connection);
    this.#sweep.start();
    const isGreeted = isProxy || this.#greeting.isForAll;
    if (isGreeted) void this.#greet(connection, isProxy);
    else void this.#serve(connection);
  }

  /** Somebody is not even a connection of the server's. */
  #turnAway(
    socket: StreamSocket,
    address: Address,
    reason: Rejection,
    error?: SocketError,
  ): void {
    this.#tally.rejected(reason);
    this.#tellRejection(reason, address, error);
    socket.cut(REFUSED);
  }

  #tellRejection(reason: Rejection, address: Address, error: unknown): void {
    if (!hears("reject")) return;
    publish("reject", { server: this.server, reason, address, error });
  }

  acceptFailed(): void {
    this.#tally.acceptErrors++;
  }

  ranOut(error: SocketError): void {
    this.#tally.acceptErrors++;
    this.#tally.outOfDescriptors++;
    const now = this.#clock.now();
    if (!hears("descriptors") || now - this.#saidShortageAt < 1000) return;
    this.#saidShortageAt = now;
    publish("descriptors", { server: this.server, error });
  }

  broken(error: unknown): void {
    if (this.#stop !== undefined) return;
    // Whoever closed a listener of their own need not be told.
    if (!this.#listener.isClosed) {
      this.#tally.acceptErrors++;
      this.#report(error, undefined);
    }
    this.#beginStop(this.#plan.graceMs);
  }

  // ---- serving

  /** What comes before the handler. */
  async #greet(connection: ServedConnection, isProxy: boolean): Promise<void> {
    const refusal = await this.#greeting.greet(connection, isProxy);
    if (connection.isEnding) return;
    if (refusal !== undefined) this.#refuse(connection, refusal);
    else await this.#serve(connection);
  }

  #refuse(
    connection: ServedConnection,
    { reason, error, isFailure = false }: Refusal,
  ): void {
    if (isFailure) this.#report(error, connection);
    this.#tally.rejected(reason);
    this.#tellRejection(reason, connection.address, error);
    this.#cut(connection, "rejected", REFUSED);
  }

  async #serve(connection: ServedConnection): Promise<void> {
    connection.phase = "handling";
    connection.hasBegun = true;
    this.#tally.began();
    if (hears("connection")) {
      publish("connection", { server: this.server, context: connection });
    }
    try {
      await this.#handler(connection.socket, connection);
    } catch (error) {
      return this.#failed(connection, error);
    }
    if (connection.isEnding) return;
    this.#end(connection, "done");
    void connection.socket.closeWithFiles();
  }

  /** The handler threw or rejected. */
  #failed(connection: ServedConnection, error: unknown): void {
    const { stopReason } = this;
    // It waited, and was told by its signal: that is how it should end.
    if (stopReason !== undefined && error === stopReason) {
      if (connection.isEnding) return;
      this.#end(connection, "done");
      return void connection.socket.closeWithFiles();
    }
    // What a stop has cut is no failure of the handler's.
    if (connection.outcome !== "stop") this.#report(error, connection);
    this.#cut(connection, "error", FAILED);
  }

  /** The time of a connection is up. */
  #expire(connection: ServedConnection, why: Expiry): void {
    if (why === "handshake" && hears("reject")) {
      const { address } = connection;
      const error = errorOfFault(EXPIRED[why], {
        op: "accept",
        address,
        isOfClient: true,
      });
      this.#tellRejection(why, address, error);
    }
    this.#cut(connection, why, EXPIRED[why]);
  }

  /** Ends a connection with a reset, as its calls are told. */
  #cut(connection: ServedConnection, outcome: Outcome, why: Fault): void {
    if (connection.isEnding) return;
    this.#end(connection, outcome);
    connection.socket.cut(why);
  }

  /** How it ends is decided; it is over when its descriptor is released. */
  #end(connection: ServedConnection, outcome: Outcome): void {
    connection.phase = "ending";
    connection.outcome = outcome;
    void connection.socket.closed.then(() => this.#over(connection));
  }

  #over(connection: ServedConnection): void {
    if (connection.phase === "over") return;
    connection.phase = "over";
    const { outcome, hasBegun, host } = connection;
    this.#connections.delete(connection);
    if (host !== undefined) this.#hosts.leave(host);
    this.#tally.ended(outcome, hasBegun, connection);
    this.#stop?.ended(outcome !== "done");
    if (hasBegun && hears("close")) publish("close", this.#closeOf(connection));
    this.#loop.wake();
    if (this.#connections.size === 0) this.#onEmpty?.();
  }

  #closeOf(connection: ServedConnection): object {
    const { outcome, bytesReceived, bytesSent, openedAt } = connection;
    const durationMs = this.#clock.now() - openedAt;
    return {
      ...{ server: this.server, context: connection, durationMs },
      ...{ bytesReceived, bytesSent, reason: outcome },
    };
  }

  detached(connection: ServedConnection): void {
    if (connection.isEnding) return;
    connection.outcome = "done";
    this.#over(connection);
  }

  #report(error: unknown, context: ConnectionContext | undefined): void {
    if (hears("error")) {
      publish("error", { server: this.server, error, context });
    }
    report(this.#plan.onError, error, context);
  }

  // ---- stopping

  #beginStop(graceMs: number): void {
    this.#state = "stopping";
    this.stopReason = socketError("ECANCELED", {
      op: "serve",
      address: this.address,
      reason: "the server stops",
    });
    if (hears("stop")) publish("stop", { server: this.server, graceMs });
    this.#stop = new Stop(this.#clock, this, graceMs);
    this.#onClosed(this.#stop.done);
  }

  tellHandlers(): void {
    const reason = this.stopReason as SocketError;
    for (const connection of this.#connections) connection.tellStop(reason);
  }

  async closeListener(): Promise<void> {
    this.#loop.end();
    if (!this.#listener.isClosed) {
      this.#listener.keepLate((accepted) => this.take(accepted));
    }
    await this.#listener.close();
    await this.#listener.closed;
  }

  cutAll(): void {
    for (const connection of this.#connections) {
      if (!connection.isEnding) this.#cut(connection, "stop", STOPPED);
      // Its handler is done, and its close takes its time.
      else connection.socket.cut(STOPPED);
    }
  }

  async whenEmpty(): Promise<void> {
    if (this.#connections.size > 0) {
      await new Promise<void>((resolve) => this.#onEmpty = resolve);
    }
    this.#sweep.stop();
    this.#state = "closed";
  }
}

/** Whether a peer was reset before anybody could ask for its address. */
function isNameless(peer: Address): boolean {
  return peer.family !== "unix" && peer.hostname === "";
}

/** However long a listener of the program's would wait by default. */
const FOREVER: WaitOptions = { timeoutMs: null };

type Accepted = [socket: StreamSocket, peer: Address];

function ignore(): void {}
