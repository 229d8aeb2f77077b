/**
 * Stream sockets: connecting, listening, accepting, closing.
 *
 * @module
 */

import { SOCK_STREAM, SOMAXCONN } from "../../constants.ts";
import type {
  Address,
  AddressLike,
  Bytes,
  CloseOptions,
  WaitOptions,
} from "../../contracts.ts";
import { SocketError } from "../../errors.ts";
import type { Readiness } from "../../readiness.ts";
import { checkCount } from "../arguments.ts";
import { toWait } from "../../deadline.ts";
import type { Connection } from "./connection.ts";
import { connectionsOf } from "./connections.ts";
import { endpointFor, unnamed } from "../family.ts";
import { checkBuflen } from "../options/calls.ts";
import type { StreamOptionValue } from "../options/stream_options.ts";
import { StreamCore, type StreamSocketInit } from "./core.ts";
import { StreamHalf } from "./half.ts";

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
  readonly #core: StreamCore;

  private constructor(init: StreamSocketInit) {
    super(init.family, init.proto);
    this.#core = new StreamCore(init);
  }

  /**
   * For `socket()`, `connect()`, `accept()` and their like.
   *
   * @internal
   */
  static create(init: StreamSocketInit): StreamSocket {
    return new StreamSocket(init);
  }

  /** Whether `close`, `reset` or `detach` was called. */
  override get isClosed(): boolean {
    return this.#core.isClosed;
  }

  /** Settles when the descriptor is released. Never rejects. */
  override get closed(): Promise<void> {
    return this.#core.released;
  }

  /**
   * The socket below its public face.
   *
   * @internal
   */
  protected override get core(): StreamCore {
    return this.#core;
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
    this.checkOpen("bind");
    this.#core.bind(endpointFor("bind", this.family, address));
  }

  /** The address of this end. */
  override getSockName(): Address {
    return this.#core.localAddress("getSockName");
  }

  /**
   * The address of the peer, from connect or accept until `close`.
   *
   * @throws {SocketError} `ENOTCONN` if there is none, also after `close`.
   */
  getPeerName(): Address {
    const peer = this.#core.peerAddress;
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
    await this.#core.listen(checkCount(backlog, "backlog"));
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
      return this.#core.listener("accept").accept("accept", wait)
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
    const connection = this.#core.listener("tryAccept").tryAccept("tryAccept");
    return connection === undefined ? undefined : this.#accepted(connection);
  }

  /** Connections as they come; ends when the socket is closed. */
  connections(
    options?: WaitOptions,
  ): AsyncIterableIterator<[StreamSocket, Address]> {
    return connectionsOf(this, options);
  }

  #accepted(connection: Connection): [StreamSocket, Address] {
    const socket = new StreamSocket(this.#core.accepted(connection));
    socket.#core.inherit(this.#core);
    return [socket, connection.peerAddress ?? unnamed(this.family)];
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
    await this.#core.connect(endpoint, wait);
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
    this.#core.withOptions(
      "setSockOpt",
      (options) => options.set(level, name, value),
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
    this.checkOpen("getSockOpt");
    const size = checkBuflen(buflen);
    return this.#core.withOptions(
      "getSockOpt",
      (options) => options.get(level, name, size),
    );
  }

  /**
   * The descriptor, which stays this socket's: −1 after `close`.
   *
   * @throws {SocketError} `EOPNOTSUPP` where the runtime does not tell it, and
   *   before `connect` or `listen`.
   */
  fileno(): number {
    return this.#core.fileno;
  }

  // ---- polling

  /** What `select` and `Selector` ask. */
  get readiness(): Readiness {
    return this.#core.readiness;
  }

  // ---- ending

  /**
   * Closes; may be called again; never rejects. Pending calls reject with
   * `EBADF`. What was accepted is flushed, then FIN is sent, then what still
   * arrives is dropped until the peer's FIN. That takes at most `lingerMs`
   * (2,000 unless told), then the connection is reset (Deno: closed). Settles
   * when the descriptor is released. While files are open it settles at once,
   * and their calls go on; of the socket's own a `sendAll` by reference ends
   * when the runtime has let go of its memory.
   */
  override close(options?: CloseOptions): Promise<void> {
    return this.#core.close(options);
  }

  /**
   * Sends RST and closes: what is unsent and unread is lost.
   *
   * @throws {SocketError} `EOPNOTSUPP` on Deno unless `abortive: true` was
   *   said at `connect()` or `listen()`; `ENOTCONN` without a connection.
   */
  override reset(): void {
    this.#core.reset();
  }

  /**
   * Gives the runtime's own object back and closes this one. Nothing is sent.
   *
   * @throws {SocketError} `EBUSY` with bytes in hand or a call pending,
   *   `EOPNOTSUPP` where the runtime's object cannot be given back.
   */
  detach(): unknown {
    return this.#core.detach();
  }

  /** Lets the open socket keep the process alive. */
  override ref(): this {
    this.#core.ref(true);
    return this;
  }

  /** Lets the process end although the socket is open. */
  override unref(): this {
    this.#core.ref(false);
    return this;
  }

  /** The kind, both addresses and the state. */
  override toString(): string {
    const { connection, isClosed, isListening } = this.#core;
    if (isClosed) return this.describe(undefined, undefined, "closed");
    const state = isListening
      ? "listening"
      : connection === undefined
      ? "unconnected"
      : "open";
    return this.describe(this.#shownName(), connection?.peerAddress, state);
  }

  #shownName(): Address | undefined {
    try {
      return this.getSockName();
    } catch {
      // Web streams have no address, and the runtime may know none any more.
      return undefined;
    }
  }
}
