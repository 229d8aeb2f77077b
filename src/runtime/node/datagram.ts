/**
 * The driver for `node:dgram`: Node's own, and those of Deno and Bun, whose
 * drivers send here what their native sockets cannot do.
 *
 * Node pushes and hands a datagram to the kernel at once. Deno's `node:dgram`
 * reverses sends that are not awaited, knows no connected sockets, and loses
 * the kernel's codes: here it is made to behave.
 *
 * @module
 */

import type { Address, Bytes, InetAddress } from "../../contracts.ts";
import type {
  DatagramOptionName,
  DatagramSink,
  RawBindOptions,
  RawDatagram,
  RawMembership,
  SendDone,
} from "../seam/datagram.ts";
import { Fault, refuseOption } from "../seam/fault.ts";
import { hostText, toAddress } from "./addresses.ts";
import { alone } from "./chunks.ts";
import {
  bindFault,
  demandKnownZone,
  demandOption,
  demandReusePort,
  demandSource,
  MembershipLedger,
  NO_UNIX_DATAGRAMS,
  nodeDatagramSupports,
  sendFault,
} from "./datagram_gaps.ts";
import { type DatagramQuirks, datagramQuirks } from "./datagram_quirks.ts";
import { DatagramSettings } from "./datagram_settings.ts";
import {
  dgramModule,
  type NodeDatagram,
  type NodeSendDone,
} from "./dgram_module.ts";
import { nodeFault } from "./error_mapping.ts";
import { builtinsReady } from "./builtins.ts";
import { type Host, nodeHost } from "./native.ts";
import { descriptorOfDatagram } from "./options.ts";
import { SenderZones, withZone } from "./sender_zones.ts";
import { DatagramHosts, zonedDatagram } from "./zones.ts";

/** Binds through `node:dgram`, or rejects with a {@linkcode Fault}. */
export async function bindNodeDatagram(
  options: RawBindOptions,
): Promise<RawDatagram> {
  const { address: asked, peer } = options;
  if (asked.family === "unix") {
    throw new Fault("EOPNOTSUPP", undefined, NO_UNIX_DATAGRAMS);
  }
  const address = zonedDatagram(asked, "ENODEV");
  if (options.reusePort === true) demandReusePort();
  const loading = builtinsReady();
  if (loading !== undefined) await loading;
  const socket = dgramModule().createSocket(toNodeOptions(options, address));
  // An error event without a listener would end the process.
  socket.on("error", ignore);
  try {
    await bound(socket, address);
    const raw = new NodeDatagramDriver(socket, address);
    if (peer !== undefined) await raw.connect(peer);
    return raw;
  } catch (error) {
    socket.close();
    throw bindFault(error, address);
  }
}

/** Numeric addresses need no look-up, and without one a send is immediate. */
function lookUpNothing(
  host: string,
  family: number | object,
  done: (error: null, address: string, family: number) => void,
): void {
  const known = typeof family === "number"
    ? family
    : host.includes(":")
    ? 6
    : 4;
  done(null, host, known);
}

function toNodeOptions(options: RawBindOptions, address: InetAddress): object {
  const { reuseAddr, reusePort, ipv6Only } = options;
  return {
    type: address.family === "ipv4" ? "udp4" : "udp6",
    reuseAddr: reuseAddr === true,
    ...(reusePort === true ? { reusePort } : {}),
    ipv6Only: ipv6Only === true,
    lookup: lookUpNothing,
  };
}

function bound(socket: NodeDatagram, address: InetAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.on("error", reject);
    socket.bind(address.port, hostText(address), () => {
      socket.off("error", reject);
      resolve();
    });
  });
}

class NodeDatagramDriver implements RawDatagram {
  readonly sendsAtOnce = false;
  readonly queuesSends: boolean;
  readonly #socket: NodeDatagram;
  readonly #host: Host = nodeHost();
  readonly #quirks: DatagramQuirks = datagramQuirks();
  readonly #family: "ipv4" | "ipv6";
  readonly #asked: InetAddress;
  readonly #hosts: DatagramHosts;
  readonly #zones: SenderZones;
  #zone: string | undefined;
  readonly #settings: DatagramSettings;
  readonly #ledger: MembershipLedger = new MembershipLedger();
  #sink: DatagramSink | undefined;
  /** Where the kernel does not know the peer, it is kept here. */
  #peer: Address | undefined;
  #isConnected = false;
  #isBroadcast = false;
  #isClosed = false;
  #hasClosed = false;

  constructor(socket: NodeDatagram, asked: InetAddress) {
    this.#socket = socket;
    this.#asked = asked;
    this.#family = asked.family;
    this.#hosts = new DatagramHosts(asked.family);
    this.#zones = new SenderZones(asked);
    this.#zone = asked.scopeId;
    this.#settings = new DatagramSettings(socket, asked.family, nodeFault);
    this.queuesSends = !this.#quirks.reversesSends;
    socket.on("error", this.#onError);
    socket.on("close", this.#onClose);
  }

  localAddress(): Address {
    const { address, port } = this.#socket.address();
    // Only Node tells the zone.
    return withZone(toAddress(address, port), this.#zone);
  }

  #told(address: Address): Address {
    return this.#quirks.asksForZones ? this.#zones.complete(address) : address;
  }

  attach(sink: DatagramSink): void {
    this.#sink = sink;
    const take = this.#quirks.lendsMemory ? copied : alone;
    this.#socket.on("message", (data, { address, port }) => {
      if (this.#isClosed) return;
      sink.datagram(take(data), this.#told(toAddress(address, port)), false);
    });
  }

  resume(): void {}

  async connect(peer: Address): Promise<void> {
    if (peer.family === "unix") throw new Fault("EAFNOSUPPORT");
    this.#zone ??= peer.scopeId;
    if (this.#quirks.connectsNothing) {
      demandKnownZone(peer);
      this.#zones.given(peer);
      this.#peer = peer;
      return;
    }
    if (this.#isConnected) this.#disconnect();
    await new Promise<void>((resolve, reject) => {
      this.#socket.connect(peer.port, this.#hosts.text(peer), (error) => {
        if (error) reject(nodeFault(error));
        else resolve();
      });
    });
    this.#isConnected = true;
  }

  #disconnect(): void {
    if (this.#asked.port === 0) {
      const reason = nodeDatagramSupports(this.#host).udpReconnect as string;
      throw new Fault("EOPNOTSUPP", undefined, reason);
    }
    this.#isConnected = false;
    this.#socket.disconnect();
  }

  send(data: Uint8Array, to: Address | undefined, done: SendDone): undefined {
    const peer = (to ?? this.#peer) as InetAddress | undefined;
    try {
      this.#hand(data, peer, (error) => {
        if (!error) return done(undefined);
        if (!this.#isStrangers(error)) return this.#refused(error, peer, done);
        this.#hand(data, peer, (again) => {
          if (again) this.#refused(again, peer, done);
          else done(undefined);
        });
      });
    } catch (error) {
      throw this.#faultOf(error, peer);
    }
    return undefined;
  }

  #refused(error: Error, to: Address | undefined, done: SendDone): void {
    done(this.#isDrop(error) ? undefined : this.#faultOf(error, to));
  }

  #hand(
    data: Uint8Array,
    peer: InetAddress | undefined,
    settled: NodeSendDone,
  ): void {
    if (peer === undefined) return this.#socket.send(data, settled);
    this.#zones.given(peer);
    this.#socket.send(data, peer.port, this.#hosts.text(peer), settled);
  }

  /**
   * Bun lets an earlier datagram's ICMP error fail the next send, to whomever;
   * that takes the error away.
   */
  #isStrangers(error: Error): boolean {
    return this.#quirks.tellsStrangersErrors && !this.#isConnected &&
      !this.#isClosed &&
      codeOf(error) === "ECONNREFUSED";
  }

  /** A queue on the way is full. Other sockets are not told of that loss. */
  #isDrop(error: Error): boolean {
    return this.#quirks.tellsDrops && codeOf(error) === "ENOBUFS";
  }

  #faultOf(error: unknown, to: Address | undefined): Fault {
    if (this.#isClosed) return new Fault("EBADF");
    if (codeOf(error) !== "UNKNOWN" || to === undefined) {
      return nodeFault(error);
    }
    return sendFault(error, {
      local: this.localAddress(),
      to,
      isBroadcast: this.#isBroadcast,
    });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.close();
  }

  ref(flag: boolean): void {
    if (flag) this.#socket.ref();
    else this.#socket.unref();
  }

  setOption(name: DatagramOptionName, value: number): void {
    demandOption(this.#host, this.#family, name, value);
    const socket = this.#socket;
    const settings = this.#settings;
    if (name === "receiveBuffer") {
      return settings.translated(() => socket.setRecvBufferSize(value));
    }
    if (name === "sendBuffer") {
      return settings.translated(() => socket.setSendBufferSize(value));
    }
    settings.set(name, value);
    if (name === "broadcast") this.#isBroadcast = value !== 0;
  }

  fileno(): number | undefined {
    return this.#isClosed ? -1 : descriptorOfDatagram(this.#socket);
  }

  getOption(name: DatagramOptionName): number {
    demandOption(this.#host, this.#family, name, 1);
    const socket = this.#socket;
    const settings = this.#settings;
    if (name === "receiveBuffer") {
      return settings.translated(() => socket.getRecvBufferSize());
    }
    if (name === "sendBuffer") {
      return settings.translated(() => socket.getSendBufferSize());
    }
    return refuseOption("node:dgram does not read this option");
  }

  setMulticastInterface(iface: string | number): void {
    this.#settings.setMulticastInterface(iface);
  }

  join(membership: RawMembership): void {
    const { source } = membership;
    if (source !== undefined) demandSource(this.#host, this.#family);
    if (this.#quirks.tellsGroupsAsInvalid) {
      this.#ledger.demandAbsent(membership);
    }
    this.#settings.join(membership);
    this.#ledger.joined(membership);
  }

  leave(membership: RawMembership): void {
    const { source } = membership;
    if (source !== undefined) demandSource(this.#host, this.#family);
    if (this.#quirks.tellsGroupsAsInvalid) {
      this.#ledger.demandPresent(membership);
    }
    this.#settings.leave(membership);
    this.#ledger.left(membership);
  }

  readonly #onError = (error: Error): void => {
    if (!this.#isClosed) this.#sink?.failed(nodeFault(error));
  };

  readonly #onClose = (): void => {
    if (this.#hasClosed) return;
    this.#hasClosed = true;
    this.#sink?.closed();
  };
}

function ignore(): void {}

function codeOf(error: unknown): string | undefined {
  return (error as { readonly code?: string }).code;
}

/** Deno lends 64 KiB with every datagram, however small. */
function copied(data: Uint8Array): Bytes {
  return new Uint8Array(data);
}
