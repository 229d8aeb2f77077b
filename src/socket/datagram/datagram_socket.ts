/**
 * Datagram sockets: UDP, and Unix datagrams where the runtime has them.
 *
 * @module
 */

import type { Endpoint } from "../../address.ts";
import type { AddressFamily } from "../../constants.ts";
import { errno, SO_ERROR, SOCK_DGRAM, SOL_SOCKET } from "../../constants.ts";
import type {
  Address,
  AddressLike,
  Bytes,
  CloseOptions,
  WaitOptions,
} from "../../contracts.ts";
import type { Readiness } from "../../readiness.ts";
import type { RawDatagram } from "../../runtime/seam/datagram.ts";
import type { Runtime } from "../../runtime/seam/runtime.ts";
import { checkCount, toLinger } from "../arguments.ts";
import { toWait } from "../../deadline.ts";
import { reachable, resolveName } from "./addresses.ts";
import { DatagramCore } from "./core.ts";
import { DatagramOptions } from "../options/datagram_options.ts";
import { DatagramSending } from "./sending.ts";
import { wildcard } from "../family.ts";
import type { OptionValue } from "../options/values.ts";
import { toNumberBytes } from "../options/values.ts";

/** How a datagram socket is made. Use `socket(family, SOCK_DGRAM)`. */
export interface DatagramSocketInit {
  /** The address family. */
  readonly family: AddressFamily;
  /** The protocol number. */
  readonly proto: number;
  /** What serves it. */
  readonly runtime: Runtime;
}

/** What a datagram socket has done, in datagrams. */
export interface DatagramStats {
  /** Handed to the program. */
  readonly received: number;
  /** Taken by the kernel. */
  readonly sent: number;
  /**
   * Lost because nobody received them: the socket keeps 4,096 datagrams and
   * 1 MiB, and drops the newest. What the kernel drops it does not tell.
   */
  readonly dropped: number;
}

/**
 * A socket that sends and receives datagrams: each arrives whole or not at
 * all, and nobody says which.
 *
 * @example
 * ```ts
 * import { AF_INET, SOCK_DGRAM, socket } from "@anysock/anysock";
 *
 * await using server = socket(AF_INET, SOCK_DGRAM);
 * await server.bind(["127.0.0.1", 0]);
 * await using client = socket(AF_INET, SOCK_DGRAM);
 * await client.sendTo("ping", server.getSockName());
 * const [data, address] = await server.recvFrom();
 * await server.sendTo(data, address);
 * console.log(await client.recvFrom());
 * ```
 */
export class DatagramSocket extends DatagramSending {
  /** Always `SOCK_DGRAM`. */
  override readonly type: typeof SOCK_DGRAM = SOCK_DGRAM;
  readonly #runtime: Runtime;
  readonly #core: DatagramCore;
  readonly #options: DatagramOptions;
  /** Where it was or is being bound. */
  #binding: Promise<RawDatagram> | undefined;
  #isConnecting = false;

  /** Made by `socket()`. */
  constructor(init: DatagramSocketInit) {
    super(init.family, init.proto);
    this.#runtime = init.runtime;
    this.#core = new DatagramCore(init.runtime);
    this.#options = new DatagramOptions(init.family, init.runtime);
  }

  /** Whether `close` was called. */
  override get isClosed(): boolean {
    return this.#core.isClosed;
  }

  /** Settles when the descriptor is released. Never rejects. */
  override get closed(): Promise<void> {
    return this.#core.released;
  }

  /** What the socket has done so far. */
  get stats(): DatagramStats {
    const { inbox, outbox } = this.#core;
    return {
      received: inbox.received,
      sent: outbox.sent,
      dropped: inbox.dropped,
    };
  }

  /** What `select` and `Selector` ask. */
  get readiness(): Readiness {
    return this.#core;
  }

  // ---- addresses

  /**
   * Claims a local address, at once; port 0 lets the kernel choose. A socket
   * that sends or connects unbound is bound to the wildcard address.
   *
   * @throws {TypeError} | {RangeError} if it is no address.
   * @throws {SocketError} `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`; `EINVAL`
   *   if it is bound; `EOPNOTSUPP` for a Unix path where the runtime has no
   *   Unix datagrams.
   */
  async bind(address: AddressLike): Promise<void> {
    this.checkOpen("bind");
    const endpoint = this.endpoint("bind", address);
    if (this.#binding !== undefined) throw this.error("EINVAL", "bind");
    try {
      await (this.#binding = this.#bindTo(endpoint, undefined));
    } catch (error) {
      this.#binding = undefined;
      throw this.translate(error, "bind", endpoint);
    }
    this.checkOpen("bind");
  }

  async #bindTo(
    endpoint: Endpoint,
    peer: Address | undefined,
  ): Promise<RawDatagram> {
    const { choices, wants } = this.#options;
    const address = "family" in endpoint
      ? endpoint
      : await resolveName(this.#runtime, endpoint, this.family);
    const options = { address, peer, wants, ...choices };
    const raw = await this.#runtime.bindDatagram(options);
    try {
      this.#options.apply(raw);
    } catch (error) {
      raw.close();
      throw error;
    }
    this.#core.open(raw);
    return raw;
  }

  /**
   * What serves it.
   *
   * @internal
   */
  protected override get runtime(): Runtime {
    return this.#runtime;
  }

  /**
   * The socket below this face.
   *
   * @internal
   */
  protected override get core(): DatagramCore {
    return this.#core;
  }

  /**
   * Binds to the wildcard address, if it is not bound.
   *
   * @internal
   */
  protected override bindToAny(): Promise<RawDatagram> {
    return this.#binding ??= this.#bindTo(wildcard(this.family), undefined)
      .catch((error) => {
        this.#binding = undefined;
        throw error;
      });
  }

  /**
   * Fixes the peer: afterwards only its datagrams are seen, `send` goes to it,
   * and a refusal is raised as `ECONNREFUSED` where the runtime tells it
   * (`capabilities().udpConnRefused`). What others have sent before is
   * dropped. Nothing is sent to the peer.
   *
   * @throws {TypeError} | {RangeError} if it is no address.
   * @throws {SocketError} `EOPNOTSUPP` for a second peer where the runtime
   *   cannot change it, `ENETUNREACH`, `EALREADY`.
   * @throws {GaiError} if the name has no address.
   */
  async connect(address: AddressLike, options?: WaitOptions): Promise<void> {
    const wait = toWait(options, this.defaultWait);
    this.checkOpen("connect");
    const endpoint = this.endpoint("connect", address);
    wait.signal?.throwIfAborted();
    if (this.#isConnecting) throw this.error("EALREADY", "connect");
    this.#isConnecting = true;
    try {
      const peer = reachable(await this.resolved(endpoint));
      wait.signal?.throwIfAborted();
      this.checkOpen("connect");
      await this.#connectTo(peer);
      this.checkOpen("connect");
      this.#core.setPeer(peer);
    } catch (error) {
      throw this.translate(error, "connect", endpoint);
    } finally {
      this.#isConnecting = false;
    }
  }

  async #connectTo(peer: Address): Promise<void> {
    if (this.#binding === undefined) {
      const binding = this.#bindTo(wildcard(this.family), peer);
      this.#binding = binding;
      try {
        await binding;
      } catch (error) {
        this.#binding = undefined;
        throw error;
      }
      return;
    }
    const raw = await this.#binding;
    // A datagram with an address cannot leave a connected socket.
    await this.#core.outbox.whenIdle();
    await raw.connect(peer);
  }

  /**
   * The address of this end; the wildcard and port 0 before it is bound.
   *
   * @throws {SocketError} `EBADF` after `close`.
   */
  override getSockName(): Address {
    this.checkOpen("getSockName");
    const { raw } = this.#core;
    return raw === undefined ? wildcard(this.family) : raw.localAddress();
  }

  /**
   * The peer of a connected socket.
   *
   * @throws {SocketError} `ENOTCONN` without one, `EBADF` after `close`.
   */
  getPeerName(): Address {
    this.checkOpen("getPeerName");
    const { peer } = this.#core;
    if (peer === undefined) throw this.error("ENOTCONN", "getPeerName");
    return peer;
  }

  // ---- options

  /**
   * Sets an option. Before the bind it is remembered and reaches the kernel
   * with it; a failure then is the bind's.
   *
   * @param value a number, the C structure's bytes, or
   *   `{ group, interface?, source? }`
   * @throws {TypeError} | {RangeError} if the value does not fit.
   * @throws {SocketError} `ENOPROTOOPT` where the option does not reach the
   *   kernel on this runtime; `EADDRINUSE` for a group joined twice,
   *   `EADDRNOTAVAIL` for one not joined, `ENODEV`…
   *
   * @example
   * ```ts
   * import {
   *   AF_INET,
   *   IP_ADD_MEMBERSHIP,
   *   IPPROTO_IP,
   *   SO_BROADCAST,
   *   SOCK_DGRAM,
   *   socket,
   *   SOL_SOCKET,
   * } from "@anysock/anysock";
   *
   * await using sock = socket(AF_INET, SOCK_DGRAM);
   * sock.setSockOpt(SOL_SOCKET, SO_BROADCAST, 1);
   * sock.setSockOpt(IPPROTO_IP, IP_ADD_MEMBERSHIP, {
   *   group: "239.1.2.3",
   *   interface: "127.0.0.1",
   * });
   * await sock.bind(["", 0]);
   * ```
   */
  setSockOpt(level: number, name: number, value: OptionValue): void {
    this.checkOpen("setSockOpt");
    try {
      this.#options.set(this.#core.raw, [level, name], value);
    } catch (error) {
      throw this.translate(error, "setSockOpt", undefined);
    }
  }

  /**
   * What an option is set to: a number, or with `buflen` its bytes, at most so
   * many. `SO_ERROR` gives the errno of a failure not raised yet, and clears it.
   *
   * @throws {SocketError} `ENOPROTOOPT` if the runtime does not tell it.
   */
  getSockOpt(level: number, name: number): number;
  /** What an option is set to, as bytes. */
  getSockOpt(level: number, name: number, buflen: number): Bytes;
  getSockOpt(level: number, name: number, buflen?: number): number | Bytes {
    this.checkOpen("getSockOpt");
    const value = this.#valueOf(level, name);
    if (buflen === undefined) return value;
    return toNumberBytes(value).slice(0, checkCount(buflen, "buflen"));
  }

  #valueOf(level: number, name: number): number {
    if (level === SOL_SOCKET && name === SO_ERROR) {
      const { inbox, outbox } = this.#core;
      const fault = outbox.takeFault() ?? inbox.takeFault();
      return fault === undefined ? 0 : errno[fault.code] ?? 0;
    }
    try {
      return this.#options.get(this.#core.raw, level, name);
    } catch (error) {
      throw this.translate(error, "getSockOpt", undefined);
    }
  }

  // ---- ending

  /**
   * Closes; may be called again; never rejects. Pending calls reject with
   * `EBADF`, datagrams not received are dropped. What `trySendTo` accepted, and
   * what the runtime already has, may take `lingerMs` (2,000 unless told) to
   * leave. Settles when the descriptor is released.
   */
  override async close(options?: CloseOptions): Promise<void> {
    const lingerMs = toLinger(options);
    const { closed } = this;
    void this.#core.close(lingerMs);
    // A bind that is under way still brings a descriptor.
    await this.#binding?.catch(() => {});
    this.#core.neverBound();
    await closed;
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
    if (this.isClosed) return this.describe(undefined, undefined, "closed");
    const { raw, peer } = this.#core;
    const state = raw === undefined ? "unbound" : "open";
    return this.describe(this.getSockName(), peer, state);
  }
}
