/**
 * The socket of the WinterTC draft.
 *
 * @module
 */

import { formatAddress } from "../address.ts";
import type { Address, Bytes, BytesLike } from "../contracts.ts";
import { checkOptions } from "../deadline.ts";
import { socketError } from "../errors.ts";
import type { StreamSocket } from "../socket/stream/stream_socket.ts";
import { type StreamEnd, WebStreams } from "../socket/stream/web_streams.ts";
import type { TlsClientOptions } from "../tls_contracts.ts";
import type {
  SecureTransport,
  SocketInfo,
  StartTlsOptions,
} from "./contracts.ts";

/** How a socket of the draft is made. */
export interface WinterTCInit {
  readonly secureTransport: SecureTransport;
  readonly allowHalfOpen: boolean;
  /** What `startTls` says where its own options are silent. */
  readonly tls: TlsClientOptions;
  /** Gives the connection. */
  readonly open: (signal: AbortSignal) => Promise<StreamSocket>;
}

/**
 * A connection as the WinterTC sockets draft has it: two web streams, and
 * promises for its beginning and its end. Made by `connect()` and
 * `toWinterTC()`.
 */
export class WinterTCSocket implements AsyncDisposable {
  /** What comes in, as a byte stream. */
  readonly readable: ReadableStream<Bytes>;
  /** What goes out; what is written before `opened` waits. */
  readonly writable: WritableStream<BytesLike>;
  /** Settles when the connection is there; rejects if it never is. */
  readonly opened: Promise<SocketInfo>;
  /** Settles when it is over; rejects with what it failed by. */
  readonly closed: Promise<void>;
  /** Whether TLS is spoken: not, from the beginning, or when asked for. */
  readonly secureTransport: SecureTransport;
  readonly #init: WinterTCInit;
  readonly #abort = new AbortController();
  #connecting: Promise<void> | undefined;
  #sock: StreamSocket | undefined;
  #isClosed = false;
  #isUpgraded = false;
  /** What the connection died of. */
  #failure: unknown;
  #onUpgraded: () => void = ignore;

  private constructor(init: WinterTCInit) {
    this.#init = init;
    this.secureTransport = init.secureTransport;
    const streams = new WebStreams(this.#end(), this.#state());
    this.readable = streams.readable;
    this.writable = streams.writable;
    const opening = this.#open();
    this.#connecting = opening.then(ignore).finally(() =>
      this.#connecting = undefined
    );
    this.opened = opening.then(infoOf);
    this.closed = this.#whenClosed(opening);
    // Nobody has to look at all of them.
    for (const each of [this.#connecting, this.opened, this.closed]) {
      each.catch(ignore);
    }
  }

  /**
   * For `connect()` and `toWinterTC()`.
   *
   * @internal
   */
  static create(init: WinterTCInit): WinterTCSocket {
    return new WinterTCSocket(init);
  }

  /** Whether `startTls` was called, so that another socket has taken over. */
  get upgraded(): boolean {
    return this.#isUpgraded;
  }

  /**
   * Ends the connection: what was written is sent first, what was not read is
   * dropped. A connect under way is called off. Settles as `closed` does.
   */
  close(): Promise<void> {
    if (!this.#isUpgraded) void this.#close();
    return this.closed;
  }

  async #close(): Promise<void> {
    this.#isClosed = true;
    const reason = socketError("EBADF", { op: "connect" });
    if (this.#connecting !== undefined) this.#abort.abort(reason);
    await this.#sock?.close();
  }

  /** Closes, so that `await using` works. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close().catch(ignore);
  }

  /**
   * Goes on over TLS, as another socket, whose `opened` tells how it went.
   * The streams of this one must not be in use any more.
   *
   * @throws {TypeError} unless `secureTransport` is `"starttls"`, and no TLS
   *   was begun.
   */
  startTls(options: StartTlsOptions = {}): WinterTCSocket {
    checkOptions(options, ["expectedServerHostname", "tls"]);
    if (this.secureTransport !== "starttls") {
      throw new TypeError('secureTransport is not "starttls"');
    }
    if (this.#isUpgraded) throw new TypeError("TLS has begun already");
    this.#isUpgraded = true;
    const { expectedServerHostname: serverName, tls } = options;
    const settings = {
      ...this.#init.tls,
      ...serverName !== undefined && { serverName },
      ...tls,
    };
    const opening = this.#connecting ?? Promise.resolve();
    return WinterTCSocket.create({
      ...this.#init,
      secureTransport: "on",
      open: async (signal) => {
        await opening;
        const sock = this.#live();
        this.#onUpgraded();
        await sock.startTls(settings, { signal });
        return sock;
      },
    });
  }

  // ---- the connection

  async #open(): Promise<StreamSocket> {
    try {
      const sock = await this.#init.open(this.#abort.signal);
      if (this.#isClosed) await sock.close();
      return this.#sock = sock;
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  async #whenClosed(opening: Promise<StreamSocket>): Promise<void> {
    const sock = await opening;
    const upgraded = new Promise<void>((resolve) => this.#onUpgraded = resolve);
    await Promise.race([sock.closed, upgraded]);
    if (this.#failure !== undefined) throw this.#failure;
  }

  #live(): StreamSocket {
    if (this.#sock !== undefined) return this.#sock;
    throw socketError("EBADF", { op: "startTls" });
  }

  /** The connection below, if it is still ours. */
  #used(op: string): StreamSocket {
    if (!this.#isUpgraded && this.#sock !== undefined) return this.#sock;
    if (this.#failure !== undefined) throw this.#failure;
    const reason = this.#isUpgraded ? "another socket speaks TLS" : undefined;
    throw socketError("EBADF", { op, reason });
  }

  // ---- below the streams

  #end(): StreamEnd {
    const isClosed = () =>
      this.#isClosed || this.#isUpgraded || this.#sock?.isClosed === true;
    return {
      get isClosed() {
        return isClosed();
      },
      recv: () => this.#received(() => this.#used("recv").recv()),
      recvInto: (buffer) =>
        this.#received(() => this.#used("recvInto").recvInto(buffer)),
      sendAll: (data) => this.#noted(() => this.#used("sendAll").sendAll(data)),
      shutdown: (how) =>
        this.#noted(() => this.#used("shutdown").shutdown(how)),
      // Nothing to close where there never was a connection.
      close: async (options) => await this.#sock?.close(options),
      reset: () => this.#used("reset").reset(),
    };
  }

  #state(): { connecting: Promise<void> | undefined; isDead: boolean } {
    const connecting = () => this.#connecting;
    const isDead = () => this.#failure !== undefined;
    return {
      get connecting() {
        return connecting();
      },
      get isDead() {
        return isDead();
      },
    };
  }

  /** The peer's end ends our side, too, unless half-open is allowed. */
  async #received<T>(receive: () => Promise<T | null>): Promise<T | null> {
    try {
      const given = await this.#noted(receive);
      if (given === null && !this.#init.allowHalfOpen) void this.#close();
      return given;
    } catch (error) {
      // Our own close is an end.
      if (this.#isClosed) return null;
      throw error;
    }
  }

  /** Takes note of what the connection died of. */
  async #noted<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      if (!this.#isClosed && !this.#isUpgraded) this.#failure ??= error;
      throw error;
    }
  }
}

function infoOf(sock: StreamSocket): SocketInfo {
  return {
    remoteAddress: textOf(() => sock.getPeerName()),
    localAddress: textOf(() => sock.getSockName()),
    alpn: sock.tls?.alpnProtocol ?? null,
  };
}

function textOf(name: () => Address): string | null {
  try {
    return formatAddress(name());
  } catch {
    return null; // gone already, or without a name
  }
}

function ignore(): void {}
