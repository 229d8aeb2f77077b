/**
 * The sending calls of a datagram socket.
 *
 * @module
 */

import type { Endpoint } from "../../address.ts";
import { show, toEndpoint } from "../../address.ts";
import { MSG_DONTWAIT } from "../../constants.ts";
import type {
  Address,
  AddressLike,
  BytesLike,
  HostAndPort,
  InetAddress,
  SendOptions,
  WaitOptions,
} from "../../contracts.ts";
import type { Runtime } from "../../runtime/seam/runtime.ts";
import { Fault } from "../../runtime/seam/fault.ts";
import { toBytes } from "../../bytes.ts";
import { toSend } from "../arguments.ts";
import { toWait } from "../../deadline.ts";
import { demandFits, reachable, resolveName } from "./addresses.ts";
import type { Target } from "./outbox.ts";
import { DatagramReceiving } from "./receiving.ts";
import { familyName, wildcard } from "../family.ts";
import type { Wait } from "../../deadline.ts";

/** A datagram for `sendMany`; without an address it goes to the peer. */
export type Parcel = readonly [data: BytesLike, address?: AddressLike];

/** The half of a datagram socket that sends. */
export abstract class DatagramSending extends DatagramReceiving {
  /** The last address that was read and found right. */
  #known: InetAddress | HostAndPort | undefined;

  /**
   * What serves the socket.
   *
   * @internal
   */
  protected abstract get runtime(): Runtime;

  /**
   * Binds to the wildcard address, if it is not bound.
   *
   * @internal
   */
  protected abstract bindToAny(): Promise<unknown>;

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
      this.checkOpen(op);
      const wait = options === undefined
        ? this.defaultWait
        : this.#sendWait(op, options);
      const bytes = toBytes(data);
      const target = this.#target(op, address, bytes.length);
      if (this.core.raw === undefined) this.#bindForSend();
      return this.core.outbox.send(op, bytes, target, wait);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #sendWait(op: string, options: number | SendOptions): Wait {
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
    const { peer } = this.core;
    if (address === undefined) {
      if (peer === undefined) throw this.error("EDESTADDRREQ", op);
      demandFits(bytes, peer, op);
      return undefined;
    }
    const endpoint = this.endpoint(op, address);
    if ("family" in endpoint) {
      return this.#checkTarget(op, reachable(endpoint), bytes);
    }
    const resolved = this.resolved(endpoint).then(
      (found) => this.#checkTarget(op, found, bytes) ?? found,
      (error) => {
        throw this.translate(error, op, endpoint);
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
    if (this.core.peer === undefined) return to;
    if (this.core.isPeer(to)) return undefined;
    throw this.error("EISCONN", op, to);
  }

  /** What waits to be sent leaves when the bind is done, or fails with it. */
  #bindForSend(): void {
    this.bindToAny().catch((error) =>
      this.core.outbox.refuse((op) => this.translate(error, op, undefined))
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
    this.checkOpen(op);
    const wait = toWait(options, this.defaultWait);
    if (!Array.isArray(parcels)) {
      throw new TypeError(`Datagrams are given as a list: ${show(parcels)}`);
    }
    const batch = parcels.map(([data, address]) => {
      const bytes = toBytes(data);
      return { data: bytes, to: this.#target(op, address, bytes.length) };
    });
    if (this.core.raw === undefined && batch.length > 0) this.#bindForSend();
    return await this.core.outbox.sendMany(op, batch, wait);
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
    this.checkOpen(op);
    const bytes = toBytes(data);
    const target = this.#target(op, address, bytes.length);
    if (target instanceof Promise) {
      throw new TypeError(
        `trySendTo wants a number, no name: ${show(address)}`,
      );
    }
    if (this.core.raw === undefined) this.#bindForSend();
    return this.core.outbox.trySend(op, bytes, target);
  }

  /**
   * The checked address: most go where the last one went, read once.
   *
   * @internal
   */
  protected endpoint(op: string, address: AddressLike): Endpoint {
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

  /**
   * The numeric address. Rejects with a Fault.
   *
   * @internal
   */
  protected resolved(endpoint: Endpoint): Promise<Address> {
    if ("family" in endpoint) return Promise.resolve(endpoint);
    return resolveName(this.runtime, endpoint, this.family);
  }

  /**
   * The error that a Fault becomes; anything else is passed on.
   *
   * @internal
   */
  protected translate(
    error: unknown,
    op: string,
    address: Endpoint | undefined,
  ): unknown {
    if (!(error instanceof Fault)) return error;
    return this.core.faultError(error, op, address as Address | undefined);
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
