/**
 * Datagram sockets: UDP, and Unix datagrams where the runtime has them.
 *
 * @module
 */

import type { Endpoint } from "../address.ts";
import { show, toEndpoint } from "../address.ts";
import type { AddressFamily } from "../constants.ts";
import {
  MSG_DONTWAIT,
  MSG_PEEK,
  MSG_TRUNC,
  SO_ERROR,
  SOCK_DGRAM,
  SOL_SOCKET,
} from "../constants.ts";
import type {
  Address,
  AddressLike,
  Bytes,
  BytesLike,
  CloseOptions,
  HostAndPort,
  InetAddress,
  ReceiveOptions,
  SendOptions,
  WaitOptions,
} from "../contracts.ts";
import { slice } from "../bytes.ts";
import { errorNumber } from "../runtime/platform.ts";
import type { Readiness } from "../readiness.ts";
import type { RawDatagram } from "../runtime/datagram.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { Fault } from "../runtime/runtime.ts";
import {
  checkCount,
  DEFAULT_MAX_BYTES,
  type Receive,
  toBuffer,
  toBytes,
  toLinger,
  toReceive,
  toSend,
  toWait,
} from "./arguments.ts";
import {
  demandFits,
  familyName,
  reachable,
  resolveName,
  wildcard,
} from "./datagram_addresses.ts";
import { DatagramCore } from "./datagram_core.ts";
import type { Datagram } from "./datagram_inbox.ts";
import { datagramsOf } from "./datagram_iterator.ts";
import { DatagramOptions } from "./datagram_options.ts";
import type { Target } from "./datagram_outbox.ts";
import type { OptionValue } from "./option_values.ts";
import { toNumberBytes } from "./option_values.ts";
import { Socket } from "./socket.ts";

/** How a datagram socket is made. Use `socket(family, SOCK_DGRAM)`. */
export interface DatagramSocketInit {
  /** The address family. */
  readonly family: AddressFamily;
  /** The protocol number. */
  readonly proto: number;
  /** What serves it. */
  readonly runtime: Runtime;
}

/** A received datagram and what is known of it. */
export interface ReceivedMessage {
  /** The payload, cut to what was asked for. */
  readonly data: Bytes;
  /** Who sent it. */
  readonly address: Address;
  /** Whether it was longer. The rest is lost, as in C. */
  readonly truncated: boolean;
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

/** A datagram for `sendMany`; without an address it goes to the peer. */
export type Parcel = readonly [data: BytesLike, address?: AddressLike];

const KNOWN_RECEIVE_FLAGS = MSG_PEEK | MSG_DONTWAIT | MSG_TRUNC;

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
export class DatagramSocket extends Socket {
  /** Always `SOCK_DGRAM`. */
  override readonly type: typeof SOCK_DGRAM = SOCK_DGRAM;
  readonly #runtime: Runtime;
  readonly #core: DatagramCore;
  readonly #options: DatagramOptions;
  /** Where it was or is being bound. */
  #binding: Promise<RawDatagram> | undefined;
  #isConnecting = false;
  /** The last address that was read and found right. */
  #known: InetAddress | HostAndPort | undefined;

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
    this.#checkOpen("bind");
    const endpoint = this.#endpoint("bind", address);
    if (this.#binding !== undefined) throw this.error("EINVAL", "bind");
    try {
      await (this.#binding = this.#bindTo(endpoint, undefined));
    } catch (error) {
      this.#binding = undefined;
      throw this.#translate(error, "bind", endpoint);
    }
    this.#checkOpen("bind");
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

  /** The bound socket; binds to the wildcard address if there is none. */
  #bound(): Promise<RawDatagram> {
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
    this.#checkOpen("connect");
    const endpoint = this.#endpoint("connect", address);
    wait.signal?.throwIfAborted();
    if (this.#isConnecting) throw this.error("EALREADY", "connect");
    this.#isConnecting = true;
    try {
      const peer = reachable(await this.#resolved(endpoint));
      wait.signal?.throwIfAborted();
      this.#checkOpen("connect");
      await this.#connectTo(peer);
      this.#checkOpen("connect");
      this.#core.setPeer(peer);
    } catch (error) {
      throw this.#translate(error, "connect", endpoint);
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
    this.#checkOpen("getSockName");
    const { raw } = this.#core;
    return raw === undefined ? wildcard(this.family) : raw.localAddress();
  }

  /**
   * The peer of a connected socket.
   *
   * @throws {SocketError} `ENOTCONN` without one, `EBADF` after `close`.
   */
  getPeerName(): Address {
    this.#checkOpen("getPeerName");
    const { peer } = this.#core;
    if (peer === undefined) throw this.error("ENOTCONN", "getPeerName");
    return peer;
  }

  // ---- receiving

  /**
   * Waits for a datagram: its bytes, at most `maxBytes` (65,536 unless told)
   * of them, and who sent it. The rest of a longer one is lost; `recvMsg`
   * tells. An empty datagram is an empty array. An abort or timeout loses
   * nothing.
   *
   * @param maxBytes how many bytes at most, or options
   * @param flags `MSG_PEEK` leaves the datagram, `MSG_DONTWAIT` does not wait
   * @throws {SocketError} `EBUSY`, `EBADF`, `EAGAIN`, `ETIMEDOUT`; on a
   *   connected socket `ECONNREFUSED` and its like, once for each.
   */
  recvFrom(
    maxBytes?: number | ReceiveOptions,
    flags?: number | ReceiveOptions,
  ): Promise<[Bytes, Address]> {
    return this.#receive(
      "recvFrom",
      [maxBytes, flags],
      ({ data, from }, call) => [cut(data, call), from],
    );
  }

  /**
   * Like `recvFrom`, into memory of the caller: how many bytes were stored,
   * and who sent them. With `MSG_TRUNC` the count is the datagram's own length.
   *
   * @throws {SocketError} as `recvFrom`.
   */
  recvFromInto(
    buffer: ArrayBufferView | ArrayBuffer,
    maxBytes?: number | ReceiveOptions,
    flags?: number | ReceiveOptions,
  ): Promise<[number, Address]> {
    return this.#receive(
      "recvFromInto",
      [maxBytes, flags],
      ({ data, from }, { flags, maxBytes }) => {
        const into = toBuffer(buffer);
        const count = Math.min(data.length, into.length, maxBytes);
        into.set(slice(data, 0, count));
        return [(flags & MSG_TRUNC) !== 0 ? data.length : count, from];
      },
    );
  }

  /**
   * Like `recvFrom`, and tells whether the datagram was cut.
   *
   * @throws {SocketError} as `recvFrom`.
   */
  recvMsg(
    maxBytes?: number | ReceiveOptions,
    flags?: number | ReceiveOptions,
  ): Promise<ReceivedMessage> {
    return this.#receive("recvMsg", [maxBytes, flags], (datagram, call) => ({
      data: cut(datagram.data, call),
      address: datagram.from,
      truncated: datagram.isTruncated || datagram.data.length > call.maxBytes,
    }));
  }

  /**
   * Like `recvFrom`, without the address, which a connected socket knows.
   *
   * @throws {SocketError} as `recvFrom`.
   */
  recv(
    maxBytes?: number | ReceiveOptions,
    flags?: number | ReceiveOptions,
  ): Promise<Bytes> {
    return this.#receive(
      "recv",
      [maxBytes, flags],
      ({ data }, call) => cut(data, call),
    );
  }

  /**
   * A datagram that is in hand, or `undefined`. Where the runtime has to be
   * asked, this asks: the next turn of the event loop may bring one.
   *
   * @throws {SocketError} `EBUSY`, `EBADF`, `ECONNREFUSED` and its like.
   */
  tryRecvFrom(
    maxBytes: number = DEFAULT_MAX_BYTES,
  ): [Bytes, Address] | undefined {
    this.#checkOpen("tryRecvFrom");
    const call = { maxBytes: checkCount(maxBytes, "maxBytes"), flags: 0 };
    return this.#core.inbox.tryReceive(
      "tryRecvFrom",
      ({ data, from }) => [cut(data, call), from],
    );
  }

  #receive<T>(
    op: string,
    given: readonly (number | ReceiveOptions | undefined)[],
    take: (datagram: Datagram, call: Cut) => T,
  ): Promise<T> {
    try {
      this.#checkOpen(op);
      const [first, second] = given;
      const call = first === undefined && second === undefined
        ? { ...EVERYTHING, wait: this.defaultWait }
        : this.#receiveOf(op, first, second);
      const isPeek = (call.flags & MSG_PEEK) !== 0;
      return this.#core.inbox.receive(
        op,
        (datagram) => take(datagram, call),
        isPeek,
        call.wait,
      );
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #receiveOf(
    op: string,
    first: number | ReceiveOptions | undefined,
    second: number | ReceiveOptions | undefined,
  ): Receive {
    const call = toReceive(first, second, this.defaultWait);
    if ((call.flags & ~KNOWN_RECEIVE_FLAGS) !== 0) {
      throw this.error("EOPNOTSUPP", op);
    }
    return (call.flags & MSG_DONTWAIT) === 0
      ? call
      : { ...call, wait: { ...call.wait, timeoutMs: 0 } };
  }

  /**
   * Datagrams as they come; ends when the socket is closed. Leaving early
   * does not close it, and loses nothing.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<[Bytes, Address]> {
    return datagramsOf(this);
  }

  // ---- sending

  /**
   * Sends a datagram; settles with the count of its bytes once the kernel has
   * it, when the memory may be used again. Datagrams leave in the order of the
   * calls, awaited or not; 65,536 may wait. A name is resolved, and those who
   * come later wait for it. It does not tell whether the datagram arrives.
   *
   * @throws {TypeError} | {RangeError} if it is no address.
   * @throws {SocketError} `EMSGSIZE` if it is too long for one datagram,
   *   `EACCES` for a broadcast without `SO_BROADCAST`, `EISCONN` for another
   *   address than the peer's, `ENOBUFS`, `ENETUNREACH`, `EBADF`…
   * @throws {GaiError} if the name has no address.
   */
  sendTo(
    data: BytesLike,
    address: AddressLike,
    flags?: number | SendOptions,
  ): Promise<number> {
    return this.#send("sendTo", data, address, flags);
  }

  /**
   * Sends a datagram to the peer. Otherwise like `sendTo`.
   *
   * @throws {SocketError} `EDESTADDRREQ` without a peer; as `sendTo`.
   */
  send(data: BytesLike, flags?: number | SendOptions): Promise<number> {
    return this.#send("send", data, undefined, flags);
  }

  #send(
    op: string,
    data: BytesLike,
    address: AddressLike | undefined,
    options: number | SendOptions | undefined,
  ): Promise<number> {
    try {
      this.#checkOpen(op);
      const wait = options === undefined
        ? this.defaultWait
        : this.#sendWait(op, options);
      const bytes = toBytes(data);
      const target = this.#target(op, address, bytes.length);
      if (this.#core.raw === undefined) this.#bindForSend();
      return this.#core.outbox.send(op, bytes, target, wait);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #sendWait(op: string, options: number | SendOptions): Receive["wait"] {
    const { flags, wait } = toSend(options, this.defaultWait);
    if ((flags & ~MSG_DONTWAIT) !== 0) throw this.error("EOPNOTSUPP", op);
    return flags === 0 ? wait : { ...wait, timeoutMs: 0 };
  }

  /** Where a datagram goes; `undefined` is the peer. Throws what is wrong. */
  #target(
    op: string,
    address: AddressLike | undefined,
    bytes: number,
  ): Target {
    const { peer } = this.#core;
    if (address === undefined) {
      if (peer === undefined) throw this.error("EDESTADDRREQ", op);
      demandFits(bytes, peer, op);
      return undefined;
    }
    const endpoint = this.#endpoint(op, address);
    if ("family" in endpoint) {
      return this.#checkTarget(op, reachable(endpoint), bytes);
    }
    const resolved = this.#resolved(endpoint).then(
      (found) => this.#checkTarget(op, found, bytes) ?? found,
      (error) => {
        throw this.#translate(error, op, endpoint);
      },
    );
    // The call may have ended before.
    resolved.catch(() => {});
    return resolved;
  }

  #checkTarget(op: string, to: Address, bytes: number): Address | undefined {
    if (to.family !== "unix" && to.port === 0) {
      throw this.error("EINVAL", op, to);
    }
    demandFits(bytes, to, op);
    if (this.#core.peer === undefined) return to;
    if (this.#core.isPeer(to)) return undefined;
    throw this.error("EISCONN", op, to);
  }

  /** What waits to be sent leaves when the bind is done, or fails with it. */
  #bindForSend(): void {
    this.#bound().catch((error) =>
      this.#core.outbox.refuse((op) => this.#translate(error, op, undefined))
    );
  }

  /**
   * Sends datagrams in order, batched where the runtime can: `[data, address]`
   * each, or `[data]` to the peer. All are tried; settles with their number
   * once all are settled.
   *
   * @throws {SocketError} the first failure, as `sendTo`.
   */
  async sendMany(
    parcels: readonly Parcel[],
    options?: WaitOptions,
  ): Promise<number> {
    const op = "sendMany";
    this.#checkOpen(op);
    const wait = toWait(options, this.defaultWait);
    if (!Array.isArray(parcels)) {
      throw new TypeError(`Datagrams are given as a list: ${show(parcels)}`);
    }
    const batch = parcels.map(([data, address]) => {
      const bytes = toBytes(data);
      return { data: bytes, to: this.#target(op, address, bytes.length) };
    });
    if (this.#core.raw === undefined && batch.length > 0) this.#bindForSend();
    return await this.#core.outbox.sendMany(op, batch, wait);
  }

  /**
   * Sends if nothing has to be waited for and gives the count of bytes, or
   * `undefined`. An unbound socket begins to bind and gives `undefined`. Where
   * the runtime answers later, a failure is raised by the next send or
   * `SO_ERROR`.
   *
   * @param address numeric; left out it is the peer
   * @throws {TypeError} for a name, which takes time.
   * @throws {SocketError} as `sendTo`.
   */
  trySendTo(data: BytesLike, address?: AddressLike): number | undefined {
    const op = "trySendTo";
    this.#checkOpen(op);
    const bytes = toBytes(data);
    const target = this.#target(op, address, bytes.length);
    if (target instanceof Promise) {
      throw new TypeError(
        `trySendTo wants a number, no name: ${show(address)}`,
      );
    }
    if (this.#core.raw === undefined) this.#bindForSend();
    return this.#core.outbox.trySend(op, bytes, target);
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
    this.#checkOpen("setSockOpt");
    try {
      this.#options.set(this.#core.raw, [level, name], value);
    } catch (error) {
      throw this.#translate(error, "setSockOpt", undefined);
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
    this.#checkOpen("getSockOpt");
    const value = this.#valueOf(level, name);
    if (buflen === undefined) return value;
    return toNumberBytes(value).slice(0, checkCount(buflen, "buflen"));
  }

  #valueOf(level: number, name: number): number {
    if (level === SOL_SOCKET && name === SO_ERROR) {
      const { inbox, outbox } = this.#core;
      const fault = outbox.takeFault() ?? inbox.takeFault();
      return fault === undefined ? 0 : errorNumber(fault.code) ?? 0;
    }
    try {
      return this.#options.get(this.#core.raw, level, name);
    } catch (error) {
      throw this.#translate(error, "getSockOpt", undefined);
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

  // ---- helpers

  #checkOpen(op: string): void {
    if (this.isClosed) throw this.error("EBADF", op);
  }

  /** Most datagrams go where the last one went: that is read once. */
  #endpoint(op: string, address: AddressLike): Endpoint {
    const known = this.#known;
    if (known !== undefined && isSamePlace(address, known)) return known;
    const endpoint = toEndpoint(address, familyName(this.family));
    const own = wildcard(this.family).family;
    const told = "family" in endpoint ? endpoint.family : own;
    // An IPv6 socket reaches IPv4 hosts by their mapped addresses.
    const isMapped = own === "ipv6" && told === "ipv4" && op !== "bind";
    if (told === own || isMapped) {
      const isPlain = "port" in endpoint && !("scopeId" in endpoint);
      this.#known = isPlain ? endpoint : undefined;
      return endpoint;
    }
    throw this.error("EAFNOSUPPORT", op, endpoint as Address);
  }

  #resolved(endpoint: Endpoint): Promise<Address> {
    if ("family" in endpoint) return Promise.resolve(endpoint);
    return resolveName(this.#runtime, endpoint, this.family);
  }

  #translate(
    error: unknown,
    op: string,
    address: Endpoint | undefined,
  ): unknown {
    if (!(error instanceof Fault)) return error;
    return this.#core.faultError(error, op, address as Address | undefined);
  }
}

/** Whether what a caller wrote says the same as an endpoint read before. */
function isSamePlace(
  address: AddressLike,
  known: InetAddress | HostAndPort,
): boolean {
  if (typeof address !== "object" || address === null) return false;
  if (Array.isArray(address)) {
    return address.length === 2 && address[0] === known.hostname &&
      address[1] === known.port;
  }
  const { hostname, port, family, scopeId } = address as Partial<InetAddress>;
  return hostname === known.hostname && port === known.port &&
    scopeId === undefined &&
    (family === undefined || family === (known as InetAddress).family);
}

/** The part of a receive that decides what of a datagram is given. */
type Cut = Pick<Receive, "maxBytes" | "flags">;

const EVERYTHING: Cut = { maxBytes: DEFAULT_MAX_BYTES, flags: 0 };

/** The bytes asked for, as the only view of their memory. */
function cut(data: Bytes, { maxBytes, flags }: Cut): Bytes {
  const isWhole = data.length <= maxBytes && (flags & MSG_PEEK) === 0;
  return isWhole ? data : data.slice(0, maxBytes);
}
