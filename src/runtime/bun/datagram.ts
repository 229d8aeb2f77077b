/**
 * The driver for Bun's own datagram sockets. Bun pushes, and a send is done
 * when it returns. What is only in Bun's `node:dgram`, the sizes of the
 * kernel's buffers, is served by that, if it is asked for before the bind.
 *
 * @module
 */

import { atMicrotask } from "../../turn.ts";
import type { Address, InetAddress } from "../../contracts.ts";
import type {
  DatagramOptionName,
  DatagramSink,
  RawBindOptions,
  RawDatagram,
  RawMembership,
  RawSend,
  SendDone,
} from "../seam/datagram.ts";
import { Fault, refuseOption } from "../seam/fault.ts";
import { hostText, toAddress } from "../node/addresses.ts";
import { alone } from "../node/chunks.ts";
import { bindNodeDatagram } from "../node/datagram.ts";
import { DatagramSettings } from "../node/datagram_settings.ts";
import type { Settable } from "../node/dgram_module.ts";
import { withZone } from "../node/sender_zones.ts";
import { DatagramHosts, zonedDatagram } from "../node/zones.ts";
import { FIXED_PEER, NO_SIZES, NO_UNIX } from "./datagram_gaps.ts";
import { toFault } from "./error_mapping.ts";
import { bun } from "./native.ts";

/** Bits of the option `flags`, which Bun's types leave out. */
const REUSE_PORT = 4;
const IPV6_ONLY = 8;
const REUSE_ADDR = 16;

/** What ICMP may say of an earlier datagram, and a route of this one. */
const ICMP_CODES: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EPROTO",
]);

/** An address as Bun tells it. */
interface BunAddress {
  readonly address: string;
  readonly port: number;
}

/** The members of `Bun.udpSocket`'s sockets that are used. */
interface BunDatagram extends Settable {
  readonly fd: number;
  readonly address: BunAddress;
  send(data: Uint8Array, port?: number, host?: string): boolean;
  sendMany(batch: readonly unknown[]): number;
  close(): void;
  ref(): void;
  unref(): void;
}

/** Binds, or rejects with a {@linkcode Fault}. */
export async function bindBunDatagram(
  options: RawBindOptions,
): Promise<RawDatagram> {
  const { address, wants } = options;
  if (address.family === "unix") {
    throw new Fault("EOPNOTSUPP", undefined, NO_UNIX);
  }
  if (wants?.has("receiveBuffer") || wants?.has("sendBuffer")) {
    return await bindNodeDatagram(options);
  }
  try {
    const zoned = zonedDatagram(address, "ENODEV");
    return await BunDatagramDriver.bind(options, zoned);
  } catch (error) {
    throw toFault(error);
  }
}

class BunDatagramDriver implements RawDatagram {
  readonly sendsAtOnce = true;
  readonly queuesSends = false;
  readonly #hosts: DatagramHosts;
  /** Whether Bun's socket was made with a peer: its sends take no address. */
  readonly #isConnected: boolean;
  readonly #zone: string | undefined;
  #socket!: BunDatagram;
  #settings!: DatagramSettings;
  #sink: DatagramSink | undefined;
  /** A peer that came after the bind, and that Bun does not know. */
  #peer: InetAddress | undefined;
  /** Bun throws a failed send, and tells it a second time meanwhile. */
  #isSending = false;
  #isClosed = false;

  private constructor(asked: InetAddress, peer: InetAddress | undefined) {
    this.#hosts = new DatagramHosts(asked.family);
    this.#isConnected = peer !== undefined;
    // Bun leaves the zone out of the socket's own address.
    this.#zone = asked.scopeId ?? peer?.scopeId;
  }

  static async bind(
    options: RawBindOptions,
    address: InetAddress,
  ): Promise<BunDatagramDriver> {
    const { peer, reuseAddr, reusePort, ipv6Only } = options;
    const raw = new BunDatagramDriver(address, peer as InetAddress);
    const flags = (reuseAddr ? REUSE_ADDR : 0) | (reusePort ? REUSE_PORT : 0) |
      (ipv6Only ? IPV6_ONLY : 0);
    raw.#socket = await bun().udpSocket({
      hostname: hostText(address),
      port: address.port,
      flags,
      // Bun reads it here, unlike that of streams.
      binaryType: "uint8array",
      socket: raw.#handler(),
      ...(peer === undefined ? {} : { connect: raw.#connectTarget(peer) }),
    }) as BunDatagram;
    raw.#settings = new DatagramSettings(raw.#socket, address.family, toFault);
    return raw;
  }

  #connectTarget(peer: Address): object {
    const { port } = peer as InetAddress;
    return { hostname: this.#hosts.text(peer as InetAddress), port };
  }

  /** One handler for each socket: Bun's datagram sockets carry no data. */
  #handler(): object {
    return {
      data: (
        _socket: unknown,
        data: Uint8Array,
        port: number,
        host: string,
        flags?: { readonly truncated: boolean },
      ) => {
        const from = toAddress(host, port);
        this.#sink?.datagram(alone(data), from, flags?.truncated === true);
      },
      drain: () => this.#sink?.writable(),
      error: (error: unknown) => {
        if (this.#isSending || this.#isClosed) return;
        this.#sink?.failed(toFault(error ?? new Error("no reason given")));
      },
    };
  }

  localAddress(): Address {
    const { address, port } = this.#socket.address;
    return withZone(toAddress(address, port), this.#zone);
  }

  attach(sink: DatagramSink): void {
    this.#sink = sink;
  }

  resume(): void {}

  connect(peer: Address): Promise<void> {
    if (this.#isConnected) {
      return Promise.reject(new Fault("EOPNOTSUPP", undefined, FIXED_PEER));
    }
    this.#peer = peer as InetAddress;
    return Promise.resolve();
  }

  send(
    data: Uint8Array,
    to: Address | undefined,
    _done: SendDone,
  ): boolean {
    const peer = (to ?? this.#peer) as InetAddress | undefined;
    this.#isSending = true;
    try {
      return this.#hand(data, peer);
    } catch (error) {
      return this.#handAgain(data, peer, error);
    } finally {
      this.#isSending = false;
    }
  }

  #hand(data: Uint8Array, peer: InetAddress | undefined): boolean {
    return peer === undefined
      ? this.#socket.send(data)
      : this.#socket.send(data, peer.port, this.#hosts.text(peer));
  }

  /**
   * An earlier datagram's ICMP error fails the next send, to whomever; that
   * takes the error away. Where there is no peer it is nobody's business.
   */
  #handAgain(
    data: Uint8Array,
    peer: InetAddress | undefined,
    error: unknown,
  ): boolean {
    if (this.#isClosed) throw new Fault("EBADF");
    const fault = toFault(error);
    // A queue on the way is full. Other sockets are not told of that loss.
    if (fault.code === "ENOBUFS") return true;
    const hasPeer = this.#isConnected || this.#peer !== undefined;
    if (hasPeer || !ICMP_CODES.has(fault.code)) throw fault;
    try {
      return this.#hand(data, peer);
    } catch (again) {
      const second = toFault(again);
      if (second.code === "ENOBUFS") return true;
      throw second;
    }
  }

  sendMany(batch: readonly RawSend[], start: number): number {
    const flat: unknown[] = [];
    this.#isSending = true;
    try {
      for (let i = start; i < batch.length; i++) {
        const { data, to } = batch[i]!;
        const peer = (to ?? this.#peer) as InetAddress | undefined;
        if (peer === undefined) flat.push(data);
        else flat.push(data, peer.port, this.#hosts.text(peer));
      }
      return this.#socket.sendMany(flat);
    } catch {
      // Nothing went: sending them one by one tells which and why.
      return 0;
    } finally {
      this.#isSending = false;
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.close();
    atMicrotask(() => this.#sink?.closed());
  }

  ref(flag: boolean): void {
    if (flag) this.#socket.ref();
    else this.#socket.unref();
  }

  setOption(name: DatagramOptionName, value: number): void {
    if (name === "receiveBuffer" || name === "sendBuffer") {
      return refuseOption(NO_SIZES);
    }
    const isHops = name === "ttl" || name === "multicastTtl";
    if (isHops && value === 0) refuseOption("Bun refuses 0 hops");
    this.#settings.set(name, value);
  }

  fileno(): number {
    return this.#isClosed ? -1 : this.#socket.fd;
  }

  getOption(name: DatagramOptionName): number {
    const isSize = name === "receiveBuffer" || name === "sendBuffer";
    return refuseOption(isSize ? NO_SIZES : "Bun does not read this option");
  }

  setMulticastInterface(iface: string | number): void {
    this.#settings.setMulticastInterface(iface);
  }

  join(membership: RawMembership): void {
    this.#settings.join(membership);
  }

  leave(membership: RawMembership): void {
    this.#settings.leave(membership);
  }
}
