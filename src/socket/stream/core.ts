/**
 * A stream socket below its public face: what it is at the moment, what was
 * set on it, and its end.
 *
 * @module
 */

import type { Endpoint } from "../../address.ts";
import type { AddressFamily } from "../../constants.ts";
import { AF_UNIX } from "../../constants.ts";
import type { Address, CloseOptions } from "../../contracts.ts";
import { toLinger, type Wait } from "../../deadline.ts";
import type { SocketError } from "../../errors.ts";
import { socketError } from "../../errors.ts";
import { errorOfFault, toError } from "../../runtime/seam/error_mapping.ts";
import type { Fault } from "../../runtime/seam/fault.ts";
import { plannedFault } from "../../runtime/seam/planned_faults.ts";
import type { Runtime } from "../../runtime/seam/runtime.ts";
import { wildcard } from "../family.ts";
import { filenoOf } from "../fileno.ts";
import { withErrors } from "../options/calls.ts";
import { StreamOptions } from "../options/stream_options.ts";
import { Acceptor } from "./acceptor.ts";
import type { Connection } from "./connection.ts";
import type { ListenerTls } from "./handshakes.ts";
import type { Holder, OpeningOwner, OpenOptions } from "./opening.ts";
import { Opening } from "./opening.ts";
import { PendingError } from "./pending_error.ts";
import type { StreamState } from "./readiness.ts";
import { startTls, type TlsStart } from "./start_tls.ts";
import { StreamReadiness } from "./readiness.ts";

/** How a stream socket is made. Use `socket()`, `connect()` or `listen()`. */
export interface StreamSocketInit extends OpenOptions {
  /** The address family. */
  readonly family: AddressFamily;
  /** The protocol number. */
  readonly proto: number;
  /** What serves it. */
  readonly runtime: Runtime;
  /** How it speaks TLS, if it is to listen and does. */
  readonly tls?: ListenerTls | undefined;
  /** Whether somebody else made the socket, who may have set anything. */
  readonly isAdopted?: boolean;
}

/** What decides which listener of the runtime's a socket becomes. */
export interface ListenerKind {
  /** Connections must be able to send RST. */
  readonly abortive?: boolean | undefined;
  /** `SO_REUSEPORT`. */
  readonly reusePort?: boolean | undefined;
  /** It was a descriptor, or an object of the runtime's. */
  readonly isAdopted?: boolean | undefined;
}

/** A file over the connection, as far as it concerns the socket. */
export interface HeldFile {
  /** Sends what was written to it, and lets go of the connection. */
  close(): Promise<void>;
}

/** A stream socket's state and what changes it. */
export class StreamCore implements StreamState, OpeningOwner {
  readonly #init: StreamSocketInit;
  /** Made for a socket that has to connect or listen first. */
  #opening: Opening | undefined;
  #connection: Connection | undefined;
  #acceptor: Acceptor | undefined;
  #isClosed = false;
  /** Why it was cut, which later calls are told in the place of `EBADF`. */
  #cutBy: Fault | undefined;
  /** Files open on the connection, which they keep alive. */
  #files: Set<HeldFile> | undefined;
  #lingerMs = 0;
  // Made where something is set, asked or polled: most sockets have none.
  #options: StreamOptions | undefined;
  #pendingError: PendingError | undefined;
  #readiness: StreamReadiness | undefined;
  #acceptedInit: StreamSocketInit | undefined;

  /** An open socket that `init` describes, which may be something already. */
  constructor(init: StreamSocketInit, holder?: Holder) {
    this.#init = init;
    if (holder instanceof Acceptor) this.#acceptor = holder;
    else this.#connection = holder;
  }

  get #madeOpening(): Opening {
    return this.#opening ??= new Opening(this);
  }

  // ---- its state

  /** The address family. */
  get family(): AddressFamily {
    return this.#init.family;
  }

  /** What serves it. */
  get runtime(): Runtime {
    return this.#init.runtime;
  }

  /** Whether `close`, `reset` or `detach` was called. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether it listens, or is about to. */
  get isListening(): boolean {
    return this.#acceptor !== undefined || this.#opening?.isListening === true;
  }

  /** Whether a connect is under way. */
  get isConnecting(): boolean {
    return this.#opening?.isConnecting === true && !this.#isClosed;
  }

  /** The connect under way, which rejects with its failure; else none. */
  get connecting(): Promise<void> | undefined {
    return this.isConnecting ? this.#opening?.last : undefined;
  }

  /** Whether its connection died, so that neither direction goes on. */
  get isDead(): boolean {
    return this.#connection?.fault !== undefined;
  }

  /** Whether a connect or a listen is under way. */
  get isOpening(): boolean {
    return this.isConnecting ||
      (this.isListening && this.#acceptor === undefined);
  }

  /** What it is connected by, whatever its state. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** What it listens with. */
  get acceptor(): Acceptor | undefined {
    return this.#acceptor;
  }

  /**
   * The connection that a call named `op` uses.
   *
   * @throws {SocketError} `EBADF` after close, `ENOTCONN` without one.
   */
  live(op: string): Connection {
    this.#demandOpen(op);
    if (this.#connection !== undefined) return this.#connection;
    this.#pendingError?.raise();
    throw fail(this.#opening?.delays(op) ? "EAGAIN" : "ENOTCONN", op);
  }

  /** What a call named `op` accepts with. */
  listener(op: string): Acceptor {
    this.#demandOpen(op);
    if (this.#acceptor === undefined) throw fail("EINVAL", op);
    return this.#acceptor;
  }

  /**
   * The descriptor; −1 after close.
   *
   * @throws {SocketError} `EOPNOTSUPP`, with the reason, if it cannot be told.
   */
  get fileno(): number {
    if (this.#isClosed) return -1;
    return filenoOf(this.#holder, this.runtime, "connect or listen");
  }

  /** What the socket has become, once it is connected or listens. */
  get #holder(): Holder | undefined {
    return this.#connection ?? this.#acceptor;
  }

  /** Whether it has neither connected nor listened, nor begun to. */
  get #isFresh(): boolean {
    return this.#holder === undefined && this.#opening?.isNone !== false;
  }

  #demandOpen(op: string): void {
    if (!this.#isClosed) return this.#demandLuck(op);
    if (this.#cutBy === undefined) throw fail("EBADF", op);
    const address = this.#connection?.peerAddress;
    throw errorOfFault(this.#cutBy, { op, address });
  }

  /** @throws {SocketError} if a test has planned that the call fails. */
  #demandLuck(op: string): void {
    const fault = plannedFault(op, this.runtime);
    if (fault === undefined) return;
    throw errorOfFault(fault, { op, address: this.#connection?.peerAddress });
  }

  // ---- addresses

  /** Claims a local address. */
  bind(endpoint: Endpoint): void {
    this.#demandLuck("bind");
    if (!this.#isFresh) throw fail("EINVAL", "bind");
    this.#madeOpening.bind(endpoint);
  }

  /** The address of this end. */
  localAddress(op: string): Address {
    this.#demandOpen(op);
    if (this.#acceptor !== undefined) return this.#acceptor.address;
    const connected = this.#connection?.localAddress(op);
    if (connected !== undefined) return connected;
    const bound = this.#opening?.bound;
    return bound !== undefined && "family" in bound
      ? bound
      : wildcard(this.family);
  }

  /** The address of the peer, until close. */
  get peerAddress(): Address | undefined {
    return this.#isClosed ? undefined : this.#connection?.peerAddress;
  }

  // ---- connecting and listening

  /** Listens on the bound address. */
  async listen(backlog: number): Promise<void> {
    this.#demandOpen("listen");
    const isUnnamed = this.#opening?.bound === undefined &&
      this.family === AF_UNIX;
    if (!this.#isFresh || isUnnamed) throw fail("EINVAL", "listen");
    await this.#madeOpening.listen(backlog);
  }

  /** Connects; without waiting if `wait` says so. */
  async connect(endpoint: Endpoint, wait: Wait): Promise<void> {
    this.#demandOpen("connect");
    if (this.isConnecting) throw fail("EALREADY", "connect");
    this.#pendingError?.raise();
    if (!this.#isFresh) throw fail("EISCONN", "connect");
    withErrors("connect", undefined, () => this.#options?.demandConnectable());
    await this.#madeOpening.connect(endpoint, wait);
  }

  /** What has to be said before the connection or listener exists. */
  get ahead(): OpenOptions {
    return this.#options?.endpoint() ?? this.#init;
  }

  /** What decides which listener of the runtime's it is. */
  get listenerKind(): ListenerKind {
    const { abortive, reusePort } = this.ahead;
    return { abortive, reusePort, isAdopted: this.#init.isAdopted };
  }

  /** How it speaks TLS, if it is a listener that does. */
  get tls(): ListenerTls | undefined {
    return this.#init.tls;
  }

  /** The connection or listener is there: what was set before holds for it. */
  opened(op: "connect" | "listen", holder: Holder): void {
    try {
      this.#options?.opened(holder);
    } catch (error) {
      throw toError(error, { op, address: this.#opening?.bound });
    }
    if (holder instanceof Acceptor) this.#acceptor = holder;
    else this.#connection = holder;
    this.#readiness?.adopt();
  }

  /** A connect failed that nobody waits for. */
  connectFailed(error: unknown): void {
    this.#failures.connectFailed(error);
  }

  /** A connect is over. */
  changed(): void {
    this.#readiness?.changed();
  }

  /** How the sockets of accepted connections are made. */
  get acceptedInit(): StreamSocketInit {
    const { family, proto, runtime, abortive, isAdopted } = this.#init;
    return this.#acceptedInit ??= {
      family,
      proto,
      runtime,
      abortive,
      isAdopted: isAdopted === true,
    };
  }

  /** What was set on a listener holds for what it accepts. */
  inherit(listener: StreamCore): void {
    const connection = this.#connection;
    if (connection === undefined || listener.#options === undefined) return;
    try {
      const takeError = () => this.#takeError();
      this.#options = listener.#options.accepted(connection, takeError);
    } catch (error) {
      void this.close({ lingerMs: 0 });
      const address = connection.peerAddress;
      throw toError(error, { op: "accept", address, isOfClient: true });
    }
  }

  // ---- TLS in mid-stream

  /** Puts TLS between the connection and its stream. */
  async startTls(
    choose: (connection: Connection) => Promise<TlsStart>,
    wait: Wait,
  ): Promise<void> {
    const connection = this.live("startTls");
    if (this.#isHeld) {
      const reason = "a file is open on the connection";
      throw socketError("EBUSY", { op: "startTls", reason });
    }
    try {
      const chosen = () => choose(connection);
      await startTls(connection, this.runtime, chosen, wait);
    } finally {
      if (connection.isClosed && !this.#isClosed) this.#setClosed();
    }
  }

  // ---- options and failures

  /** Does something with the options, whose faults become errors of `op`. */
  withOptions<T>(op: string, act: (options: StreamOptions) => T): T {
    this.#demandOpen(op);
    const address = this.#connection?.peerAddress ?? this.#acceptor?.address;
    return withErrors(op, address, () => act(this.#madeOptions));
  }

  get #madeOptions(): StreamOptions {
    if (this.#options !== undefined) return this.#options;
    const takeError = () => this.#takeError();
    const options = new StreamOptions({ ...this.#init, takeError });
    if (this.#holder !== undefined) options.opened(this.#holder);
    return this.#options = options;
  }

  /** Whether a connect failed whose error nobody has asked for. */
  get hasError(): boolean {
    return this.#pendingError?.isSet === true;
  }

  get #failures(): PendingError {
    return this.#pendingError ??= new PendingError();
  }

  /** The failure to be told next, as an `errno`; each is told once. */
  #takeError(): number {
    return this.#failures.takeErrno(this.#connection?.failure);
  }

  // ---- polling

  /** What `select` and `Selector` ask. */
  get readiness(): StreamReadiness {
    return this.#readiness ??= new StreamReadiness(this);
  }

  // ---- ending

  /** Whether the open socket keeps the process alive. */
  ref(flag: boolean): void {
    const holder = this.#holder;
    if (holder === undefined) this.#madeOpening.isReferenced = flag;
    else holder.ref(flag);
  }

  /** A file is opened by `op`; gives what its close must call. */
  holdFile(op: string, file: HeldFile): () => void {
    this.#demandOpen(op);
    const files = this.#files ??= new Set();
    files.add(file);
    return () => {
      const wasHeld = files.delete(file);
      if (wasHeld && this.#isClosed && !this.#isHeld) void this.#end();
    };
  }

  /** Whether files keep the connection alive. */
  get #isHeld(): boolean {
    return this.#files !== undefined && this.#files.size > 0;
  }

  /** Closes the files that are open; settles when that is done, or failed. */
  closeFiles(): Promise<void> | undefined {
    if (!this.#isHeld) return undefined;
    const closing = [...this.#files as Set<HeldFile>].map((file) =>
      file.close()
    );
    return Promise.allSettled(closing).then(() => undefined);
  }

  /** Files that are open keep the connection alive no more. */
  forgetFiles(): void {
    this.#files?.clear();
  }

  /** Settles when the descriptor is released. Never rejects. */
  get released(): Promise<void> {
    const holder = this.#holder;
    if (holder !== undefined) return holder.released;
    const opening = this.#madeOpening;
    return this.#isClosed ? opening.whenOver() : opening.released;
  }

  /** Ends calls, sends what was accepted, releases. */
  async close(options?: CloseOptions): Promise<void> {
    const told = toLinger(options);
    const isTold = options?.lingerMs !== undefined;
    const lingerMs = isTold ? told : this.#options?.lingerMs ?? told;
    if (!this.#isClosed) this.#close(lingerMs);
    if (!this.#isHeld) await this.#end();
  }

  #close(lingerMs: number): void {
    this.#setClosed();
    this.#lingerMs = lingerMs;
    this.#opening?.close();
    if (this.#isHeld) this.#connection?.interrupt();
  }

  #setClosed(): void {
    this.#isClosed = true;
    this.#readiness?.changed();
  }

  /** Ends what there is, or is about to be. */
  async #end(): Promise<void> {
    await this.#endHolder();
    await this.#opening?.whenOver();
    if (this.#holder === undefined) this.#opening?.leftNothing();
  }

  /** As `SO_LINGER` says. */
  #endHolder(): Promise<void> | undefined {
    const connection = this.#connection;
    if (connection === undefined) return this.#acceptor?.close();
    return this.#options?.closesWithReset === true
      ? connection.abort()
      : connection.close(this.#lingerMs);
  }

  /** Sends RST and closes. */
  reset(): void {
    this.live("reset").reset("reset");
    this.#setClosed();
  }

  /** Ends with RST, or a close where there is none, as calls are told. */
  cut(reason: Fault): void {
    if (!this.#isClosed) this.#cutBy = reason;
    this.#connection?.cut(reason);
    if (!this.#isClosed) this.#setClosed();
  }

  /** Gives the runtime's own object back and closes. */
  detach(): unknown {
    const connection = this.live("detach");
    if (this.#isHeld) {
      const reason = "a file is open on the connection";
      throw socketError("EBUSY", { op: "detach", reason });
    }
    const native = connection.detach("detach");
    this.#setClosed();
    return native;
  }
}

function fail(code: string, op: string): SocketError {
  return socketError(code, { op });
}
