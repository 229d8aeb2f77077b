/**
 * Stream sockets: connecting, listening, accepting, closing.
 *
 * @module
 */

import type { Endpoint } from "../address.ts";
import type { AddressFamily } from "../constants.ts";
import { AF_UNIX, SOCK_STREAM, SOMAXCONN } from "../constants.ts";
import type {
  Address,
  AddressLike,
  Bytes,
  CloseOptions,
  WaitOptions,
} from "../contracts.ts";
import { SocketError } from "../errors.ts";
import type { Readiness } from "../readiness.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { Acceptor } from "./acceptor.ts";
import { checkCount, toLinger, toWait } from "./arguments.ts";
import { Connecting } from "./connecting.ts";
import type { Connection } from "./connection.ts";
import { connectionsOf } from "./connections.ts";
import type { EndpointOptions } from "./endpoint.ts";
import { openConnection, openListener } from "./endpoint.ts";
import { endpointFor, unnamed, wildcard } from "./family.ts";
import { filenoOf } from "./fileno.ts";
import type { Wait } from "./gate.ts";
import { checkBuflen, optionError, withErrors } from "./options/calls.ts";
import type { StreamOptionValue } from "./options.ts";
import { StreamOptions } from "./options.ts";
import { PendingError } from "./pending_error.ts";
import { StreamHalf } from "./stream_half.ts";
import type { StreamState } from "./stream_readiness.ts";
import { StreamReadiness } from "./stream_readiness.ts";

/** How a stream socket is made. Use `socket()`, `connect()` or `listen()`. */
export interface StreamSocketInit extends EndpointOptions {
  /** The address family. */
  readonly family: AddressFamily;
  /** The protocol number. */
  readonly proto: number;
  /** What serves it. */
  readonly runtime: Runtime;
  /** A connection that is there already. */
  readonly connection?: Connection;
  /** A listener that is there already. */
  readonly acceptor?: Acceptor;
  /** Whether somebody else made the socket, who may have set anything. */
  readonly isAdopted?: boolean;
}

/**
 * A TCP or Unix-domain stream socket.
 *
 * @example The client of the classic exchange: ask, end, read the answer
 * ```ts
 * import { AF_INET, listen, SHUT_WR, socket } from "@anysock/anysock";
 *
 * const server = await listen("127.0.0.1:0");
 * const client = socket(AF_INET);
 * await client.connect(server.getSockName());
 * const [peer] = await server.accept();
 * await client.sendAll("Hello, world");
 * await client.shutdown(SHUT_WR);
 * for await (const bytes of peer) await peer.sendAll(bytes);
 * await peer.close();
 * console.log(await client.recvExactly(12));
 * await Promise.all([client.close(), server.close()]);
 * ```
 */
export class StreamSocket extends StreamHalf {
  /** Always `SOCK_STREAM`. */
  override readonly type: typeof SOCK_STREAM = SOCK_STREAM;
  readonly #runtime: Runtime;
  readonly #init: StreamSocketInit;
  /** Made when the first is set or asked for. */
  #options: StreamOptions | undefined;
  #bound: Endpoint | undefined;
  #connection: Connection | undefined;
  #acceptor: Acceptor | undefined;
  #connecting: Connecting | undefined;
  #isListening = false;
  #isClosed = false;
  #isReferenced = true;
  /** Files open on the connection, which they keep alive. */
  #files = 0;
  #lingerMs = 0;
  #closed: Promise<void> | undefined;
  #onClosed: (() => void) | undefined;
  /** Made when a failure is to be told or asked for. */
  #pending: PendingError | undefined;
  #readiness: StreamReadiness | undefined;

  /** Made by `socket()`, `connect()`, `accept()` and their like. */
  constructor(init: StreamSocketInit) {
    super(init.family, init.proto);
    this.#runtime = init.runtime;
    this.#init = init;
    this.#connection = init.connection;
    this.#acceptor = init.acceptor;
    this.#isListening = init.acceptor !== undefined;
  }

  /** Whether `close`, `reset` or `detach` was called. */
  override get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Settles when the descriptor is released. Never rejects. */
  override get closed(): Promise<void> {
    const holder = this.#holder;
    if (holder !== undefined && this.#closed === undefined) {
      return holder.released;
    }
    if (this.#isClosed && holder === undefined) return Promise.resolve();
    return this.#closed ??= new Promise((resolve) => this.#onClosed = resolve);
  }

  // ---- addresses

  /**
   * Claims a local address for a later `listen` or `connect`, which is where
   * `EADDRINUSE` surfaces.
   *
   * @throws {TypeError} | {RangeError} if it is no address.
   * @throws {SocketError} `EINVAL` if bound already, connected or listening.
   */
  // deno-lint-ignore require-await -- misuse rejects, as in all async calls
  async bind(address: AddressLike): Promise<void> {
    this.#checkOpen("bind");
    const endpoint = endpointFor("bind", this.family, address);
    const isFresh = this.#bound === undefined && !this.#isListening &&
      this.#connection === undefined && this.#connecting === undefined;
    if (!isFresh) throw this.error("EINVAL", "bind");
    this.#bound = endpoint;
  }

  /** The address of this end. */
  override getSockName(): Address {
    this.#checkOpen("getSockName");
    if (this.#acceptor !== undefined) return this.#acceptor.address;
    const connected = this.#connection?.localAddress("getSockName");
    if (connected !== undefined) return connected;
    const bound = this.#bound;
    return bound !== undefined && "family" in bound
      ? bound
      : wildcard(this.family);
  }

  /**
   * The address of the peer, from connect or accept until `close`.
   *
   * @throws {SocketError} `ENOTCONN` if there is none, also after `close`.
   */
  getPeerName(): Address {
    const peer = this.#isClosed ? undefined : this.#connection?.peerAddress;
    if (peer === undefined) throw this.error("ENOTCONN", "getPeerName");
    return peer;
  }

  // ---- listening

  /**
   * Listens on the bound address, or on the wildcard address and a free port.
   * `backlog` bounds how many connections wait unaccepted: in the kernel on
   * Deno, in user space on Bun and Node, where a surplus one is reset.
   *
   * @throws {RangeError} if `backlog` is negative.
   * @throws {SocketError} `EADDRINUSE` and its like with `op: "bind"`;
   *   `EINVAL` if connected or listening.
   */
  async listen(backlog: number = SOMAXCONN): Promise<void> {
    const checked = checkCount(backlog, "backlog");
    this.#checkOpen("listen");
    const isFresh = this.#connection === undefined && !this.#isListening &&
      this.#connecting === undefined;
    const isUnnamed = this.#bound === undefined && this.family === AF_UNIX;
    if (!isFresh || isUnnamed) throw this.error("EINVAL", "listen");
    this.#isListening = true;
    const raw = await openListener(
      this.#runtime,
      this.#bound ?? wildcard(this.family),
      { ...this.#ahead, family: this.family, backlog: checked },
    ).catch((error) => {
      this.#isListening = false;
      throw error;
    });
    const acceptor = new Acceptor(raw, this.#runtime, checked);
    if (this.#isClosed) {
      await acceptor.close();
      throw this.error("EBADF", "listen");
    }
    this.#apply("listen", acceptor);
    this.#acceptor = acceptor;
    this.#opened(acceptor);
  }

  /**
   * Waits for a connection. A peer that has reset since is handed over where
   * the runtime still has it, and then its address is `{ hostname: "", port:
   * 0 }` if it can no longer be told.
   *
   * @throws {SocketError} `EINVAL` if not listening, `EBUSY`, `EBADF`.
   */
  accept(options?: WaitOptions): Promise<[StreamSocket, Address]> {
    try {
      const wait = toWait(options, this.defaultWait);
      return this.#listener("accept").accept("accept", wait)
        .then((connection) => this.#accepted(connection));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * A connection that waits, or `undefined`.
   *
   * @throws {SocketError} as `accept`.
   */
  tryAccept(): [StreamSocket, Address] | undefined {
    const connection = this.#listener("tryAccept").tryAccept("tryAccept");
    return connection === undefined ? undefined : this.#accepted(connection);
  }

  /** Connections as they come; ends when the socket is closed. */
  connections(
    options?: WaitOptions,
  ): AsyncIterableIterator<[StreamSocket, Address]> {
    return connectionsOf(this, options);
  }

  #listener(op: string): Acceptor {
    this.#checkOpen(op);
    if (this.#acceptor === undefined) throw this.error("EINVAL", op);
    return this.#acceptor;
  }

  #accepted(connection: Connection): [StreamSocket, Address] {
    const { family } = this;
    const { proto, runtime, abortive, isAdopted } = this.#init;
    const socket = new StreamSocket({
      family,
      proto,
      runtime,
      connection,
      abortive,
      isAdopted: isAdopted === true,
    });
    if (this.#options !== undefined) socket.#inherit(this.#options, connection);
    return [socket, connection.peerAddress ?? unnamed(family)];
  }

  /** What was set on a listener holds for what it accepts. */
  #inherit(options: StreamOptions, connection: Connection): void {
    try {
      const takeError = () => this.#takeError();
      this.#options = options.accepted(connection, takeError);
    } catch (error) {
      void this.close({ lingerMs: 0 });
      throw optionError(error, "accept", connection.peerAddress);
    }
  }

  // ---- connecting

  /**
   * Connects. A name is resolved and its addresses are raced (RFC 8305): an
   * attempt has 250 ms before the next joins in, families take turns, losers
   * are closed, and every failure is in the `cause`. An aborted or timed-out
   * connect never appears at the peer later. A non-blocking one (`timeoutMs`
   * 0) goes on behind its `EINPROGRESS`: writability tells that it is over,
   * `getSockOpt(SOL_SOCKET, SO_ERROR)` how.
   *
   * @throws {TypeError} | {RangeError} if it is no address.
   * @throws {SocketError} `ECONNREFUSED`, `ETIMEDOUT`, `EISCONN`, `EALREADY`…
   * @throws {GaiError} if the name has no address.
   */
  async connect(address: AddressLike, options?: WaitOptions): Promise<void> {
    const wait = toWait(options, this.defaultWait);
    const endpoint = endpointFor("connect", this.family, address);
    wait.signal?.throwIfAborted();
    this.#checkOpen("connect");
    if (this.isConnecting) throw this.error("EALREADY", "connect");
    this.#pending?.raise();
    if (this.#connection !== undefined || this.#isListening) {
      throw this.error("EISCONN", "connect");
    }
    withErrors("connect", undefined, () => this.#options?.demandConnectable());
    if (wait.timeoutMs !== 0) return await this.#open(endpoint, wait);
    this.#open(endpoint, wait).catch(ignore); // closed meanwhile
    throw this.error("EINPROGRESS", "connect");
  }

  async #open(endpoint: Endpoint, wait: Wait): Promise<void> {
    const connecting = this.#connecting = new Connecting(wait);
    try {
      const connection = await this.#dial(endpoint, connecting);
      if (this.#isClosed) await connection.close(0);
      this.#checkOpen("connect");
      this.#apply("connect", connection);
      this.#connection = connection;
      this.#opened(connection);
    } catch (error) {
      // Nobody waits for a connect in the background: it is told when asked.
      if (!connecting.isInBackground || this.#isClosed) throw error;
      this.#pendingError.connectFailed(error);
    } finally {
      this.#connecting = undefined;
      this.#readiness?.changed();
    }
  }

  #dial(
    endpoint: Endpoint,
    { wait, closing }: Connecting,
  ): Promise<Connection> {
    return openConnection(this.#runtime, endpoint, {
      ...this.#ahead,
      family: this.family,
      local: this.#bound,
      wait,
      closing,
    });
  }

  /**
   * Like `connect`, but gives 0 or the `errno` of the failure.
   *
   * @throws {TypeError} | {RangeError} if it is no address; the reason of the
   *   signal.
   */
  async connectEx(
    address: AddressLike,
    options?: WaitOptions,
  ): Promise<number> {
    try {
      await this.connect(address, options);
      return 0;
    } catch (error) {
      if (error instanceof SocketError) return error.errno;
      throw error;
    }
  }

  /** The connection or listener is there: what was said before holds for it. */
  #opened(holder: Connection | Acceptor): void {
    if (!this.#isReferenced) holder.ref(false);
    this.#readiness?.adopt();
    if (this.#onClosed !== undefined) void holder.released.then(this.#onClosed);
  }

  // ---- options

  /**
   * Sets an option. What is set before `connect` or `listen` holds from then
   * on; what is set on a listener holds for the connections it accepts. The
   * value is an integer, the bytes of the C structure, or for `SO_LINGER` also
   * `{ on, seconds }`. `SO_LINGER` with 0 seconds makes every close a reset;
   * with more it is how long `close()` may take unless told.
   *
   * @param name `undefined` is a constant that this platform does not have
   * @throws {TypeError} | {RangeError} if the value is none for the option.
   * @throws {SocketError} `ENOPROTOOPT`, with the reason, where the option
   *   would not reach the kernel; `usePosix()` of `./posix` adds ways to it.
   *
   * @example
   * ```ts
   * import { connect, listen, SO_KEEPALIVE, SOL_SOCKET } from "@anysock/anysock";
   *
   * await using server = await listen("127.0.0.1:0");
   * await using sock = await connect(server.getSockName());
   * sock.setSockOpt(SOL_SOCKET, SO_KEEPALIVE, 1);
   * console.log(sock.getSockOpt(SOL_SOCKET, SO_KEEPALIVE)); // 1
   * ```
   */
  setSockOpt(
    level: number,
    name: number | undefined,
    value: StreamOptionValue,
  ): void {
    this.#checkOpen("setSockOpt");
    withErrors(
      "setSockOpt",
      this.#name,
      () => this.#anyOptions().set(level, name, value),
    );
  }

  /**
   * What was set and has reached the kernel, or what the kernel says: the
   * `int`, or with `buflen` at most so many bytes of the C structure, in this
   * machine's order. `SO_ERROR` is the failure of a non-blocking connect, or
   * what ended the connection, as an `errno`; asking clears it.
   *
   * @throws {RangeError} if `buflen` is not 1 to 65,536.
   * @throws {SocketError} `ENOPROTOOPT` for what cannot be known here.
   */
  getSockOpt(level: number, name: number | undefined): number;
  /** With `buflen`: the bytes of the C structure. */
  getSockOpt(level: number, name: number | undefined, buflen: number): Bytes;
  getSockOpt(
    level: number,
    name: number | undefined,
    buflen?: number,
  ): number | Bytes {
    this.#checkOpen("getSockOpt");
    const size = checkBuflen(buflen);
    return withErrors(
      "getSockOpt",
      this.#name,
      () => this.#anyOptions().get(level, name, size),
    );
  }

  /**
   * The descriptor, which stays this socket's: −1 after `close`.
   *
   * @throws {SocketError} `EOPNOTSUPP` where the runtime does not tell it, and
   *   before `connect` or `listen`.
   */
  fileno(): number {
    if (this.#isClosed) return -1;
    return filenoOf(this.#holder, this.#runtime);
  }

  /** What the socket has become, once it is connected or listens. */
  get #holder(): Connection | Acceptor | undefined {
    return this.#connection ?? this.#acceptor;
  }

  /** For error texts. */
  get #name(): Address | undefined {
    return this.#connection?.peerAddress ?? this.#acceptor?.address;
  }

  /** What has to be said before the connection or listener exists. */
  get #ahead(): EndpointOptions {
    return this.#options?.endpoint() ?? this.#init;
  }

  #anyOptions(): StreamOptions {
    if (this.#options !== undefined) return this.#options;
    const options = new StreamOptions({
      ...this.#init,
      takeError: () => this.#takeError(),
    });
    const holder = this.#holder;
    if (holder !== undefined) options.opened(holder);
    return this.#options = options;
  }

  /** Sets what was asked for before; what cannot be undoes the call `op`. */
  #apply(op: "connect" | "listen", holder: Connection | Acceptor): void {
    try {
      this.#options?.opened(holder);
    } catch (error) {
      this.#isListening = false;
      void holder.close(0); // a listener has nothing that could linger
      throw optionError(error, op, this.#bound as Address | undefined);
    }
  }

  get #pendingError(): PendingError {
    return this.#pending ??= new PendingError();
  }

  /** The failure to be told next, as an `errno`; each is told once. */
  #takeError(): number {
    return this.#pendingError.takeErrno(this.#connection?.fault);
  }

  // ---- polling

  /** What `select` and `Selector` ask. */
  get readiness(): Readiness {
    return this.#readiness ??= new StreamReadiness(this.#state());
  }

  #state(): StreamState {
    // deno-lint-ignore no-this-alias -- getters of the literal have their own
    const socket = this;
    return {
      get isClosed() {
        return socket.#isClosed;
      },
      get isOpening() {
        return socket.isConnecting ||
          (socket.#isListening && socket.#acceptor === undefined);
      },
      get hasError() {
        return socket.#pending?.isSet === true;
      },
      get connection() {
        return socket.#connection;
      },
      get acceptor() {
        return socket.#acceptor;
      },
    };
  }

  // ---- the stream half's needs

  /**
   * The live connection.
   *
   * @internal
   */
  protected override connection(op: string): Connection {
    if (this.#isClosed) throw this.error("EBADF", op);
    if (this.#connection !== undefined) return this.#connection;
    this.#pending?.raise();
    const isEarly = this.#connecting?.delays(op) === true;
    throw this.error(isEarly ? "EAGAIN" : "ENOTCONN", op);
  }

  /** Whether a connect is under way. */
  protected override get isConnecting(): boolean {
    return this.#connecting !== undefined && !this.#isClosed;
  }

  /**
   * The connection whatever its state.
   *
   * @internal
   */
  protected override get anyConnection(): Connection | undefined {
    return this.#connection;
  }

  /**
   * Keeps the connection until the file is closed.
   *
   * @internal
   */
  protected override holdFile(): () => void {
    this.#files++;
    return () => {
      this.#files--;
      if (this.#files > 0 || !this.#isClosed) return;
      void this.#end();
    };
  }

  // ---- ending

  /**
   * Closes; may be called again; never rejects. Pending calls reject with
   * `EBADF`. What was accepted is flushed, then FIN is sent, then what still
   * arrives is dropped until the peer's FIN. That takes at most `lingerMs`
   * (2,000 unless told), then the connection is reset (Deno: closed). Settles
   * when the descriptor is released; while files are open, at once.
   */
  override async close(options?: CloseOptions): Promise<void> {
    const told = toLinger(options);
    const isTold = options?.lingerMs !== undefined;
    const lingerMs = isTold ? told : this.#options?.lingerMs ?? told;
    if (this.#isClosed) return await this.#whenClosed();
    this.#isClosed = true;
    this.#lingerMs = lingerMs;
    this.#readiness?.changed();
    this.#connecting?.abort(this.error("EBADF", "connect"));
    if (this.#files > 0) return this.#connection?.interrupt();
    await this.#end();
    this.#onClosed?.();
  }

  /** Ends what there is, as `SO_LINGER` says. */
  #end(): Promise<void> | undefined {
    const connection = this.#connection;
    if (connection === undefined) return this.#acceptor?.close();
    return this.#options?.closesWithReset
      ? connection.abort()
      : connection.close(this.#lingerMs);
  }

  async #whenClosed(): Promise<void> {
    if (this.#files > 0) return;
    await this.closed;
  }

  /**
   * Sends RST and closes: what is unsent and unread is lost.
   *
   * @throws {SocketError} `EOPNOTSUPP` on Deno unless `abortive: true` was
   *   said at `connect()` or `listen()`; `ENOTCONN` without a connection.
   */
  override reset(): void {
    this.connection("reset").reset("reset");
    this.#isClosed = true;
    this.#readiness?.changed();
  }

  /**
   * Gives the runtime's own object back and closes this one. Nothing is sent.
   *
   * @throws {SocketError} `EBUSY` with bytes in hand or a call pending,
   *   `EOPNOTSUPP` where the runtime's object cannot be given back.
   */
  detach(): unknown {
    const native = this.connection("detach").detach("detach");
    this.#isClosed = true;
    this.#readiness?.changed();
    return native;
  }

  /** Lets the open socket keep the process alive. */
  override ref(): this {
    return this.#setReferenced(true);
  }

  /** Lets the process end although the socket is open. */
  override unref(): this {
    return this.#setReferenced(false);
  }

  #setReferenced(flag: boolean): this {
    this.#isReferenced = flag;
    this.#holder?.ref(flag);
    return this;
  }

  #checkOpen(op: string): void {
    if (this.#isClosed) throw this.error("EBADF", op);
  }

  /** The kind, both addresses and the state. */
  override toString(): string {
    if (this.#isClosed) return this.describe(undefined, undefined, "closed");
    const peer = this.#connection?.peerAddress;
    const state = this.#isListening
      ? "listening"
      : this.#connection === undefined
      ? "unconnected"
      : "open";
    return this.describe(this.getSockName(), peer, state);
  }
}

function ignore(): void {}
