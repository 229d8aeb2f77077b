/**
 * Stream sockets: connecting, listening, receiving, sending, closing.
 *
 * @module
 */

import { checkOneAddress } from "../../address.ts";
import { checkRoom, toBytes, viewBytes } from "../../bytes.ts";
import {
  MSG_DONTWAIT,
  MSG_PEEK,
  MSG_WAITALL,
  SHUT_RD,
  SOCK_STREAM,
  SOMAXCONN,
} from "../../constants.ts";
import type {
  Address,
  AddressLike,
  Bytes,
  BytesLike,
  CloseOptions,
  ReceiveOptions,
  SendOptions,
  WaitOptions,
} from "../../contracts.ts";
import type { Wait } from "../../deadline.ts";
import {
  FOREVER,
  isCancellable,
  settleWithin,
  toLinger,
  toWait,
  WAIT_OPTIONS,
  waitOf,
} from "../../deadline.ts";
import { SocketError, tooLate } from "../../errors.ts";
import { leaveGathered, writeGathered } from "../../gathering.ts";
import { END, iterate } from "../../iterate.ts";
import type { Readiness } from "../../readiness.ts";
import { toError } from "../../runtime/seam/error_mapping.ts";
import type { Fault } from "../../runtime/seam/fault.ts";
import type { Runtime } from "../../runtime/seam/runtime.ts";
import type { TlsServerRole } from "../../runtime/seam/tls.ts";
import type { Receive } from "../../arguments.ts";
import {
  checkBacklog,
  checkCount,
  checkHow,
  toChunks,
} from "../../arguments.ts";
import { endpointFor, unnamed } from "../family.ts";
import type { FileIO, FileMode, FileOptions } from "../file/socket_file.ts";
import { SocketFile } from "../file/socket_file.ts";
import {
  getOption,
  readQuestion,
  readSetting,
  setOption,
} from "../options/calls.ts";
import type { OptionValue } from "../options/option.ts";
import type { TlsIdentity, TlsInfo } from "../../tls_contracts.ts";
import { Socket } from "../socket.ts";
import { chooseStart, type StartTlsOptions } from "../tls.ts";
import type { Connection } from "./connection.ts";
import { connectionsOf } from "./connections.ts";
import {
  type ListenerKind,
  StreamCore,
  type StreamSocketInit,
} from "./core.ts";
import type { Handshakes } from "./handshakes.ts";
import type { Holder } from "./opening.ts";
import type { Receiver, Taker } from "./receiver.ts";
import type { SendTold } from "./sender.ts";
import { WebStreams } from "./web_streams.ts";
import {
  type SendableFile,
  type SendFileOptions,
  toFileCall,
} from "./send_file.ts";

/** What `recvUntil` takes besides the delimiter. */
export interface RecvUntilOptions extends WaitOptions {
  /** How many bytes may come before the delimiter; default 64 KiB. */
  readonly maxBytes?: number;
  /** Whether the result holds the delimiter; default `false`. */
  readonly keepDelimiter?: boolean;
}

const UNTIL_OPTIONS = ["maxBytes", "keepDelimiter", ...WAIT_OPTIONS];

/** More than any runtime's chunk, so that none is split and copied. */
const WHOLE_CHUNKS = 0x7fffffff;

const KNOWN_RECEIVE_FLAGS = MSG_PEEK | MSG_WAITALL | MSG_DONTWAIT;

/**
 * A TCP or Unix-domain stream socket.
 *
 * One receive and one send may be pending at a time; a second one rejects
 * with `EBUSY`. An abort or timeout of a receive loses no byte. After an
 * error every later call raises it again, bytes in hand first.
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
export class StreamSocket extends Socket {
  /** Always `SOCK_STREAM`. */
  override readonly type: typeof SOCK_STREAM = SOCK_STREAM;
  readonly #core: StreamCore;
  #streams: WebStreams | undefined;

  private constructor(init: StreamSocketInit, holder?: Holder) {
    super(init.family, init.proto);
    this.#core = new StreamCore(init, holder);
  }

  /**
   * For `socket()`, `connect()`, `accept()` and their like; `holder` is what
   * it is already.
   *
   * @internal
   */
  static create(init: StreamSocketInit, holder?: Holder): StreamSocket {
    return new StreamSocket(init, holder);
  }

  /**
   * What serves it; for the server.
   *
   * @internal
   */
  get runtime(): Runtime {
    return this.#core.runtime;
  }

  /**
   * Lets no more than this wait unaccepted, be the backlog what it is; for the
   * server, which counts descriptors.
   *
   * @internal
   */
  boundWaiting(most: number): void {
    this.#core.listener("listen").mostWaiting = most;
  }

  /**
   * Gives `take` what the runtime had accepted when the close came, in the
   * place of resetting it; for the server.
   *
   * @internal
   */
  keepLate(take: (accepted: [StreamSocket, Address]) => void): void {
    this.#core.listener("serve").onLate = (connection) =>
      take(this.#accepted(connection));
  }

  /**
   * Whether it listens; for the server.
   *
   * @internal
   */
  get isListening(): boolean {
    return this.#core.isListening && !this.#core.isClosed;
  }

  /**
   * Closes, also where the program has left files open, which are closed
   * first; for the server.
   *
   * @internal
   */
  async closeWithFiles(): Promise<void> {
    const closing = this.#core.closeFiles();
    const isInTime = closing === undefined || await this.#ends(closing);
    this.#core.forgetFiles();
    await this.close(isInTime ? undefined : { lingerMs: 0 });
  }

  /**
   * Ends the connection with RST, or with a close where the runtime has none,
   * for a reason that its calls are told; also one whose close is under way.
   * For the server.
   *
   * @internal
   */
  cut(reason: Fault): void {
    this.#core.cut(reason);
  }

  /**
   * Gives `take` all that comes, chunk by chunk, as `recvEach` of the receiver
   * does; for `./node`.
   *
   * @internal
   */
  recvEach(take: Taker): Promise<true | null> {
    try {
      return this.#core.live("recv").receiver.recvEach("recv", take, FOREVER);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * `sendAll` without a timeout of bytes that need no check, as `sendTold` of
   * the sender does it; for `./node`.
   *
   * @internal
   */
  sendTold(data: Uint8Array, told: SendTold): boolean {
    try {
      const { sender } = this.#core.live("sendAll");
      return sender.sendTold("sendAll", data, told);
    } catch (error) {
      Promise.reject(error).catch(told);
      return false;
    }
  }

  /**
   * What decides which listener of the runtime's it is; for the server.
   *
   * @internal
   */
  get listenerKind(): ListenerKind {
    return this.#core.listenerKind;
  }

  /**
   * The handshakes of a listener that speaks TLS; for the server.
   *
   * @internal
   */
  get handshakes(): Handshakes | undefined {
    return this.#core.acceptor?.handshakes;
  }

  /**
   * Goes on over TLS in such a role, however long that takes; for the server.
   *
   * @internal
   */
  async secure(role: TlsServerRole): Promise<void> {
    const start = { role, isServer: true, handshakeTimeoutMs: null };
    await this.#core.startTls(() => Promise.resolve(start), FOREVER);
  }

  /** Whether `close`, `reset` or `detach` was called. */
  override get isClosed(): boolean {
    return this.#core.isClosed;
  }

  /** Settles when the descriptor is released. Never rejects. */
  override get closed(): Promise<void> {
    return this.#core.released;
  }

  /** Bytes taken by the kernel or our queue since connect. */
  get bytesSent(): number {
    return this.#core.connection?.sender.bytesSent ?? 0;
  }

  /** Bytes handed to the program since connect. */
  get bytesReceived(): number {
    return this.#core.connection?.receiver.bytesReceived ?? 0;
  }

  // ---- addresses

  /**
   * Claims a local address for a later `listen` or `connect`, which is where
   * `EADDRINUSE` surfaces. With `""` for its path a Unix socket listens at an
   * abstract name that nobody has, as Linux picks them.
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
   * Deno, in user space on Bun and Node, which accept by themselves and where
   * one that comes while `backlog`, and at least 4,096, wait is reset.
   *
   * @param backlog any integer; less than 1 counts as 1
   * @throws {RangeError} if `backlog` is no integer.
   * @throws {SocketError} `EADDRINUSE` and its like with `op: "bind"`;
   *   `EINVAL` if connected or listening.
   */
  async listen(backlog: number = SOMAXCONN): Promise<void> {
    await this.#core.listen(checkBacklog(backlog));
  }

  /**
   * Waits for a connection. A peer that has reset since is handed over where
   * the runtime still has it, and then its address is `{ hostname: "", port:
   * 0 }` if it can no longer be told.
   *
   * @throws {SocketError} `EINVAL` if not listening, `EBUSY`, `EBADF`.
   */
  accept(options?: WaitOptions): Promise<[StreamSocket, Address]> {
    return this.#accept(options);
  }

  /** Accepts, as part of `caller`'s work where there is one. */
  #accept(
    options: WaitOptions | undefined,
    caller?: object,
  ): Promise<[StreamSocket, Address]> {
    try {
      const own = toWait(options, this.defaultWait);
      const wait = caller === undefined ? own : { ...own, caller };
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
    return connectionsOf({
      isClosed: () => this.isClosed,
      accept: (given, caller) => this.#accept(given, caller),
      interrupt: (caller) => this.#core.acceptor?.interrupt(caller),
    }, options);
  }

  #accepted(connection: Connection): [StreamSocket, Address] {
    const socket = new StreamSocket(this.#core.acceptedInit, connection);
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
    checkOneAddress(address, options);
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

  // ---- TLS

  /** What TLS has agreed on, also after `close`; none where there is no TLS. */
  get tls(): TlsInfo | undefined {
    return this.#core.connection?.tls;
  }

  /**
   * Goes on over TLS, in mid-stream (STARTTLS). No other call may be pending,
   * and none may be made until it settles; what was sent before is flushed
   * first. A failure closes the socket: there is no way back to plain text.
   * A client refuses bytes that came before TLS had begun (`EPROTO`); those
   * in the hands of a server are the front of the client's handshake.
   *
   * `timeoutMs`, default the socket's own, is that of the whole; that of a
   * server is its `handshakeTimeoutMs` where there is none.
   *
   * @param options of a client, or with `role: "server"` of a server
   * @throws {TypeError} for what cannot be, and then nothing has happened.
   * @throws {SocketError} `EBUSY`, `EISCONN` if it speaks TLS already, `EPIPE`
   *   after a shutdown, `ENOTCONN`, `EPROTO`, `ETIMEDOUT`.
   * @throws {TlsError} if the handshake fails.
   */
  async startTls(
    options: StartTlsOptions,
    waitOptions?: WaitOptions,
  ): Promise<void> {
    const wait = toWait(waitOptions, this.defaultWait);
    wait.signal?.throwIfAborted();
    const { runtime } = this.#core;
    await this.#core.startTls(
      ({ hostname }) => chooseStart(runtime, options, hostname),
      wait,
    );
  }

  /** How many handshakes of a listener with TLS have failed. */
  get tlsFailures(): number {
    return this.handshakes?.failures ?? 0;
  }

  /**
   * The certificate and key that a listener with TLS shows from now on, such
   * as a renewed one. Connections that are there go on; handshakes under way
   * may end with the one before.
   *
   * @throws {TypeError} if the key is not the certificate's; then the one
   *   before stays.
   * @throws {SocketError} `EINVAL` if the socket is no listener with TLS,
   *   `EOPNOTSUPP` of a native one on Deno and Bun.
   */
  setTlsIdentity(identity: TlsIdentity): void {
    const { handshakes } = this.#core.listener("setTlsIdentity");
    if (handshakes === undefined) {
      throw this.error("EINVAL", "setTlsIdentity");
    }
    try {
      handshakes.tls.role.setIdentity(identity);
    } catch (error) {
      throw toError(error, { op: "setTlsIdentity" });
    }
  }

  // ---- receiving

  /**
   * Waits for bytes: 1…`maxBytes` of them, without a number the next chunk
   * whole, as the runtime gave it (at most `capabilities().maxReadAhead`); or
   * `null` once the peer has ended, and ever after. The array belongs to the
   * caller. `recv(0)` is empty at once.
   *
   * @param maxBytes how many bytes at most, or options
   * @param flags `MSG_PEEK` leaves the bytes, `MSG_WAITALL` waits for all of
   *   `maxBytes` (default 64 KiB for both), `MSG_DONTWAIT` does not wait; or
   *   options
   * @throws {SocketError} `ENOTCONN`, `EBUSY`, `EBADF`, `EAGAIN`,
   *   `ETIMEDOUT`, or what ended the connection.
   */
  recv(maxBytes?: number, flags?: number): Promise<Bytes | null>;
  /** Waits for bytes, with a count and options. */
  recv(maxBytes: number, options: ReceiveOptions): Promise<Bytes | null>;
  /** Waits for bytes, with options. */
  recv(options: ReceiveOptions): Promise<Bytes | null>;
  /** Waits for bytes. */
  recv(
    maxBytes?: number | ReceiveOptions,
    flags?: number | ReceiveOptions,
  ): Promise<Bytes | null> {
    try {
      if (flags === undefined && typeof maxBytes !== "object") {
        const count = checkCount(maxBytes ?? WHOLE_CHUNKS, "maxBytes");
        const { receiver } = this.#core.live("recv");
        if (count === 0) return Promise.resolve(new Uint8Array(0));
        return receiver.recv("recv", count, this.defaultWait);
      }
      const call = this.toReceive(
        "recv",
        KNOWN_RECEIVE_FLAGS,
        maxBytes,
        flags,
      );
      // Only now: to read the options may have closed the socket.
      const { receiver } = this.#core.live("recv");
      if (call.maxBytes === 0) return empty(call.wait);
      return receive(receiver, call);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Receives into the front of `buffer` and gives the count, or `null` at the
   * end.
   *
   * @throws {TypeError} if the memory was transferred or shrunk while the call
   *   waited; no byte is lost.
   * @throws {SocketError} as `recv`.
   */
  recvInto(
    buffer: ArrayBufferView | ArrayBuffer,
    flags?: number | ReceiveOptions,
  ): Promise<number | null> {
    try {
      const target = viewBytes(buffer);
      const size = target.byteLength;
      if (flags === undefined) {
        const { receiver } = this.#core.live("recvInto");
        return size === 0
          ? Promise.resolve(0)
          : receiver.recvInto("recvInto", target, this.defaultWait);
      }
      const call = this.#toReceiveInto(size, flags);
      // Only now: to read the options may have closed the socket.
      const { receiver } = this.#core.live("recvInto");
      checkRoom(target, size);
      if (size === 0 || call.maxBytes === 0) {
        return empty(call.wait).then(({ length }) => length);
      }
      return receiveInto(receiver, target.subarray(0, call.maxBytes), call);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #toReceiveInto(size: number, flags: number | ReceiveOptions): Receive {
    const known = KNOWN_RECEIVE_FLAGS;
    return typeof flags === "number"
      ? this.toReceive("recvInto", known, size, flags)
      : this.toReceive("recvInto", known, flags, undefined, size);
  }

  /**
   * Waits for exactly `size` bytes. Memory grows only as they come. If the
   * call is cut short, a later receive gets what had come.
   *
   * @throws {IncompleteReadError} if the peer ends before.
   * @throws {SocketError} as `recv`.
   */
  recvExactly(size: number, options?: WaitOptions): Promise<Bytes> {
    try {
      const count = checkCount(size, "size");
      const wait = toWait(options, this.defaultWait);
      const { receiver } = this.#core.live("recvExactly");
      if (count === 0) return empty(wait);
      return receiver.recvExactly("recvExactly", count, wait);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Waits for a delimiter of one byte or more and gives what came before it.
   * The delimiter is consumed. If the call is cut short, a later receive gets
   * what had come.
   *
   * @throws {IncompleteReadError} if the peer ends before.
   * @throws {LimitOverrunError} if more than `maxBytes` come before it; the
   *   bytes stay.
   * @throws {SocketError} as `recv`.
   */
  recvUntil(
    delimiter: BytesLike,
    options: RecvUntilOptions = {},
  ): Promise<Bytes> {
    try {
      const wait = toWait(options, this.defaultWait, UNTIL_OPTIONS);
      const { maxBytes = 65_536, keepDelimiter = false } = options;
      const until = {
        delimiter: toBytes(delimiter).slice(),
        maxBytes: checkCount(maxBytes, "maxBytes"),
        keepDelimiter,
      };
      if (until.delimiter.length === 0) {
        throw new RangeError("A delimiter has one byte at least: it is empty");
      }
      const { receiver } = this.#core.live("recvUntil");
      return receiver.recvUntil("recvUntil", until, wait);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * What is in hand, 1…`maxBytes` bytes, without a number the next chunk whole;
   * `null` at the end; `undefined` if nothing is in hand, in which case one
   * read is started.
   *
   * @throws {SocketError} as `recv`.
   */
  tryRecv(maxBytes: number = WHOLE_CHUNKS): Bytes | null | undefined {
    const count = checkCount(maxBytes, "maxBytes");
    if (this.#core.isConnecting) return undefined;
    const { receiver } = this.#core.live("tryRecv");
    return count === 0 ? new Uint8Array(0) : receiver.tryRecv("tryRecv", count);
  }

  /**
   * Like `tryRecv`, into the front of `buffer`; gives the count.
   *
   * @throws {SocketError} as `recv`.
   */
  tryRecvInto(
    buffer: ArrayBufferView | ArrayBuffer,
  ): number | null | undefined {
    const target = viewBytes(buffer);
    if (this.#core.isConnecting) return undefined;
    const { receiver } = this.#core.live("tryRecvInto");
    return target.length === 0
      ? 0
      : receiver.tryRecvInto("tryRecvInto", target);
  }

  // ---- sending

  /**
   * Sends some of the bytes, one at least, and gives how many the kernel or
   * our queue took. What the queue took is a copy. A failure of queued bytes
   * is raised by the next send or by `shutdown(SHUT_WR)`.
   *
   * @throws {SocketError} `EPIPE` after `shutdown(SHUT_WR)`, and as `recv`.
   */
  send(data: BytesLike, flags?: number | SendOptions): Promise<number> {
    try {
      const bytes = toBytes(data);
      const wait = this.toSendWait("send", flags);
      return this.#core.live("send").sender.send("send", bytes, wait);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Sends everything, several pieces gathered into few writes; settles when
   * the kernel has it. The memory may be reused then, however it settles. If
   * the call is cut short, `bytesSent` tells exactly how much went.
   *
   * @throws {SocketError} as `send`; its `bytesSent` counts this call's bytes.
   */
  sendAll(
    data: BytesLike | readonly BytesLike[],
    options?: number | SendOptions,
  ): Promise<void> {
    try {
      const wait = this.toSendWait("sendAll", options);
      if (data instanceof Uint8Array && !isCancellable(wait)) {
        const bytes = toBytes(data);
        return this.#core.live("sendAll").sender.sendOne("sendAll", bytes);
      }
      const chunks = toChunks(data);
      return this.#core.live("sendAll").sender
        .sendAll("sendAll", chunks, wait);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Sends a file and gives how many bytes that was: of a path, of a file that
   * the program has opened (whatever has `read(buffer)`), or of a web stream.
   * It is one send: another meanwhile is `EBUSY`. At most 128 KiB of it are in
   * memory, or one chunk of a web stream.
   *
   * A path must be that of a regular file, and on Deno needs `--allow-read`.
   * What the program has opened stays open; with `seek` it stands behind the
   * last byte sent afterwards, however the call ends. A web stream is unlocked
   * again; of its last chunk what `count` leaves is lost.
   *
   * @throws {TypeError} | {RangeError} if it is no file, or with a timeout of
   *   0: non-blocking sockets cannot wait for it.
   * @throws {SocketError} as `send`; `ENOENT`, `EISDIR`, `EACCES` and their
   *   like of a path. Its `bytesSent` counts this call's bytes.
   * @throws {PermissionError} `EPERM` if the runtime was not permitted to read.
   *
   * @example
   * ```ts
   * import { socketPair } from "@anysock/anysock";
   *
   * const [a, b] = await socketPair();
   * const sent = await a.sendFile("README.md", { count: 100 });
   * console.log(sent, await b.recvExactly(sent));
   * await Promise.all([a.close(), b.close()]);
   * ```
   */
  sendFile(
    file: SendableFile,
    options: SendFileOptions = {},
  ): Promise<number> {
    try {
      const { runtime } = this.#core;
      const call = toFileCall(file, options, runtime, this.defaultWait);
      const { sender } = this.#core.live("sendFile");
      return sender.sendFrom("sendFile", call.feed, call.wait)
        .finally(() => call.feed.end());
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Sends what can be sent now and gives the count; `undefined` if nothing.
   *
   * @throws {SocketError} as `send`.
   */
  trySend(data: BytesLike): number | undefined {
    const bytes = toBytes(data);
    if (this.#core.isConnecting) return undefined;
    return this.#core.live("trySend").sender.trySend("trySend", bytes);
  }

  /**
   * Ends one or both directions. `SHUT_WR` flushes, sends FIN, and keeps
   * receiving; later sends are `EPIPE`. `SHUT_RD` drops what is and comes in
   * hand: `recv` gives `null`, and the peer's writer does not block.
   *
   * @throws {RangeError} if `how` is none of `SHUT_RD`, `SHUT_WR`, `SHUT_RDWR`.
   * @throws {SocketError} `ENOTCONN`, or what failed to be flushed.
   */
  async shutdown(how: number, options?: WaitOptions): Promise<void> {
    const wait = toWait(options, this.defaultWait);
    checkHow(how);
    wait.signal?.throwIfAborted();
    if (how !== SHUT_RD) await this.#writeGathered(wait);
    await this.#core.live("shutdown").shutdown("shutdown", how, wait);
  }

  /** What is gathered above goes before our FIN. */
  async #writeGathered(wait: Wait): Promise<void> {
    const writing = writeGathered(this);
    if (writing === undefined) return;
    const expired = () => tooLate("shutdown", wait);
    await settleWithin(writing, this.runtime.clock, wait, expired);
  }

  // ---- as a file, as streams, as a loop

  /**
   * A file over the connection: `"r"`, `"w"` or `"rw"`, of strings with an
   * `encoding`, of bytes without. The connection ends when the socket and all
   * its files are closed. A file may be made before the socket is connected:
   * until then its calls are `ENOTCONN`.
   *
   * @throws {TypeError} | {RangeError} if mode or options are wrong.
   * @throws {SocketError} `EBADF` after `close`.
   */
  makeFile(
    mode: FileMode | undefined,
    options: FileOptions & { readonly encoding: "utf-8" },
  ): SocketFile<string>;
  /** A file of bytes. */
  makeFile(mode?: FileMode, options?: FileOptions): SocketFile<Bytes>;
  /** A file of strings or bytes. */
  makeFile(
    mode: FileMode = "r",
    options: FileOptions = {},
  ): SocketFile<string> | SocketFile<Bytes> {
    const core = this.#core;
    if (core.connection?.isUpgrading) throw this.error("EBUSY", "makeFile");
    const io: FileIO = {
      get connected() {
        return core.connection;
      },
      connection: (op) => core.connection ?? core.live(op),
      wait: () => this.defaultWait,
    };
    // Held last: to read the options may have closed the socket.
    return SocketFile.create<string & Bytes>(
      io,
      mode,
      options,
      (file) => core.holdFile("makeFile", file),
    );
  }

  /**
   * The received bytes as a web byte stream, BYOB reads included. Made on
   * first use; reads nothing by itself; waits for a `connect` under way.
   * `cancel()` is `SHUT_RD`. Once it has ended, was cancelled or failed, and
   * `writable` was closed, aborted or failed, the socket closes itself.
   */
  get readable(): ReadableStream<Bytes> {
    return this.#madeStreams.readable;
  }

  /**
   * A web stream that sends. Made on first use; waits for a `connect` under
   * way. `close()` is `SHUT_WR`, `abort()` is `reset()`, or `close()` where the
   * runtime cannot reset; it ends a write that is stuck. The `signal` of a
   * `pipeTo` does not: by the standard it waits for the write under way, which
   * `setTimeout()` bounds. Once both streams are over the socket closes itself.
   */
  get writable(): WritableStream<BytesLike> {
    return this.#madeStreams.writable;
  }

  get #madeStreams(): WebStreams {
    return this.#streams ??= new WebStreams(this, this.#core);
  }

  /** The received bytes, chunk by chunk. Leaving early does not close. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Bytes> {
    return iterate((step) => this.recv().then((chunk) => step(chunk ?? END)));
  }

  // ---- options

  /**
   * Sets an option. What is set before `connect` or `listen` holds from then
   * on; what is set on a listener holds for the connections it accepts. The
   * value is an integer, the bytes of the C structure, or for `SO_LINGER` also
   * `{ on, seconds }`. `SO_LINGER` with 0 seconds makes every close a reset;
   * with more it is the default `lingerMs` of `close()`.
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
    value: OptionValue,
  ): void {
    this.checkOpen("setSockOpt");
    const setting = readSetting(level, name, value);
    this.#core.withOptions(
      "setSockOpt",
      (options) => setOption(options, setting),
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
    const question = readQuestion(level, name, buflen);
    return this.#core.withOptions(
      "getSockOpt",
      (options) => getOption(options, question),
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
   * `EBADF`; but a `sendAll` or `sendFile` under way goes on to its end, and
   * rejects only if that takes longer than `lingerMs`. FIN follows what was
   * accepted, then input is read and dropped until the peer's FIN, so that no
   * RST of the kernel meets our last bytes. Settles when the descriptor is released, or
   * 50 ms after our FIN where the peer keeps its side open: the drain goes on
   * behind it and keeps no process alive. After `lingerMs` (default 2,000) the
   * kernel is left to deliver what it has; bytes that it has not taken end in
   * RST (Deno without `abortive`: in a close). While files are open it settles
   * at once, and their calls go on.
   */
  override close(options?: CloseOptions): Promise<void> {
    const leaving = this.isClosed ? undefined : leaveGathered(this);
    return leaving === undefined
      ? this.#core.close(options)
      : this.#closeAfter(leaving, options);
  }

  async #closeAfter(
    leaving: Promise<void>,
    options: CloseOptions | undefined,
  ): Promise<void> {
    const isInTime = await this.#ends(leaving, options);
    await this.#core.close(isInTime ? options : { lingerMs: 0 });
  }

  /** Whether what never fails ends within the time that a close has. */
  #ends(work: Promise<void>, options?: CloseOptions): Promise<boolean> {
    const wait = waitOf(toLinger(options));
    return settleWithin(work, this.runtime.clock, wait, () => undefined)
      .then(() => true, () => false);
  }

  /**
   * Sends RST and closes: what is unsent and unread is lost.
   *
   * @throws {SocketError} `EOPNOTSUPP` on Deno unless `abortive: true` was
   *   said at `connect()` or `listen()`; `ENOTCONN` without a connection.
   */
  reset(): void {
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

  /**
   * Lets the process end although the socket is open. On Node and Deno a write
   * that the kernel has not taken still holds it, after `close` until `lingerMs`
   * is over: `capabilities().unrefWrites` says so.
   */
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

/** A `recv` with options. */
function receive(receiver: Receiver, call: Receive): Promise<Bytes | null> {
  const { isCounted, maxBytes, flags, wait } = call;
  const isWhole = (flags & MSG_WAITALL) !== 0;
  if ((flags & MSG_PEEK) !== 0) {
    return receiver.peek("recv", maxBytes, isWhole, wait);
  }
  return isWhole
    ? receiver.recvAll("recv", maxBytes, wait)
    : receiver.recv("recv", isCounted ? maxBytes : WHOLE_CHUNKS, wait);
}

/** A `recvInto` with options, which fills `target` at most. */
function receiveInto(
  receiver: Receiver,
  target: Uint8Array,
  { flags, wait }: Receive,
): Promise<number | null> {
  const isPeek = (flags & MSG_PEEK) !== 0;
  const isWhole = (flags & MSG_WAITALL) !== 0;
  return isPeek || isWhole
    ? receiver.recvIntoWith("recvInto", target, { isPeek, isWhole }, wait)
    : receiver.recvInto("recvInto", target, wait);
}

/** What a call for no bytes gives, unless it is aborted already. */
function empty({ signal }: Wait): Promise<Bytes> {
  return signal?.aborted
    ? Promise.reject(signal.reason)
    : Promise.resolve(new Uint8Array(0));
}
