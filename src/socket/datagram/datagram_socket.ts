/**
 * Datagram sockets: UDP, and Unix datagrams where the runtime has them.
 *
 * @module
 */

import { checkOneAddress, show } from "../../address.ts";
import { checkRoom, slice, viewBytes } from "../../bytes.ts";
import type { AddressFamily } from "../../constants.ts";
import {
  MSG_DONTWAIT,
  MSG_PEEK,
  MSG_TRUNC,
  SOCK_DGRAM,
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
import { toLinger, toWait } from "../../deadline.ts";
import { ofDatagram, SocketError } from "../../errors.ts";
import { END, iterate } from "../../iterate.ts";
import type { Readiness } from "../../readiness.ts";
import type { Runtime } from "../../runtime/seam/runtime.ts";
import {
  checkCount,
  DEFAULT_MAX_BYTES,
  type Receive,
  toDatagram,
} from "../../arguments.ts";
import {
  getOption,
  readQuestion,
  readSetting,
  setOption,
  withErrors,
} from "../options/calls.ts";
import { DatagramOptions } from "../options/datagram_options.ts";
import type { OptionValue } from "../options/option.ts";
import { Socket } from "../socket.ts";
import { AddressReader } from "./addresses.ts";
import { Binding } from "./binding.ts";
import { DatagramCore } from "./core.ts";
import type { Datagram, DatagramCall } from "./inbox.ts";
import type { Send } from "./outbox.ts";
import type { BatchFailure } from "./transmitter.ts";

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

/** A received datagram and what is known of it. */
export interface ReceivedMessage {
  /** The payload, cut to what was asked for. */
  readonly data: Bytes;
  /** Who sent it. */
  readonly address: Address;
  /** Whether it was longer. The rest is lost, as in C. */
  readonly truncated: boolean;
}

/** A datagram for `sendMany`; without an address it goes to the peer. */
export type Parcel = readonly [
  data: BytesLike | readonly BytesLike[],
  address?: AddressLike,
];

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
  readonly #core: DatagramCore;
  readonly #options: DatagramOptions;
  readonly #addresses: AddressReader;
  readonly #binding: Binding;

  private constructor(init: DatagramSocketInit) {
    const { family, proto, runtime } = init;
    super(family, proto);
    const core = this.#core = new DatagramCore(runtime);
    const takeError = () => core.takeErrno();
    const options = this.#options = new DatagramOptions({
      family,
      runtime,
      takeError,
    });
    const addresses = this.#addresses = new AddressReader(
      runtime,
      family,
      core,
    );
    const parts = { family, runtime, core, options, addresses };
    this.#binding = new Binding(parts);
  }

  /**
   * For `socket()`.
   *
   * @internal
   */
  static create(init: DatagramSocketInit): DatagramSocket {
    return new DatagramSocket(init);
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

  // ---- both ends

  /**
   * Claims a local address, at once; port 0 lets the kernel choose. A socket
   * that sends or connects unbound is bound to the wildcard address.
   *
   * @throws {TypeError} | {RangeError} if it is no address.
   * @throws {SocketError} `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`; `EINVAL`
   *   if it is bound; `EOPNOTSUPP` for a Unix path where the runtime has no
   *   Unix datagrams.
   */
  bind(address: AddressLike): Promise<void> {
    return this.#binding.bind(address);
  }

  /**
   * Fixes the peer: afterwards only its datagrams are seen, `send` goes to it,
   * and a refusal is raised as `ECONNREFUSED` where the runtime tells it
   * (`capabilities().udpConnRefused`). What others have sent before is
   * dropped. Nothing is sent to the peer.
   *
   * An abort or a deadline ends it at once, and another `connect` may follow
   * in the same turn. `timeoutMs: 0` is enough for a numeric address.
   *
   * @throws {TypeError} | {RangeError} if it is no address.
   * @throws {SocketError} `EOPNOTSUPP` for a second peer where the runtime
   *   cannot change it, `ENETUNREACH`, `EALREADY` while another is pending,
   *   `ETIMEDOUT`, `EBADF`.
   * @throws {GaiError} if the name has no address.
   */
  async connect(address: AddressLike, options?: WaitOptions): Promise<void> {
    checkOneAddress(address, options);
    await this.#binding.connect(address, options, this.defaultWait);
  }

  /**
   * The address of this end; the wildcard and port 0 before it is bound.
   *
   * @throws {SocketError} `EBADF` after `close`.
   */
  override getSockName(): Address {
    this.checkOpen("getSockName");
    return this.#binding.localAddress;
  }

  /**
   * The peer of a connected socket.
   *
   * @throws {SocketError} `ENOTCONN` without one, `EBADF` after `close`.
   */
  getPeerName(): Address {
    this.checkOpen("getPeerName");
    return this.#binding.peerAddress;
  }

  /** @internal */
  protected override checkOpen(op: string): void {
    super.checkOpen(op);
    this.#core.demandLuck(op);
  }

  // ---- receiving

  /**
   * Waits for a datagram: its bytes, at most `maxBytes` (default 65,536)
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
    if (maxBytes === undefined && flags === undefined) {
      return this.#receiveWhole(RECV_FROM);
    }
    return this.#receive(
      "recvFrom",
      [maxBytes, flags],
      (call) => ({ data, from }) => [cut(data, call), from],
    );
  }

  /**
   * Like `recvFrom`, into memory of the caller: how many bytes were stored,
   * and who sent them. With `MSG_TRUNC` the count is the datagram's own length.
   * If the memory is transferred or shrunk meanwhile the call fails and the
   * datagram stays.
   *
   * @throws {TypeError} if it is no buffer, or has lost bytes.
   * @throws {SocketError} as `recvFrom`.
   */
  recvFromInto(
    buffer: ArrayBufferView | ArrayBuffer,
    maxBytes?: number | ReceiveOptions,
    flags?: number | ReceiveOptions,
  ): Promise<[number, Address]> {
    return this.#receive("recvFromInto", [maxBytes, flags], (call) => {
      const into = viewBytes(buffer);
      const room = into.length;
      return ({ data, from }) => {
        checkRoom(into, room);
        const count = Math.min(data.length, room, call.maxBytes);
        if (count > 0) into.set(slice(data, 0, count));
        return [(call.flags & MSG_TRUNC) !== 0 ? data.length : count, from];
      };
    });
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
    return this.#receive(
      "recvMsg",
      [maxBytes, flags],
      (call) => ({ data, from, isTruncated }) => ({
        data: cut(data, call),
        address: from,
        truncated: isTruncated || data.length > call.maxBytes,
      }),
    );
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
    if (maxBytes === undefined && flags === undefined) {
      return this.#receiveWhole(RECV);
    }
    return this.#receive(
      "recv",
      [maxBytes, flags],
      (call) => ({ data }) => cut(data, call),
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
    this.checkOpen("tryRecvFrom");
    const call = { maxBytes: checkCount(maxBytes, "maxBytes"), flags: 0 };
    return this.#core.inbox.tryReceive({
      op: "tryRecvFrom",
      isPeek: false,
      take: ({ data, from }) => [cut(data, call), from],
    });
  }

  /**
   * Datagrams as they come; ends when the socket is closed. Leaving early
   * does not close it, and loses nothing.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<[Bytes, Address]> {
    return iterate((step) =>
      this.isClosed ? Promise.resolve(step(END)) : this.#receiveWhole(NEXT)
    );
  }

  /** `prepare` checks what else was given and makes what takes a datagram. */
  #receive<T>(
    op: string,
    given: readonly (number | ReceiveOptions | undefined)[],
    prepare: (call: Cut) => (datagram: Datagram) => T,
  ): Promise<T> {
    try {
      this.checkOpen(op);
      const call = this.toReceive(op, KNOWN_RECEIVE_FLAGS, given[0], given[1]);
      const take = prepare(call);
      // Reading what was given may have run code of the caller's.
      this.checkOpen(op);
      const isPeek = (call.flags & MSG_PEEK) !== 0;
      return this.#core.inbox.receive({ op, isPeek, take }, call.wait);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** A call that wants all there is, and the same each time. */
  #receiveWhole<T>(call: DatagramCall<T>): Promise<T> {
    try {
      this.checkOpen(call.op);
      return this.#core.inbox.receive(call, this.defaultWait);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  // ---- sending

  /**
   * Sends a datagram, gathered if it is given in pieces; settles with the count of its bytes once the kernel has
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
    data: BytesLike | readonly BytesLike[],
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
  send(
    data: BytesLike | readonly BytesLike[],
    flags?: number | SendOptions,
  ): Promise<number> {
    return this.#send("send", data, undefined, flags);
  }

  #send(
    op: string,
    data: BytesLike | readonly BytesLike[],
    address: AddressLike | undefined,
    options: number | SendOptions | undefined,
  ): Promise<number> {
    try {
      this.checkOpen(op);
      const wait = this.toSendWait(op, options);
      const bytes = toDatagram(data);
      const target = this.#addresses.target(op, address, bytes.length);
      // Reading what was given may have run code of the caller's.
      this.checkOpen(op);
      this.#binding.bindForSend();
      return this.#core.outbox.send(op, bytes, target, wait);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Sends datagrams in order, batched where the runtime can: `[data, address]`
   * each, or `[data]` to the peer. What is no datagram or no address at all is
   * refused before anything leaves. All others are tried, though one is too
   * long, to port 0 or of another family; settles with their number once all
   * are settled.
   *
   * @throws {TypeError} | {RangeError} if one is none.
   * @throws {SocketError} the first failure, as `sendTo`; its `index` tells
   *   which datagram that was.
   */
  async sendMany(
    parcels: readonly Parcel[],
    options?: WaitOptions,
  ): Promise<number> {
    const op = "sendMany";
    this.checkOpen(op);
    const wait = toWait(options, this.defaultWait);
    if (!Array.isArray(parcels)) {
      throw new TypeError(`Datagrams are given as a list: ${show(parcels)}`);
    }
    const batch: (Send & { readonly index: number })[] = [];
    let first: BatchFailure | undefined;
    const count = parcels.length;
    for (let index = 0; index < count; index++) {
      try {
        batch.push({ ...this.#read(op, parcels[index]), index });
      } catch (error) {
        if (!(error instanceof SocketError)) throw error;
        first ??= { error, index };
      }
    }
    this.checkOpen(op);
    if (batch.length > 0) this.#binding.bindForSend();
    const failure = await this.#core.outbox.sendMany(op, batch, wait);
    if (failure !== undefined) {
      const { index } = batch[failure.index]!;
      if (!(first && first.index < index)) first = { ...failure, index };
    }
    if (first === undefined) return count;
    const { error, index } = first;
    throw error instanceof SocketError
      ? ofDatagram(error, index, count)
      : error;
  }

  /** One of several datagrams, and where it goes. */
  #read(op: string, parcel: unknown): Send {
    if (!Array.isArray(parcel)) {
      throw new TypeError(`A datagram is [data, address]: ${show(parcel)}`);
    }
    const [data, address] = parcel as unknown as Parcel;
    const bytes = toDatagram(data);
    const to = this.#addresses.target(op, address, bytes.length);
    return { data: bytes, to };
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
  trySendTo(
    data: BytesLike | readonly BytesLike[],
    address?: AddressLike,
  ): number | undefined {
    const op = "trySendTo";
    this.checkOpen(op);
    const bytes = toDatagram(data);
    const target = this.#addresses.target(op, address, bytes.length);
    if (target instanceof Promise) {
      throw new TypeError(
        `trySendTo wants a number, no name: ${show(address)}`,
      );
    }
    this.checkOpen(op);
    this.#binding.bindForSend();
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
  setSockOpt(
    level: number,
    name: number | undefined,
    value: OptionValue,
  ): void {
    this.checkOpen("setSockOpt");
    const setting = readSetting(level, name, value);
    this.#withOptions(
      "setSockOpt",
      (options) => setOption(options, setting),
    );
  }

  /**
   * What an option is set to: a number, or with `buflen` its bytes, at most so
   * many. `SO_ERROR` gives the errno of a failure not raised yet, and clears it.
   *
   * @throws {SocketError} `ENOPROTOOPT` if the runtime does not tell it.
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
    return this.#withOptions(
      "getSockOpt",
      (options) => getOption(options, question),
    );
  }

  #withOptions<T>(op: string, act: (options: DatagramOptions) => T): T {
    this.checkOpen(op);
    return withErrors(op, this.#core.peer, () => act(this.#options));
  }

  /**
   * The descriptor, which stays this socket's: −1 after `close`.
   *
   * @throws {SocketError} `EOPNOTSUPP` where the runtime does not tell it, and
   *   before the bind.
   */
  fileno(): number {
    return this.#core.fileno;
  }

  // ---- ending

  /**
   * Closes; may be called again; never rejects. Pending calls reject with
   * `EBADF`, datagrams not received are dropped. What `trySendTo` accepted, and
   * what the runtime already has, may take `lingerMs` (default 2,000) to
   * leave. Settles when the descriptor is released.
   */
  override async close(options?: CloseOptions): Promise<void> {
    const lingerMs = toLinger(options);
    const { closed } = this;
    void this.#core.close(lingerMs);
    // A bind that is under way still brings a descriptor.
    await this.#binding.close();
    this.#core.neverBound();
    await closed;
  }

  /** Lets the open socket keep the process alive. */
  override ref(): this {
    this.#core.ref(true);
    this.#binding.ref(true);
    return this;
  }

  /** Lets the process end although the socket is open. */
  override unref(): this {
    this.#core.ref(false);
    this.#binding.ref(false);
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

/** The part of a receive that decides what of a datagram is given. */
type Cut = Pick<Receive, "maxBytes" | "flags">;

const EVERYTHING: Cut = { maxBytes: DEFAULT_MAX_BYTES, flags: 0 };

const RECV: DatagramCall<Bytes> = {
  op: "recv",
  isPeek: false,
  take: ({ data }) => cut(data, EVERYTHING),
};

const RECV_FROM: DatagramCall<[Bytes, Address]> = {
  op: "recvFrom",
  isPeek: false,
  take: ({ data, from }) => [cut(data, EVERYTHING), from],
};

const NEXT: DatagramCall<IteratorResult<[Bytes, Address]>> = {
  op: "recvFrom",
  isPeek: false,
  take: (datagram) => ({ done: false, value: RECV_FROM.take(datagram) }),
  end: { done: true, value: undefined },
};

/** The bytes asked for, as the only view of their memory. */
function cut(data: Bytes, { maxBytes, flags }: Cut): Bytes {
  const isWhole = data.length <= maxBytes && (flags & MSG_PEEK) === 0;
  return isWhole ? data : data.slice(0, maxBytes);
}
