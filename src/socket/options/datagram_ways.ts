/**
 * What a datagram socket does with its options, one by one.
 *
 * @module
 */

import type { AddressFamily } from "../../constants.ts";
import type {
  DatagramOptionName,
  RawMembership,
} from "../../runtime/seam/datagram.ts";
import { refuseOption } from "../../runtime/seam/fault.ts";
import type { BindOptionName, DatagramOptions } from "./datagram_options.ts";
import type { Way } from "./option.ts";

/** What a datagram socket does with an option. */
export type DatagramWay<V> = Way<DatagramOptions, V>;

/** `SO_BROADCAST`, which is off on every system until it is switched on. */
export const BROADCAST: DatagramWay<0 | 1> = {
  demand: (socket) => socket.demandInternet(),
  set: (socket, on) => socket.setNumber("broadcast", on),
  get: (socket) => socket.getNumber("broadcast") ?? 0,
};

/** `SO_RCVBUF` or `SO_SNDBUF`. */
export function bufferSize(
  name: "receiveBuffer" | "sendBuffer",
): DatagramWay<number> {
  return {
    demand: (socket) => socket.demandNumber(name),
    set: (socket, bytes) => socket.setNumber(name, bytes),
    get(socket) {
      if (socket.isBound) return socket.ask(name);
      return refuseOption("the kernel tells it once the socket is bound");
    },
  };
}

/** A number that no runtime reads back. */
export function number(
  name: DatagramOptionName,
  family: AddressFamily,
): DatagramWay<number> {
  return {
    demand(socket) {
      socket.demandFamily(family);
      socket.demandNumber(name);
    },
    set: (socket, value) => socket.setNumber(name, value),
    get: (socket) =>
      socket.getNumber(name) ??
        refuseOption("no runtime reads it, and it was not set"),
  };
}

/** `SO_REUSEADDR`, `SO_REUSEPORT`. */
export function choice(
  name: BindOptionName,
  demand: (socket: DatagramOptions) => void = (socket) =>
    socket.demandInternet(),
): DatagramWay<0 | 1> {
  return {
    demand,
    set: (socket, on) => socket.choose(name, on === 1),
    get: ({ choices }) => choices[name] ? 1 : 0,
  };
}

/** `IP_MULTICAST_IF` or `IPV6_MULTICAST_IF`. */
export function leavesBy(family: AddressFamily): DatagramWay<string | number> {
  return {
    demand: (socket) => socket.demandFamily(family),
    set(socket, iface) {
      socket.do(
        "multicastInterface",
        (raw) => raw.setMulticastInterface(iface),
      );
    },
  };
}

/** What joins groups, or leaves them. */
export function changes(
  verb: "join" | "leave",
  family: AddressFamily,
): DatagramWay<RawMembership> {
  return {
    demand: (socket) => socket.demandFamily(family),
    set: (socket, group) => socket.change(verb, group),
  };
}
