/**
 * The few members of `node:dgram` and `node:os` that the driver uses, loaded
 * when first asked for.
 *
 * @module
 */

import { builtin } from "./builtins.ts";
import { fsModule } from "./native.ts";

/** Who sent a datagram. */
export interface NodeRemoteInfo {
  /** The numeric address, with its zone where it has one. */
  readonly address: string;
  /** The port. */
  readonly port: number;
}

/** The methods that set something, which Bun's own sockets have as well. */
export interface Settable {
  /** SO_BROADCAST. */
  setBroadcast(on: boolean): unknown;
  /** IP_TTL, IPV6_UNICAST_HOPS. */
  setTTL(hops: number): unknown;
  /** IP_MULTICAST_TTL, IPV6_MULTICAST_HOPS. */
  setMulticastTTL(hops: number): unknown;
  /** IP_MULTICAST_LOOP, IPV6_MULTICAST_LOOP. */
  setMulticastLoopback(on: boolean): unknown;
  /** IP_MULTICAST_IF, IPV6_MULTICAST_IF. */
  setMulticastInterface(iface: string): unknown;
  /** IP_ADD_MEMBERSHIP, IPV6_JOIN_GROUP. */
  addMembership(group: string, iface?: string): unknown;
  /** IP_DROP_MEMBERSHIP, IPV6_LEAVE_GROUP. */
  dropMembership(group: string, iface?: string): unknown;
  /** IP_ADD_SOURCE_MEMBERSHIP and its like. */
  addSourceSpecificMembership(
    source: string,
    group: string,
    iface?: string,
  ): unknown;
  /** IP_DROP_SOURCE_MEMBERSHIP and its like. */
  dropSourceSpecificMembership(
    source: string,
    group: string,
    iface?: string,
  ): unknown;
}

/** The members of `dgram.Socket` that are used. */
export interface NodeDatagram extends Settable {
  /** A datagram came. */
  on(
    event: "message",
    listener: (data: Uint8Array, from: NodeRemoteInfo) => void,
  ): unknown;
  /** What went wrong. */
  on(event: "error", listener: (error: Error) => void): unknown;
  /** The descriptor is released. */
  on(event: "close", listener: () => void): unknown;
  /** Removes a listener. */
  off(event: "error", listener: (error: Error) => void): unknown;
  /** Claims the address. */
  bind(port: number, host: string, done: () => void): unknown;
  /** Fixes the peer. */
  connect(port: number, host: string, done: (error?: Error) => void): unknown;
  /** Forgets the peer. */
  disconnect(): void;
  /** Sends to the peer. */
  send(data: Uint8Array, done: NodeSendDone): void;
  /** Sends. */
  send(
    data: Uint8Array,
    port: number,
    host: string,
    done: NodeSendDone,
  ): void;
  /** The address of this end. */
  address(): NodeRemoteInfo;
  /** Releases the descriptor. */
  close(): unknown;
  /** Lets the socket keep the process alive. */
  ref(): unknown;
  /** Lets the process end while the socket is open. */
  unref(): unknown;
  /** SO_RCVBUF. */
  setRecvBufferSize(bytes: number): void;
  /** SO_SNDBUF. */
  setSendBufferSize(bytes: number): void;
  /** SO_RCVBUF as the kernel tells it. */
  getRecvBufferSize(): number;
  /** SO_SNDBUF as the kernel tells it. */
  getSendBufferSize(): number;
}

/** What `send` calls back with. */
export type NodeSendDone = (error?: Error | null) => void;

/** The members of `node:dgram` that are used. */
export interface DgramModule {
  /** A socket, not bound yet. */
  createSocket(options: object): NodeDatagram;
}

/** One address of a network interface. */
export interface NodeInterfaceAddress {
  /** The numeric address. */
  readonly address: string;
  /** Its version; a number on some runtimes of old. */
  readonly family: string | number;
  /** The interface's index, of link-local IPv6 addresses. */
  readonly scopeid?: number;
}

interface Os {
  networkInterfaces(): Record<
    string,
    readonly NodeInterfaceAddress[] | undefined
  >;
}

let dgram: DgramModule | undefined;

/** `node:dgram`, loaded when first asked for. */
export function dgramModule(): DgramModule {
  return dgram ??= builtin<DgramModule>("node:dgram");
}

/** The network interfaces, by name. On Deno it needs `--allow-sys`. */
export function networkInterfaces(): Record<
  string,
  readonly NodeInterfaceAddress[] | undefined
> {
  return builtin<Os>("node:os").networkInterfaces();
}

/** What Linux says of an interface's index; `undefined` if it cannot be read. */
export function systemIndex(name: string): number | undefined {
  try {
    const text = fsModule().readFileSync(
      `/sys/class/net/${name}/ifindex`,
      "utf8",
    );
    return Number(text);
  } catch {
    return undefined;
  }
}
