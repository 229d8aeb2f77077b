/**
 * Options and groups of a datagram socket, by the methods of `node:dgram`,
 * which Bun's own sockets have as well.
 *
 * @module
 */

import type { DatagramOptionName, RawMembership } from "../seam/datagram.ts";
import type { Fault } from "../seam/fault.ts";
import type { Settable } from "./dgram_module.ts";
import { interfaceText } from "./interfaces.ts";

/** The options that every such socket has. */
export type PlainOptionName = Exclude<
  DatagramOptionName,
  "receiveBuffer" | "sendBuffer"
>;

/** What is set on one socket. All throw Faults. */
export class DatagramSettings {
  readonly #socket: Settable;
  readonly #family: "ipv4" | "ipv6";
  readonly #toFault: (error: unknown) => Fault;

  /** For a socket of a family, whose errors `toFault` reads. */
  constructor(
    socket: Settable,
    family: "ipv4" | "ipv6",
    toFault: (error: unknown) => Fault,
  ) {
    this.#socket = socket;
    this.#family = family;
    this.#toFault = toFault;
  }

  /** Sets an option. */
  set(name: PlainOptionName, value: number): void {
    const socket = this.#socket;
    this.translated(() => {
      if (name === "broadcast") socket.setBroadcast(value !== 0);
      else if (name === "ttl") socket.setTTL(value);
      else if (name === "multicastTtl") socket.setMulticastTTL(value);
      else socket.setMulticastLoopback(value !== 0);
    });
  }

  /** The interface that multicast leaves by. */
  setMulticastInterface(iface: string | number): void {
    const any = this.#family === "ipv4" ? "0.0.0.0" : "::";
    const text = interfaceText(iface, this.#family) ?? any;
    this.translated(() => this.#socket.setMulticastInterface(text));
  }

  /** Joins a group. */
  join({ group, interface: iface, source }: RawMembership): void {
    const text = interfaceText(iface, this.#family);
    this.translated(() =>
      source === undefined
        ? this.#socket.addMembership(group, text)
        : this.#socket.addSourceSpecificMembership(source, group, text)
    );
  }

  /** Leaves a group. */
  leave({ group, interface: iface, source }: RawMembership): void {
    const text = interfaceText(iface, this.#family);
    this.translated(() =>
      source === undefined
        ? this.#socket.dropMembership(group, text)
        : this.#socket.dropSourceSpecificMembership(source, group, text)
    );
  }

  /** What a call gives; what it throws, as a Fault. */
  translated<T>(call: () => T): T {
    try {
      return call();
    } catch (error) {
      throw this.#toFault(error);
    }
  }
}
