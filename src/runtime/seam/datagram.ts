/**
 * The seam for datagrams: what the library asks of a runtime's UDP and Unix
 * datagram sockets. A driver moves datagrams, sets options and names errors;
 * queues, filters, deadlines and the order of sends live above it.
 *
 * @module
 */

import type { Address, Bytes } from "../../contracts.ts";
import type { Fault } from "./fault.ts";

/** What a driver tells the half above it. Nothing comes after `closed`. */
export interface DatagramSink {
  /**
   * A datagram came; the array is the sink's and the only view of its memory.
   * `false`: no more until `resume()`, where the driver can wait.
   */
  datagram(data: Bytes, from: Address, isTruncated: boolean): boolean;
  /** An ICMP error or its like was told; the socket lives on. */
  failed(fault: Fault): void;
  /** After a refused `send`: the kernel takes more. May be spurious. */
  writable(): void;
  /** The descriptor is released. */
  closed(): void;
}

/** Told once that the runtime is done with a datagram's memory. */
export type SendDone = (fault: Fault | undefined) => void;

/** A multicast group. */
export interface RawMembership {
  /** The group's numeric address. */
  readonly group: string;
  /** A local IPv4 address, an interface's name, or its index; 0 is any. */
  readonly interface: string | number;
  /** The one sender to hear; `undefined` for all. */
  readonly source: string | undefined;
}

/** The options with a number for a value, by the seam's names. */
export type DatagramOptionName =
  | "broadcast"
  | "multicastLoop"
  | "multicastTtl"
  | "receiveBuffer"
  | "sendBuffer"
  | "ttl";

/** A bound datagram socket. Before `attach()` nothing is told. */
export interface RawDatagram {
  /** Whether `send` is done with the memory when it returns. */
  readonly sendsAtOnce: boolean;
  /** Whether a send may be given while another is not done; they stay in order. */
  readonly queuesSends: boolean;
  /** The address of this end. */
  localAddress(): Address;
  /** Names the sink; once, before anything else. */
  attach(sink: DatagramSink): void;
  /** Wants datagrams. A pushing driver brings them anyway. */
  resume(): void;
  /**
   * Fixes the peer: later sends without an address go to it. The kernel may
   * or may not filter. Rejects with a {@linkcode Fault}.
   */
  connect(peer: Address): Promise<void>;
  /**
   * Hands a datagram over, to the peer without an address. `true`: the kernel
   * has it. `false`: it has not, wait for `writable()`. `undefined`: the
   * runtime holds the memory until `done` is called, in a later turn or
   * microtask. Throws a {@linkcode Fault}.
   */
  send(
    data: Uint8Array,
    to: Address | undefined,
    done: SendDone,
  ): boolean | undefined;
  /**
   * Hands several over in one go, from `start` on, and gives how many the
   * kernel has taken: less than all means that `send` will tell why. There
   * only if `sendsAtOnce`.
   */
  sendMany?(batch: readonly RawSend[], start: number): number;
  /** Releases the descriptor now; `closed()` follows. May be called again. */
  close(): void;
  /** Whether the open socket keeps the process alive. It does at first. */
  ref(flag: boolean): void;
  /** Sets an option in the kernel, or throws a Fault, `ENOPROTOOPT` if it cannot. */
  setOption(name: DatagramOptionName, value: number): void;
  /** The descriptor, where the runtime tells it. */
  fileno?(): number | undefined;
  /** What the kernel tells of an option, or throws a Fault `ENOPROTOOPT`. */
  getOption(name: DatagramOptionName): number;
  /** The interface that multicast leaves by: as in a membership. */
  setMulticastInterface(iface: string | number): void;
  /** Joins a group, or throws a Fault. */
  join(membership: RawMembership): void;
  /** Leaves a group, or throws a Fault. */
  leave(membership: RawMembership): void;
}

/** A datagram and where it goes; `undefined` is the peer. */
export interface RawSend {
  /** The payload. */
  readonly data: Uint8Array;
  /** The destination. */
  readonly to: Address | undefined;
}

/** Where and how to bind. */
export interface RawBindOptions {
  /** A numeric or Unix address; port 0 lets the kernel choose. */
  readonly address: Address;
  /** The peer, if `connect` comes first. */
  readonly peer?: Address | undefined;
  /** `SO_REUSEADDR`. */
  readonly reuseAddr?: boolean | undefined;
  /** `SO_REUSEPORT`. */
  readonly reusePort?: boolean | undefined;
  /** `IPV6_V6ONLY`; by default a socket on `::` is dual-stack. */
  readonly ipv6Only?: boolean | undefined;
  /**
   * Options that will be set next, so that a driver can choose a way that has
   * them: option names, `"multicastInterface"`, `"membership"`, `"source"`.
   */
  readonly wants?: ReadonlySet<DatagramWish> | undefined;
}

/** What may be asked of a socket after it is bound. */
export type DatagramWish =
  | DatagramOptionName
  | "membership"
  | "multicastInterface"
  | "source";

/** The largest payload over IPv4: 65,535 − 20 (IP) − 8 (UDP). */
export const MAX_IPV4_PAYLOAD_BYTES = 65_507;

/** The largest payload over IPv6: 65,535 − 8 (UDP). */
export const MAX_IPV6_PAYLOAD_BYTES = 65_527;
