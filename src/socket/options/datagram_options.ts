/**
 * The options of a datagram socket: C's levels, names and values on one side,
 * the seam's neutral names on the other, and what was set.
 *
 * @module
 */

import { show } from "../../address.ts";
import type { AddressFamily } from "../../constants.ts";
import * as c from "../../constants.ts";
import type {
  DatagramOptionName,
  DatagramWish,
  RawDatagram,
} from "../../runtime/seam/datagram.ts";
import { refuseOption } from "../../runtime/seam/fault.ts";
import type { Runtime } from "../../runtime/seam/runtime.ts";
import type { OptionValue } from "./values.ts";
import { readInterface, readMembership, readNumber } from "./values.ts";

/** What an option is about, whatever C calls it. */
type Option =
  | { readonly kind: "number"; readonly name: DatagramOptionName }
  | { readonly kind: "bind"; readonly name: BindOptionName }
  | { readonly kind: "interface" }
  | {
    readonly kind: "membership";
    readonly verb: "join" | "leave";
    readonly hasSource: boolean;
  }
  | { readonly kind: "constant"; value(family: AddressFamily): number };

/** Options that only the bind can set. */
export type BindOptionName = "reuseAddr" | "reusePort" | "ipv6Only";

/** The range of values of a numeric option. */
const RANGES: Readonly<Record<DatagramOptionName, readonly [number, number]>> =
  {
    broadcast: [0, 0x7fffffff],
    multicastLoop: [0, 1],
    multicastTtl: [0, 255],
    receiveBuffer: [1, 0x7fffffff],
    sendBuffer: [1, 0x7fffffff],
    ttl: [1, 255],
  };

const GENERAL = [c.SOL_SOCKET, 0] as const;
const IPV4 = [c.IPPROTO_IP, 4] as const;
const IPV6 = [c.IPPROTO_IPV6, 6] as const;

type Level = typeof GENERAL | typeof IPV4 | typeof IPV6;

let table: ReadonlyMap<string, Option> | undefined;

function options(): ReadonlyMap<string, Option> {
  return table ??= new Map([
    number(GENERAL, c.SO_BROADCAST, "broadcast"),
    number(GENERAL, c.SO_RCVBUF, "receiveBuffer"),
    number(GENERAL, c.SO_SNDBUF, "sendBuffer"),
    entry(GENERAL, c.SO_REUSEADDR, { kind: "bind", name: "reuseAddr" }),
    entry(GENERAL, c.SO_REUSEPORT, { kind: "bind", name: "reusePort" }),
    constant(c.SO_TYPE, () => c.SOCK_DGRAM),
    constant(c.SO_DOMAIN, (family) => family),
    constant(c.SO_ACCEPTCONN, () => 0),
    constant(
      c.SO_PROTOCOL,
      (family) => family === c.AF_UNIX ? 0 : c.IPPROTO_UDP,
    ),
    number(IPV4, c.IP_TTL, "ttl"),
    number(IPV4, c.IP_MULTICAST_TTL, "multicastTtl"),
    number(IPV4, c.IP_MULTICAST_LOOP, "multicastLoop"),
    entry(IPV4, c.IP_MULTICAST_IF, { kind: "interface" }),
    member(IPV4, c.IP_ADD_MEMBERSHIP, "join", false),
    member(IPV4, c.IP_DROP_MEMBERSHIP, "leave", false),
    member(IPV4, c.IP_ADD_SOURCE_MEMBERSHIP, "join", true),
    member(IPV4, c.IP_DROP_SOURCE_MEMBERSHIP, "leave", true),
    number(IPV6, c.IPV6_UNICAST_HOPS, "ttl"),
    number(IPV6, c.IPV6_MULTICAST_HOPS, "multicastTtl"),
    number(IPV6, c.IPV6_MULTICAST_LOOP, "multicastLoop"),
    entry(IPV6, c.IPV6_MULTICAST_IF, { kind: "interface" }),
    entry(IPV6, c.IPV6_V6ONLY, { kind: "bind", name: "ipv6Only" }),
    member(IPV6, c.IPV6_JOIN_GROUP, "join", false),
    member(IPV6, c.IPV6_LEAVE_GROUP, "leave", false),
  ]);
}

function entry(
  [level, version]: Level,
  name: number,
  option: Option,
): [string, Option] {
  return [`${level} ${name} ${version}`, option];
}

function number(
  level: Level,
  name: number,
  neutral: DatagramOptionName,
): [string, Option] {
  return entry(level, name, { kind: "number", name: neutral });
}

function constant(
  name: number,
  value: (family: AddressFamily) => number,
): [string, Option] {
  return entry(GENERAL, name, { kind: "constant", value });
}

function member(
  level: Level,
  name: number,
  verb: "join" | "leave",
  hasSource: boolean,
): [string, Option] {
  return entry(level, name, { kind: "membership", verb, hasSource });
}

/** Something to be done once the socket is bound. */
interface Step {
  readonly wish: DatagramWish;
  readonly run: (raw: RawDatagram) => void;
}

/** What the bind has to know. */
export type BindChoices = Readonly<Partial<Record<BindOptionName, boolean>>>;

/** The options of one socket: those set, and those waiting for the bind. */
export class DatagramOptions {
  readonly #family: AddressFamily;
  readonly #runtime: Runtime;
  readonly #set: Map<string, number> = new Map();
  #steps: Step[] = [];
  #choices: Partial<Record<BindOptionName, boolean>> = {};

  /** Of a socket that is not bound yet. */
  constructor(family: AddressFamily, runtime: Runtime) {
    this.#family = family;
    this.#runtime = runtime;
  }

  /** What the bind has to know. */
  get choices(): BindChoices {
    return this.#choices;
  }

  /** What will be asked of the socket as soon as it is bound. */
  get wants(): ReadonlySet<DatagramWish> {
    return new Set(this.#steps.map(({ wish }) => wish));
  }

  /** The socket is bound: what was set before reaches the kernel now. */
  apply(raw: RawDatagram): void {
    for (const step of this.#steps) step.run(raw);
    this.#steps = [];
  }

  /** Sets an option, now or at the bind. Throws a Fault or a RangeError. */
  set(
    raw: RawDatagram | undefined,
    place: readonly [level: number, name: number],
    value: OptionValue,
  ): void {
    const option = this.#find(...place);
    switch (option.kind) {
      case "constant":
        return refuseOption("the option can only be read");
      case "bind":
        return this.#choose(raw, option.name, readNumber(value) !== 0);
      case "number":
        return this.#setNumber(raw, option.name, readNumber(value));
      case "interface": {
        const iface = readInterface(value, this.#version);
        return this.#do(raw, {
          wish: "multicastInterface",
          run: (each) => each.setMulticastInterface(iface),
        });
      }
      case "membership":
        return this.#member(raw, option, value);
    }
  }

  get #version(): 4 | 6 {
    return this.#family === c.AF_INET6 ? 6 : 4;
  }

  #find(level: number, name: number): Option {
    for (const [value, what] of [["level", level], ["name", name]] as const) {
      if (typeof what === "number") continue;
      throw new TypeError(`An option's ${value} is a number: ${show(what)}`);
    }
    const version = this.#family === c.AF_UNIX ? 1 : this.#version;
    const found = options().get(`${level} ${name} 0`) ??
      options().get(`${level} ${name} ${version}`);
    if (found !== undefined) return found;
    return refuseOption(
      `${this.#runtime.name} has no way to option ${name} of level ${level} ` +
        `on this kind of socket`,
    );
  }

  #choose(
    raw: RawDatagram | undefined,
    name: BindOptionName,
    value: boolean,
  ): void {
    if (raw !== undefined) refuseOption("it must be set before the bind");
    const support = this.#runtime.supports.udpReusePort;
    if (name === "reusePort" && value && typeof support === "string") {
      refuseOption(support);
    }
    this.#choices[name] = value;
  }

  #setNumber(
    raw: RawDatagram | undefined,
    name: DatagramOptionName,
    value: number,
  ): void {
    const [least, most] = RANGES[name];
    if (value < least || value > most) {
      throw new RangeError(`This option is ${least} to ${most}: ${value}`);
    }
    this.#demand(name);
    this.#do(raw, { wish: name, run: (each) => each.setOption(name, value) });
    this.#set.set(name, value);
  }

  /** What no driver of this runtime can do need not wait for the bind. */
  #demand(name: DatagramOptionName): void {
    const { supports } = this.#runtime;
    const isSize = name === "receiveBuffer" || name === "sendBuffer";
    if (this.#family === c.AF_UNIX && !isSize) {
      refuseOption("Unix sockets have no such option");
    }
    const isHops = name === "ttl" || name === "multicastTtl";
    const support = isSize
      ? supports.udpBufferSizes
      : isHops && this.#version === 6
      ? supports.udpIpv6Hops
      : true;
    if (typeof support === "string") refuseOption(support);
  }

  #member(
    raw: RawDatagram | undefined,
    option: Extract<Option, { kind: "membership" }>,
    value: OptionValue,
  ): void {
    const { verb, hasSource } = option;
    const found = readMembership(value, this.#version, hasSource);
    const support = this.#runtime.supports.udpIpv6SourceMembership;
    const isSourceOf6 = this.#version === 6 && found.source !== undefined;
    if (isSourceOf6 && typeof support === "string") refuseOption(support);
    this.#do(raw, {
      wish: found.source === undefined ? "membership" : "source",
      run: (each) => each[verb](found),
    });
  }

  #do(raw: RawDatagram | undefined, step: Step): void {
    if (raw === undefined) this.#steps.push(step);
    else step.run(raw);
  }

  /** What is known of an option. Throws a Fault. */
  get(raw: RawDatagram | undefined, level: number, name: number): number {
    const option = this.#find(level, name);
    if (option.kind === "constant") return option.value(this.#family);
    if (option.kind === "bind") return this.#choices[option.name] ? 1 : 0;
    if (option.kind !== "number") {
      return refuseOption("the option can only be set");
    }
    const isSize = option.name === "receiveBuffer" ||
      option.name === "sendBuffer";
    if (isSize) {
      this.#demand(option.name);
      if (raw !== undefined) return raw.getOption(option.name);
      return refuseOption("the kernel tells it once the socket is bound");
    }
    const value = this.#set.get(option.name);
    if (value !== undefined) return value;
    // Off on every system until it is switched on.
    if (option.name === "broadcast") return 0;
    return refuseOption("no runtime reads it, and it was not set");
  }
}
