/**
 * Where a datagram socket is bound and to whom it is connected: how it comes
 * to that, and what it is called afterwards.
 *
 * @module
 */

import type { Endpoint } from "../../address.ts";
import type { AddressFamily } from "../../constants.ts";
import type { Address, AddressLike, WaitOptions } from "../../contracts.ts";
import { toWait, type Wait } from "../../deadline.ts";
import { type SocketError, socketError } from "../../errors.ts";
import type { RawDatagram } from "../../runtime/seam/datagram.ts";
import { toError } from "../../runtime/seam/error_mapping.ts";
import type { Runtime } from "../../runtime/seam/runtime.ts";
import { wildcard } from "../family.ts";
import type { DatagramOptions } from "../options/datagram_options.ts";
import { PendingCall } from "../../pending_call.ts";
import { type AddressReader, reachable } from "./addresses.ts";
import type { DatagramCore } from "./core.ts";

/** What a binding belongs to. */
export interface Bindable {
  /** The address family. */
  readonly family: AddressFamily;
  /** What serves it. */
  readonly runtime: Runtime;
  /** What is bound. */
  readonly core: DatagramCore;
  /** What was set before the bind. */
  readonly options: DatagramOptions;
  /** Reads the addresses. */
  readonly addresses: AddressReader;
}

/** A bind that is under way or done. */
interface Attempt {
  /** Rejects if the bind fails, or was called off. */
  readonly raw: Promise<RawDatagram>;
  /** Whether the call that began it still waits, or is done. */
  isWanted(): boolean;
}

/** Whom a socket is bound for. */
interface Caller {
  /** The peer, for a connect. */
  readonly peer?: Address;
  /** Whether the call still waits. */
  isWanted(): boolean;
}

/** A bind that no call of the program can call off. */
const UNASKED: Caller = { isWanted: () => true };

/** The two ends of one datagram socket. */
export class Binding {
  readonly #socket: Bindable;
  #attempt: Attempt | undefined;
  /** Binds that may still bring a descriptor. */
  readonly #underWay: Set<Promise<unknown>> = new Set();
  readonly #connecting: PendingCall;
  #connectingTo: Endpoint | undefined;

  /** Of a socket that is not bound yet. */
  constructor(socket: Bindable) {
    this.#socket = socket;
    this.#connecting = new PendingCall(socket.runtime.clock, {
      error: (code, op, reason) => this.#connectError(code, op, reason),
    });
  }

  // ---- binding

  /** Claims an address. Rejects with what is wrong with it. */
  async bind(address: AddressLike): Promise<void> {
    const { core, addresses } = this.#socket;
    core.demandOpen("bind");
    const endpoint = addresses.read("bind", address);
    core.demandOpen("bind");
    if (this.#bound !== undefined) throw socketError("EINVAL", { op: "bind" });
    try {
      await this.#begin(endpoint, UNASKED);
    } catch (error) {
      throw toError(error, { op: "bind", address: endpoint });
    }
    core.demandOpen("bind");
  }

  /** The bind that counts: one that was called off does not. */
  get #bound(): Promise<RawDatagram> | undefined {
    return this.#attempt?.isWanted() ? this.#attempt.raw : undefined;
  }

  /** Begins to bind; one that fails leaves the socket as it was. */
  #begin(endpoint: Endpoint, caller: Caller): Promise<RawDatagram> {
    const raw = this.#bindTo(endpoint, caller);
    const { core } = this.#socket;
    const attempt = this.#attempt = {
      raw,
      isWanted: () => core.raw !== undefined || caller.isWanted(),
    };
    this.#underWay.add(raw);
    raw.catch(() => {
      if (this.#attempt === attempt) this.#attempt = undefined;
    }).then(() => this.#underWay.delete(raw));
    return raw;
  }

  async #bindTo(endpoint: Endpoint, caller: Caller): Promise<RawDatagram> {
    const { runtime, core, options, addresses } = this.#socket;
    const { choices, wants } = options;
    const address = await addresses.resolve(endpoint);
    const { peer } = caller;
    const raw = await runtime.bindDatagram({
      address,
      peer,
      wants,
      ...choices,
    });
    try {
      if (!caller.isWanted()) throw new CalledOff();
      options.opened(raw);
    } catch (error) {
      raw.close();
      throw error;
    }
    if (peer !== undefined) core.setPeer(peer);
    core.open(raw);
    return raw;
  }

  /**
   * Binds to the wildcard address, if it is not bound: what waits to be sent
   * leaves when that is done, or fails with it.
   */
  bindForSend(): void {
    const { core, family } = this.#socket;
    if (core.raw !== undefined || core.isClosed) return;
    const raw = this.#bound ?? this.#begin(wildcard(family), UNASKED);
    raw.catch((error) => {
      // The connect that bound it was called off; those who send were not.
      if (error instanceof CalledOff) this.bindForSend();
      else core.outbox.refuse((op) => toError(error, { op }));
    });
  }

  // ---- connecting

  /** Fixes the peer. Rejects with what is wrong with it. */
  async connect(
    address: AddressLike,
    options: WaitOptions | undefined,
    fallback: Wait,
  ): Promise<void> {
    const { core, addresses } = this.#socket;
    const op = "connect";
    core.demandOpen(op);
    const wait = toWait(options, fallback);
    const endpoint = addresses.read(op, address);
    core.demandOpen(op);
    wait.signal?.throwIfAborted();
    if (this.#connecting.isBusy) throw this.#connectError("EALREADY", op);
    // Numeric, it takes no longer than the kernel needs to note it down.
    const isPrompt = wait.timeoutMs === 0 && "family" in endpoint;
    this.#connectingTo = endpoint;
    await this.#settled(
      endpoint,
      isPrompt ? { ...wait, timeoutMs: null } : wait,
    );
  }

  /** Settles with the connect, or sooner by deadline, signal or close. */
  #settled(endpoint: Endpoint, wait: Wait): Promise<true> {
    const connecting = this.#connecting;
    const attempt = (): undefined => {};
    const isWanted = (): boolean => connecting.isWaitingFor(attempt);
    const settled = connecting.wait<true>("connect", attempt, wait);
    if (!isWanted()) return settled;
    this.#connectTo(endpoint, isWanted).then(() => {
      if (isWanted()) connecting.finish(true);
    }, (error) => {
      if (!isWanted()) return;
      connecting.reject(toError(error, { op: "connect", address: endpoint }));
    });
    return settled;
  }

  /** Connects, unless it is called off before the kernel is told. */
  async #connectTo(
    endpoint: Endpoint,
    isWanted: () => boolean,
  ): Promise<void> {
    const { core, family, addresses } = this.#socket;
    // A number takes effect in the order of the calls.
    const peer = reachable(
      "family" in endpoint ? endpoint : await addresses.resolve(endpoint),
    );
    if (!isWanted()) return;
    if (this.#bound === undefined) {
      await this.#begin(wildcard(family), { peer, isWanted });
      return;
    }
    const raw = await this.#bound;
    // A datagram with an address cannot leave a connected socket.
    while (!core.outbox.isIdle) await core.outbox.whenIdle();
    if (!isWanted()) return;
    core.outbox.hold();
    try {
      await raw.connect(peer);
      core.setPeer(peer);
    } finally {
      core.outbox.release();
    }
  }

  #connectError(code: string, op: string, reason?: string): SocketError {
    const address = this.#connectingTo;
    return socketError(code, { op, address, reason });
  }

  // ---- ending

  /** Whether the deadline of a pending connect keeps the process alive. */
  ref(flag: boolean): void {
    this.#connecting.ref(flag);
  }

  /**
   * The socket is closed: ends a pending connect. Settles when no descriptor
   * will come any more.
   */
  async close(): Promise<void> {
    this.#connecting.fail("EBADF");
    this.#connecting.dispose();
    await Promise.allSettled(this.#underWay);
  }

  // ---- naming

  /** The address of this end; the wildcard and port 0 before it is bound. */
  get localAddress(): Address {
    const { core, family } = this.#socket;
    return core.raw === undefined ? wildcard(family) : core.raw.localAddress();
  }

  /** The peer, or throws `ENOTCONN`. */
  get peerAddress(): Address {
    const { peer } = this.#socket.core;
    if (peer !== undefined) return peer;
    throw socketError("ENOTCONN", { op: "getPeerName" });
  }
}

/** What a bind ends with whose connect was called off; nobody is told. */
class CalledOff {}
