/**
 * The datagram sockets of a memory network: the rules of Linux.
 *
 * @module
 */

import type { Address, InetAddress } from "../../contracts.ts";
import type {
  DatagramOptionName,
  DatagramSink,
  RawBindOptions,
  RawDatagram,
  RawMembership,
  SendDone,
} from "../seam/datagram.ts";
import type { DatagramSupports } from "../seam/supports.ts";
import {
  MAX_IPV4_PAYLOAD_BYTES,
  MAX_IPV6_PAYLOAD_BYTES,
} from "../seam/datagram.ts";
import { Fault, refuseOption } from "../seam/fault.ts";
import { AddressTable, isWildcard, mapped, unmapped } from "./table.ts";
import { post } from "./post.ts";
import type { Place, Wire } from "./wire.ts";

/** What datagram sockets in memory can do. */
export const MEMORY_DATAGRAM_SUPPORTS: DatagramSupports = {
  udpBufferSizes: true,
  udpConnRefused: true,
  udpIpv6Hops: true,
  udpIpv6SourceMembership: true,
  udpReconnect: true,
  udpReusePort: true,
  udpSendErrors: true,
  unixDatagrams: true,
};

/** `net.core.rmem_default` of Linux. */
const DEFAULT_BUFFER_BYTES = 212_992;

/** So many datagrams fit into a socket at one instant, and for how long. */
const BURST_SENDS = 64;
const BURST_MS = 0.064;

const BROADCAST = "255.255.255.255";

/** The network around a host's datagrams. */
export interface DatagramNet {
  readonly wire: Wire;
  /** All hosts, this one too. */
  hosts(): Iterable<DatagramHost>;
  /** The host that has an address. */
  hostOf(address: Address): DatagramHost | undefined;
  /** The address that this host is seen at by another one. */
  sourceFor(to: InetAddress): string;
}

/** A host, as far as datagrams go. */
export interface DatagramHost {
  readonly place: Place;
  readonly datagrams: MemoryDatagrams;
}

/** The datagram sockets of one host. */
export class MemoryDatagrams {
  readonly net: DatagramNet;
  readonly place: Place;
  readonly #table: AddressTable;
  readonly #sockets: Set<MemoryDatagram> = new Set();
  #turn = 0;
  #named = 0;

  /** For a host with these numeric addresses besides loopback. */
  constructor(net: DatagramNet, place: Place, addresses: readonly string[]) {
    this.net = net;
    this.place = place;
    this.#table = new AddressTable(addresses);
  }

  /** What programs wait for at its sockets. */
  *waiting(): Iterable<string> {
    for (const { local, isWaiting } of this.#sockets) {
      if (isWaiting) yield `recvFrom at ${hostText(local)}`;
    }
  }

  /** Claims an address, or rejects with a Fault. */
  async bind(options: RawBindOptions): Promise<RawDatagram> {
    const { address, ipv6Only, reuseAddr, reusePort } = options;
    if (address.family === "unix" && address.path === "") {
      return this.bind({ ...options, address: this.#unnamed() });
    }
    const isShared = reuseAddr === true || reusePort === true;
    // A group's address belongs to nobody, so that anybody may bind to it.
    const isGroup = address.family !== "unix" && isMulticast(address.hostname);
    const place = isGroup
      ? { ...address, hostname: anyHost(address.family) }
      : address;
    const claim = this.#table.claim(place, { ipv6Only, reusePort: isShared });
    const port = (claim.address as InetAddress).port;
    const local = isGroup ? { ...address, port } : claim.address;
    const socket: MemoryDatagram = new MemoryDatagram(this, local, {
      ipv6Only: ipv6Only === true,
      isBalanced: reusePort === true,
      freed: () => {
        this.#table.release(claim);
        this.#sockets.delete(socket);
      },
    });
    this.#sockets.add(socket);
    if (options.peer !== undefined) await socket.connect(options.peer);
    return socket;
  }

  /** A name of the kind that Linux gives to those who ask for any. */
  #unnamed(): Address {
    const digits = (this.#named++).toString(16).padStart(5, "0");
    return { family: "unix", path: `\0${digits}` };
  }

  /** Who gets a datagram. */
  receivers(to: Address, from: Address): readonly MemoryDatagram[] {
    const all = [...this.#sockets];
    if (to.family === "unix") {
      return all.filter((each) =>
        each.local.family === "unix" && each.local.path === to.path
      );
    }
    const here = all.filter((each) => each.hasPort(to));
    if (isMulticast(to.hostname)) {
      return here.filter((each) => each.hears(to.hostname, from));
    }
    if (to.hostname === BROADCAST) {
      return here.filter((each) => isWildcard(each.local));
    }
    const exact = here.filter((each) => each.isAt(to));
    const found = exact.length > 0
      ? exact
      : here.filter((each) => each.covers(to));
    // The kernel prefers a socket that is connected to the sender.
    const own = found.filter((each) => each.isPeer(from));
    const best = own.length > 0 ? own : found.filter((each) => !each.hasPeer);
    return best.slice(...this.#one(best));
  }

  /** Those that share a port by `SO_REUSEPORT` take turns, else the last. */
  #one(best: readonly MemoryDatagram[]): [number, number] {
    if (best.length === 0) return [0, 0];
    const at = best[0]!.isBalanced
      ? this.#turn++ % best.length
      : best.length - 1;
    return [at, at + 1];
  }
}

interface MemoryDatagramInit {
  readonly ipv6Only: boolean;
  readonly isBalanced: boolean;
  readonly freed: () => void;
}

class MemoryDatagram implements RawDatagram {
  readonly sendsAtOnce = true;
  readonly queuesSends = false;
  readonly local: Address;
  readonly isBalanced: boolean;
  /** Whether its program has asked for datagrams. */
  isWaiting = false;
  readonly #net: MemoryDatagrams;
  readonly #init: MemoryDatagramInit;
  readonly #options: Map<DatagramOptionName, number> = new Map();
  readonly #groups: Map<string, RawMembership> = new Map();
  #sink: DatagramSink | undefined;
  #peer: Address | undefined;
  #isClosed = false;
  #burst = 0;
  #burstAt = -1;

  constructor(net: MemoryDatagrams, local: Address, init: MemoryDatagramInit) {
    this.#net = net;
    this.local = local;
    this.isBalanced = init.isBalanced;
    this.#init = init;
  }

  get hasPeer(): boolean {
    return this.#peer !== undefined;
  }

  localAddress(): Address {
    return this.local;
  }

  attach(sink: DatagramSink): void {
    this.#sink = sink;
  }

  resume(): void {
    this.isWaiting = true;
  }

  connect(peer: Address): Promise<void> {
    this.#peer = reachable(peer);
    return Promise.resolve();
  }

  send(data: Uint8Array, to: Address | undefined, _done: SendDone): boolean {
    const target = reachable((to ?? this.#peer) as Address);
    this.#check(data, target);
    if (this.#isOutOfBreath()) return false;
    if (this.#net.place.isDead) return true;
    this.#deliver(data.slice(), target);
    return true;
  }

  /**
   * A send takes time on a real machine: so many of one instant fill the
   * socket, lest a loop of sends lets no time pass.
   */
  #isOutOfBreath(): boolean {
    const { wire } = this.#net.net;
    if (!wire.isReal) return false;
    const now = wire.tasks.now();
    if (now !== this.#burstAt) this.#burst = 0;
    this.#burstAt = now;
    if (++this.#burst <= BURST_SENDS) return false;
    const tell = () => {
      if (!this.#isClosed) this.#sink?.writable();
    };
    wire.tasks.after(BURST_MS, () => this.#net.place.run(tell));
    return true;
  }

  #check(data: Uint8Array, to: Address): void {
    if (to.family === "unix") {
      if (data.length > DEFAULT_BUFFER_BYTES) throw new Fault("EMSGSIZE");
      if (this.#net.receivers(to, this.local).length > 0) return;
      throw new Fault(to.path.startsWith("\0") ? "ECONNREFUSED" : "ENOENT");
    }
    const most = to.family === "ipv4"
      ? MAX_IPV4_PAYLOAD_BYTES
      : MAX_IPV6_PAYLOAD_BYTES;
    if (data.length > most) throw new Fault("EMSGSIZE");
    if (to.hostname === BROADCAST) {
      if (!this.#options.get("broadcast")) throw new Fault("EACCES");
      return;
    }
    if (isMulticast(to.hostname) || this.#net.net.hostOf(to)) return;
    throw new Fault("ENETUNREACH");
  }

  /** Posts it to every host that it is meant for. */
  #deliver(data: Uint8Array<ArrayBuffer>, to: Address): void {
    const { net } = this.#net;
    const isGroup = to.family !== "unix" && isMulticast(to.hostname);
    if (isGroup && this.#options.get("multicastLoop") === 0) return;
    const isForAll = isGroup ||
      (to.family !== "unix" && to.hostname === BROADCAST);
    const found = isForAll ? [...net.hosts()] : [net.hostOf(to)];
    for (const host of found) {
      if (host !== undefined) this.#post(host, data, to);
    }
  }

  #post(
    host: DatagramHost,
    data: Uint8Array<ArrayBuffer>,
    to: Address,
  ): void {
    const from = this.#source(to);
    const { wire } = this.#net.net;
    const isGroup = to.family !== "unix" && isMulticast(to.hostname);
    post(wire, this.#net.place, host.place, to, data, (bytes) => {
      // The host may have started anew meanwhile.
      const now = this.#net.net.hostOf(to) ?? host;
      const receivers = now.datagrams.receivers(to, from);
      for (const each of receivers) each.receive(bytes.slice(), from);
      if (receivers.length === 0 && !isGroup) this.#refused(now.place, to);
    });
  }

  /** An ICMP message comes back: nobody has the port. */
  #refused(by: Place, to: Address): void {
    if (!this.hasPeer) return;
    const { wire } = this.#net.net;
    const { place } = this.#net;
    const tell = () => {
      if (!this.#isClosed) this.#sink?.failed(new Fault("ECONNREFUSED"));
    };
    if (!wire.isReal) return tell();
    post(wire, by, place, to, undefined, () => place.run(tell));
  }

  /** The address that the receiver sees. */
  #source(to: Address): Address {
    const local = unmapped(this.local);
    if (local.family === "unix" || to.family === "unix") return local;
    if (!isWildcard(local) && !isMulticast(local.hostname)) return local;
    const hostname = this.#net.net.sourceFor(to);
    return { family: to.family, hostname, port: local.port };
  }

  /** A datagram came. */
  receive(data: Uint8Array<ArrayBuffer>, from: Address): void {
    if (this.#isClosed || (this.hasPeer && !this.isPeer(from))) return;
    const isMapped = this.local.family === "ipv6" && from.family === "ipv4";
    const seen = isMapped ? mapped(from) : from;
    this.#net.place.run(() => this.#sink?.datagram(data, seen, false));
  }

  isPeer(from: Address): boolean {
    return this.#peer !== undefined && keyOf(this.#peer) === keyOf(from);
  }

  hasPort(to: InetAddress): boolean {
    const { local } = this;
    return local.family !== "unix" && local.port === to.port;
  }

  isAt(to: InetAddress): boolean {
    return keyOf(unmapped(this.local)) === keyOf(to);
  }

  covers(to: InetAddress): boolean {
    if (!isWildcard(this.local)) return false;
    return this.local.family === to.family ||
      (this.local.family === "ipv6" && !this.#init.ipv6Only);
  }

  /** Whether it has joined a group, for that sender. */
  hears(group: string, from: Address): boolean {
    if (from.family === "unix" || this.local.family === "unix") return false;
    const isBound = isWildcard(this.local) || this.local.hostname === group;
    return isBound &&
      [...this.#groups.values()].some((each) =>
        each.group === group &&
        (each.source === undefined || each.source === from.hostname)
      );
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#init.freed();
    const { net, place } = this.#net;
    net.wire.tasks.run(() => place.run(() => this.#sink?.closed()));
  }

  /** Nobody outside this process can send: nothing to wait for. */
  ref(_flag: boolean): void {}

  setOption(name: DatagramOptionName, value: number): void {
    this.#options.set(name, value);
  }

  getOption(name: DatagramOptionName): number {
    if (name !== "receiveBuffer" && name !== "sendBuffer") {
      return refuseOption("a memory network does not read this option");
    }
    const value = this.#options.get(name);
    // Linux doubles what is asked for.
    return value === undefined ? DEFAULT_BUFFER_BYTES : value * 2;
  }

  /** All hosts are on one network, which every interface leads to. */
  setMulticastInterface(_iface: string | number): void {}

  join(membership: RawMembership): void {
    const key = `${membership.group} ${membership.source ?? ""}`;
    if (this.#groups.has(key)) throw new Fault("EADDRINUSE");
    this.#groups.set(key, membership);
  }

  leave(membership: RawMembership): void {
    const key = `${membership.group} ${membership.source ?? ""}`;
    if (!this.#groups.delete(key)) throw new Fault("EADDRNOTAVAIL");
  }
}

/** Whether a destination is more than one host. */
export function isForMany({ hostname }: InetAddress): boolean {
  return hostname === BROADCAST || isMulticast(hostname);
}

function isMulticast(hostname: string): boolean {
  return /^(22[4-9]|23\d)\.|^ff[\da-f]{2}:/.test(hostname);
}

function anyHost(family: "ipv4" | "ipv6"): string {
  return family === "ipv4" ? "0.0.0.0" : "::";
}

function hostText(address: Address): string {
  return address.family === "unix"
    ? address.path
    : `${address.hostname}:${address.port}`;
}

function keyOf(address: Address): string {
  return address.family === "unix"
    ? address.path
    : `${address.hostname} ${address.port}`;
}

/** Where a destination really is: a wildcard means this host. */
function reachable(to: Address): Address {
  const plain = unmapped(to);
  if (plain.family === "unix" || !isWildcard(plain)) return plain;
  const hostname = plain.family === "ipv4" ? "127.0.0.1" : "::1";
  return { family: plain.family, hostname, port: plain.port };
}
