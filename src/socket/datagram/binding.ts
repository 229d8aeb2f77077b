/**
 * Where a datagram socket is bound and to whom it is connected: how it comes
 * to that, and what it is called afterwards.
 *
 * @module
 */

import type { Endpoint } from "../../address.ts";
import type { AddressFamily } from "../../constants.ts";
import type { Address, AddressLike } from "../../contracts.ts";
import type { Wait } from "../../deadline.ts";
import { socketError } from "../../errors.ts";
import type { RawDatagram } from "../../runtime/seam/datagram.ts";
import { toError } from "../../runtime/seam/fault.ts";
import type { Runtime } from "../../runtime/seam/runtime.ts";
import { wildcard } from "../family.ts";
import type { DatagramOptions } from "../options/datagram_options.ts";
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

/** The two ends of one datagram socket. */
export class Binding {
  readonly #socket: Bindable;
  /** Where it was or is being bound. */
  #bound: Promise<RawDatagram> | undefined;
  #isConnecting = false;

  /** Of a socket that is not bound yet. */
  constructor(socket: Bindable) {
    this.#socket = socket;
  }

  // ---- binding

  /** Claims an address. Rejects with what is wrong with it. */
  async bind(address: AddressLike): Promise<void> {
    const { core, addresses } = this.#socket;
    core.demandOpen("bind");
    const endpoint = addresses.read("bind", address);
    if (this.#bound !== undefined) throw socketError("EINVAL", { op: "bind" });
    try {
      await (this.#bound = this.#bindTo(endpoint, undefined));
    } catch (error) {
      this.#bound = undefined;
      throw toError(error, { op: "bind", address: endpoint });
    }
    core.demandOpen("bind");
  }

  async #bindTo(
    endpoint: Endpoint,
    peer: Address | undefined,
  ): Promise<RawDatagram> {
    const { runtime, core, options, addresses } = this.#socket;
    const { choices, wants } = options;
    const address = await addresses.resolve(endpoint);
    const raw = await runtime.bindDatagram({
      address,
      peer,
      wants,
      ...choices,
    });
    try {
      options.apply(raw);
    } catch (error) {
      raw.close();
      throw error;
    }
    core.open(raw);
    return raw;
  }

  /**
   * Binds to the wildcard address, if it is not bound: what waits to be sent
   * leaves when that is done, or fails with it.
   */
  bindForSend(): void {
    const { core, family } = this.#socket;
    if (core.raw !== undefined) return;
    this.#bound ??= this.#bindTo(wildcard(family), undefined)
      .catch((error) => {
        this.#bound = undefined;
        throw error;
      });
    this.#bound.catch((error) =>
      core.outbox.refuse((op) => toError(error, { op, address: core.peer }))
    );
  }

  /** Settles when no bind is under way; never rejects. */
  async settled(): Promise<void> {
    await this.#bound?.catch(() => {});
  }

  // ---- connecting

  /** Fixes the peer. Rejects with what is wrong with it. */
  async connect(address: AddressLike, wait: Wait): Promise<void> {
    const { core, addresses } = this.#socket;
    const op = "connect";
    core.demandOpen(op);
    const endpoint = addresses.read(op, address);
    wait.signal?.throwIfAborted();
    if (this.#isConnecting) throw socketError("EALREADY", { op });
    this.#isConnecting = true;
    try {
      const peer = reachable(await addresses.resolve(endpoint));
      wait.signal?.throwIfAborted();
      core.demandOpen(op);
      await this.#connectTo(peer);
      core.demandOpen(op);
      core.setPeer(peer);
    } catch (error) {
      throw toError(error, { op, address: endpoint });
    } finally {
      this.#isConnecting = false;
    }
  }

  async #connectTo(peer: Address): Promise<void> {
    const { core, family } = this.#socket;
    if (this.#bound === undefined) {
      const binding = this.#bindTo(wildcard(family), peer);
      this.#bound = binding;
      try {
        await binding;
      } catch (error) {
        this.#bound = undefined;
        throw error;
      }
      return;
    }
    const raw = await this.#bound;
    // A datagram with an address cannot leave a connected socket.
    await core.outbox.whenIdle();
    await raw.connect(peer);
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
