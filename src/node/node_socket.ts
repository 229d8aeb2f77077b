/**
 * A socket of ours in the shape of `net.Socket`.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import { nextTick } from "node:process";
import { Duplex } from "node:stream";
import { clearTimeout, setTimeout } from "node:timers";
import type { Address } from "../contracts.ts";
import { errno } from "../constants.ts";
import type { StreamSocket } from "../socket/stream/stream_socket.ts";
import { afterTurn } from "../turn.ts";
import {
  checkCallback,
  checkConnect,
  checkDelay,
  checkSocketOptions,
  type Connect,
  toConnectCall,
} from "./arguments.ts";
import type {
  ConnectListener,
  NodeAddress,
  NodeConnectOptions,
  NodeSocketOptions,
} from "./contracts.ts";
import { dial } from "./dialing.ts";
import { Link } from "./link.ts";
import {
  codedError,
  connectError,
  ioError,
  stateError,
} from "./node_errors.ts";

/** What a write or a last flush of a stream calls when it is done. */
type Done = (error?: Error | null) => void;

/** The members of a Duplex that its types leave out. */
interface Reusable {
  /** Makes a destroyed stream anew. */
  _undestroy(): void;
}

/** A connect under way. */
interface Attempt {
  readonly abort: AbortController;
  /** Settles when nothing of it is left; never rejects. */
  over: Promise<void>;
}

/**
 * A stream socket in the shape of `net.Socket`, for libraries that know only
 * that: a Duplex with its members, its events in its order, and errors with
 * Node's `code`, `errno` and `syscall`. Made unconnected, and connected by
 * `connect()`; of a socket that is connected, `toNodeSocket()` makes one.
 *
 * `docs/adapters.md` lists what differs from `net.Socket`.
 *
 * @example
 * ```ts
 * import { listen } from "@anysock/anysock";
 * import { NodeSocket } from "@anysock/anysock/node";
 *
 * await using server = await listen("127.0.0.1:0");
 * const { port } = server.getSockName() as { port: number };
 * const socket = new NodeSocket();
 * socket.on("error", (error) => console.log(error));
 * socket.connect(port, "127.0.0.1", () => socket.end("hello"));
 * const [peer] = await server.accept();
 * console.log(await peer.recv());
 * await peer.close();
 * ```
 */
export class NodeSocket extends Duplex {
  /**
   * Milliseconds of silence until `timeout`, as `setTimeout` was told;
   * `undefined` before.
   */
  timeout: number | undefined;
  #link: Link | undefined;
  #attempt: Attempt | undefined;
  /** What was asked for before there was a connection. */
  #noDelay: boolean;
  #keepAlive: boolean;
  #keepAliveMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Bytes that the link had taken when the timer fired last. */
  #sentAtTimeout = -1;
  /** RST instead of a close. */
  #isReset = false;
  /** Bytes of the connection before, once it is closed. */
  #bytesRead = 0;
  #bytesWritten = 0;
  #peerName: Address | undefined;
  #ownName: Address | undefined;

  /**
   * An unconnected socket.
   *
   * @throws {TypeError} with Node's `code`, also for an option of `net.Socket`
   *   that cannot be honoured: `fd`, `handle`, `onread`, `blockList`,
   *   `typeOfService`, object modes.
   */
  constructor(given?: NodeSocketOptions | null) {
    const options = given ?? {};
    checkSocketOptions(options as Readonly<Record<string, unknown>>);
    super({
      ...options,
      allowHalfOpen: Boolean(options.allowHalfOpen),
      // `close` is ours to tell: when the descriptor is released.
      emitClose: false,
      autoDestroy: true,
    });
    this.#noDelay = options.noDelay ?? true;
    this.#keepAlive = Boolean(options.keepAlive);
    this.#keepAliveMs = Math.max(options.keepAliveInitialDelay ?? 0, 0);
    this.on("end", this.#onEnd);
  }

  /**
   * Over a socket that is connected; for `toNodeSocket`.
   *
   * @internal
   */
  static over(sock: StreamSocket, options: NodeSocketOptions): NodeSocket {
    const socket = new NodeSocket(options);
    socket.#take(sock);
    if (options.noDelay !== undefined) socket.setNoDelay(options.noDelay);
    if (options.keepAlive) {
      socket.setKeepAlive(true, options.keepAliveInitialDelay);
    }
    socket.read(0);
    return socket;
  }

  // ---- connecting

  /** Whether a connect is under way. */
  get connecting(): boolean {
    return this.#attempt !== undefined;
  }

  /** Whether there is no connection: not yet, or no more. */
  get pending(): boolean {
    return this.#link === undefined;
  }

  /** `"opening"`, `"open"`, `"readOnly"`, `"writeOnly"` or `"closed"`. */
  get readyState(): "opening" | "open" | "readOnly" | "writeOnly" | "closed" {
    if (this.connecting) return "opening";
    if (this.readable) return this.writable ? "open" : "readOnly";
    return this.writable ? "writeOnly" : "closed";
  }

  /** Whether TLS is spoken below. */
  get encrypted(): boolean {
    return this.#link?.sock.tls !== undefined;
  }

  /**
   * The protocol that TLS below has agreed on; `false` if none, and `undefined`
   * without TLS: by the difference `http2` tells who speaks what.
   */
  get alpnProtocol(): string | false | undefined {
    const tls = this.#link?.sock.tls;
    return tls && (tls.alpnProtocol ?? false);
  }

  /**
   * Connects, also once more after `close`. A failure is told by `error`, then
   * `close`; success by `connect`, then `ready`.
   *
   * @throws {TypeError} | {RangeError} with Node's `code`, for what is no
   *   address.
   */
  connect(options: NodeConnectOptions, listener?: ConnectListener): this;
  /** Connects to a port of a host. */
  connect(port: number, host: string, listener?: ConnectListener): this;
  /** Connects to a port of this machine. */
  connect(port: number, listener?: ConnectListener): this;
  /** Connects to a Unix-domain socket. */
  connect(path: string, listener?: ConnectListener): this;
  /** Connects. */
  connect(...args: readonly unknown[]): this {
    const { options, listener } = toConnectCall(args);
    if (listener !== undefined) this.once("connect", listener);
    const call = checkConnect(options);
    const busy = this.#busyCode;
    if (busy !== undefined) {
      const error = stateError(busy, errno[busy] ?? 0, call.target);
      nextTick(() => this.destroy(error));
      return this;
    }
    if (this.destroyed) this.#reuse();
    this.#refresh();
    this.#dial(call);
    return this;
  }

  get #busyCode(): "EALREADY" | "EISCONN" | undefined {
    if (this.destroyed) return undefined;
    if (this.connecting) return "EALREADY";
    return this.#link === undefined ? undefined : "EISCONN";
  }

  #reuse(): void {
    (this as unknown as Reusable)._undestroy();
    // The one that was put there at the end of the connection before.
    this.write = NodeSocket.prototype.write;
    this.#bytesRead = this.#bytesWritten = 0;
    this.#peerName = this.#ownName = undefined;
  }

  #dial(call: Connect): void {
    const abort = new AbortController();
    const attempt: Attempt = { abort, over: Promise.resolve() };
    this.#attempt = attempt;
    attempt.over = dial(call, abort.signal).then(
      (sock) => this.#dialed(attempt, sock),
      (error) => {
        const told = connectError(error, call.target);
        // What a listener throws is no failure of the connect.
        if (this.#attempt === attempt) {
          nextTick(() => this.#refused(attempt, told));
        }
      },
    );
  }

  #dialed(attempt: Attempt, sock: StreamSocket): Promise<void> | void {
    if (this.#attempt !== attempt) return sock.close({ lingerMs: 0 });
    nextTick(() => {
      if (this.#attempt === attempt) this.#connected(sock);
      else void sock.close({ lingerMs: 0 });
    });
  }

  #refused(attempt: Attempt, error: Error): void {
    if (this.#attempt === attempt) this.destroy(error);
  }

  #connected(sock: StreamSocket): void {
    this.#attempt = undefined;
    this.#take(sock);
    this.#refresh();
    if (!this.#noDelay) this.#link?.setNoDelay(false);
    if (this.#keepAlive) this.#link?.setKeepAlive(true, this.#keepAliveMs);
    this.emit("connect");
    this.emit("ready");
    // Begins to read, or meets the end; takes nothing.
    if (!this.isPaused()) this.read(0);
  }

  #take(sock: StreamSocket): void {
    this.#link = new Link(sock, {
      received: (chunk) => this.#received(chunk),
      ended: () => this.#ended(),
      failed: (error) => this.destroy(ioError(error, "read")),
      wrote: () => this.#refresh(),
      // Whoever has destroyed it knows.
      writeFailed: (error) => this.destroyed ? null : ioError(error, "write"),
    });
  }

  // ---- receiving

  /** For the stream: begins to read. */
  override _read(): void {
    if (this.#link !== undefined) this.#link.read();
    else this.once("connect", () => this._read());
  }

  #received(chunk: Buffer): boolean {
    this.#refresh();
    return !this.destroyed && this.push(chunk);
  }

  #ended(): void {
    this.#refresh();
    this.push(null);
    this.read(0);
  }

  /** The peer's end was read; where that ends our side, too, a write fails. */
  readonly #onEnd = (): void => {
    if (!this.allowHalfOpen) this.write = this.#writeAfterEnd;
  };

  // ---- sending

  /** For the stream: writes one piece. */
  override _write(
    chunk: Uint8Array,
    _encoding: string,
    callback: (error?: Error | null) => void,
  ): void {
    this.#send(chunk, chunk.length, callback);
  }

  /** For the stream: writes what has gathered meanwhile, or was corked. */
  override _writev(
    chunks: readonly { readonly chunk: Uint8Array }[],
    callback: (error?: Error | null) => void,
  ): void {
    const pieces: Uint8Array[] = [];
    let size = 0;
    for (const { chunk } of chunks) {
      pieces.push(chunk);
      size += chunk.length;
    }
    this.#send(pieces, size, callback);
  }

  #send(
    data: Uint8Array | readonly Uint8Array[],
    size: number,
    done: Done,
  ): void {
    const link = this.#link;
    if (link !== undefined) {
      this.#refresh();
      return link.write(data, size, done);
    }
    if (!this.connecting) return done(closedError());
    this.#whenConnected(() => this.#send(data, size, done), done);
  }

  #whenConnected(act: () => void, done: Done): void {
    const onConnect = () => {
      this.off("close", onClose);
      act();
    };
    const onClose = () => {
      this.off("connect", onConnect);
      done(codedError(
        "Error",
        "ERR_SOCKET_CLOSED_BEFORE_CONNECTION",
        "Socket closed before the connection was established",
      ));
    };
    this.once("connect", onConnect);
    this.once("close", onClose);
  }

  /** For the stream: sends FIN. */
  override _final(callback: (error?: Error | null) => void): void {
    if (this.connecting) this.once("connect", () => this._final(callback));
    else if (this.#link === undefined) callback();
    else this.#link.shutdown(callback);
  }

  /** "Write after end" would blame the program: it was the peer who ended. */
  readonly #writeAfterEnd = (
    chunk: unknown,
    encoding?: unknown,
    callback?: unknown,
  ): boolean => {
    const done = typeof encoding === "function" ? encoding : callback;
    if (!this.writableEnded) {
      const { write } = NodeSocket.prototype;
      return write.call(this, chunk, encoding as BufferEncoding, done as Done);
    }
    const message = "This socket has been ended by the other party";
    const error = codedError("Error", "EPIPE", message);
    if (typeof done === "function") nextTick(() => (done as Done)(error));
    this.destroy(error);
    return false;
  };

  // ---- ending

  /** Ends our side once all is written, then destroys. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once("finish", () => this.destroy());
  }

  /**
   * Sends RST and destroys. Where there is none (on Deno, unless `abortive` was
   * said) it destroys with `EOPNOTSUPP`.
   *
   * @throws {TypeError} `ERR_INVALID_HANDLE_TYPE` for a Unix-domain socket.
   */
  resetAndDestroy(): this {
    if (this.connecting) this.once("connect", () => this.resetAndDestroy());
    else if (this.#link === undefined) this.destroy(closedError());
    else this.#resetNow(this.#link);
    return this;
  }

  #resetNow(link: Link): void {
    if (link.peerAddress?.family === "unix") {
      const message = "This handle type cannot be sent";
      throw codedError("TypeError", "ERR_INVALID_HANDLE_TYPE", message);
    }
    this.#isReset = true;
    this.destroy();
  }

  /** For the stream: lets go of the connection. */
  override _destroy(
    error: Error | null,
    callback: (error?: Error | null) => void,
  ): void {
    clearTimeout(this.#timer);
    const [link, attempt] = [this.#link, this.#attempt];
    this.#link = this.#attempt = undefined;
    const onClosed = () => void this.emit("close", error !== null);
    if (attempt !== undefined) {
      attempt.abort.abort();
      void attempt.over.then(() => afterTurn(onClosed));
    } else if (link === undefined) {
      callback(error);
      return nextTick(() => void this.emit("close"));
    } else {
      return callback(this.#letGo(link, onClosed) ?? error);
    }
    callback(error);
  }

  /** Gives what a reset failed with. */
  #letGo(link: Link, onClosed: () => void): Error | undefined {
    this.#bytesRead = link.sock.bytesReceived;
    this.#bytesWritten = link.bytesWritten;
    this.#ownName = undefined;
    const isReset = this.#isReset;
    this.#isReset = false;
    if (!isReset) return void link.close(onClosed);
    try {
      return void link.reset(onClosed);
    } catch (error) {
      link.close(onClosed);
      return ioError(error, "reset");
    }
  }

  // ---- time

  /**
   * After so many milliseconds without a byte in either direction `timeout` is
   * emitted, and nothing else happens; 0 takes it back.
   *
   * @throws {TypeError} | {RangeError} with Node's `code`
   */
  setTimeout(timeoutMs: number, listener?: () => void): this {
    if (this.destroyed) return this;
    this.timeout = timeoutMs;
    const delayMs = checkDelay("msecs", timeoutMs);
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (delayMs > 0) {
      this.#timer = setTimeout(() => this.#timedOut(), delayMs).unref();
    }
    if (listener === undefined) return this;
    checkCallback(listener);
    if (delayMs > 0) this.once("timeout", listener);
    else this.off("timeout", listener);
    return this;
  }

  /** A write that goes on, be it slowly, is no silence. */
  #timedOut(): void {
    const link = this.#link;
    const isMoving = link !== undefined && link.unsettled > 0 &&
      link.sock.bytesSent !== this.#sentAtTimeout;
    this.#sentAtTimeout = link?.sock.bytesSent ?? -1;
    if (isMoving) this.#refresh();
    else this.emit("timeout");
  }

  #refresh(): void {
    this.#timer?.refresh();
  }

  // ---- options of the connection

  /** `TCP_NODELAY`; before `connect` it is kept until then. Never throws. */
  setNoDelay(enable?: boolean): this {
    this.#noDelay = enable === undefined ? true : Boolean(enable);
    this.#link?.setNoDelay(this.#noDelay);
    return this;
  }

  /**
   * `SO_KEEPALIVE`, and the milliseconds until the first probe where the
   * runtime lets us set them; before `connect` it is kept until then. Never
   * throws.
   */
  setKeepAlive(enable?: boolean, initialDelayMs?: number): this {
    this.#keepAlive = Boolean(enable);
    this.#keepAliveMs = Number(initialDelayMs) || 0;
    this.#link?.setKeepAlive(this.#keepAlive, this.#keepAliveMs);
    return this;
  }

  /** Lets the open socket keep the process alive. */
  ref(): this {
    if (this.#link === undefined) this.once("connect", () => this.ref());
    else this.#link.sock.ref();
    return this;
  }

  /** Lets the process end although the socket is open. */
  unref(): this {
    if (this.#link === undefined) this.once("connect", () => this.unref());
    else this.#link.sock.unref();
    return this;
  }

  // ---- what is known of it

  /** Bytes received from the connection. */
  get bytesRead(): number {
    return this.#link?.sock.bytesReceived ?? this.#bytesRead;
  }

  /** Bytes written to the stream, be they sent or not. */
  get bytesWritten(): number {
    const { bytesWritten, unsettled } = this.#link ??
      { bytesWritten: this.#bytesWritten, unsettled: 0 };
    return bytesWritten - unsettled + this.writableLength;
  }

  /** Bytes that wait to be written; `undefined` without a connection. */
  get bufferSize(): number | undefined {
    return this.#link === undefined ? undefined : this.writableLength;
  }

  /** The address of this end, as `net.Socket.address()` gives it. */
  address(): NodeAddress {
    return nodeAddress(this.#localAddress);
  }

  /** The IP address of this end. */
  get localAddress(): string | undefined {
    return nodeAddress(this.#localAddress).address;
  }

  /** The port of this end. */
  get localPort(): number | undefined {
    return nodeAddress(this.#localAddress).port;
  }

  /** `"IPv4"` or `"IPv6"`. */
  get localFamily(): string | undefined {
    return nodeAddress(this.#localAddress).family;
  }

  /** The IP address of the peer; also after `close`, if it was asked before. */
  get remoteAddress(): string | undefined {
    return nodeAddress(this.#remoteAddress).address;
  }

  /** The port of the peer. */
  get remotePort(): number | undefined {
    return nodeAddress(this.#remoteAddress).port;
  }

  /** `"IPv4"` or `"IPv6"`. */
  get remoteFamily(): string | undefined {
    return nodeAddress(this.#remoteAddress).family;
  }

  get #localAddress(): Address | undefined {
    return this.#ownName ??= this.#link?.localAddress;
  }

  get #remoteAddress(): Address | undefined {
    return this.#peerName ??= this.#link?.peerAddress;
  }
}

function closedError(): Error {
  return codedError("Error", "ERR_SOCKET_CLOSED", "Socket is closed");
}

/** An address in Node's words, which has none for a path. */
function nodeAddress(address: Address | undefined): NodeAddress {
  if (address === undefined || address.family === "unix") return {};
  const { hostname, port, scopeId } = address;
  return {
    address: scopeId === undefined ? hostname : `${hostname}%${scopeId}`,
    family: address.family === "ipv4" ? "IPv4" : "IPv6",
    port,
  };
}
