/**
 * What was set on a datagram socket, and how it reaches the kernel: at the
 * bind, or at once where the socket is bound.
 *
 * @module
 */

import { AF_INET6, AF_UNIX, SOCK_DGRAM } from "../../constants.ts";
import type {
  DatagramOptionName,
  DatagramWish,
  RawDatagram,
  RawMembership,
} from "../../runtime/seam/datagram.ts";
import { refuseOption } from "../../runtime/seam/fault.ts";
import type { NativeSocket } from "../../runtime/seam/native.ts";
import { SocketOptions } from "./socket_options.ts";

/** Options that only the bind can set. */
export type BindOptionName = "reuseAddr" | "reusePort" | "ipv6Only";

/** What the bind has to know. */
export type BindChoices = Readonly<Partial<Record<BindOptionName, boolean>>>;

/** Something to be done once the socket is bound. */
interface Step {
  readonly wish: DatagramWish;
  readonly run: (raw: RawDatagram) => void;
}

/** The options of one datagram socket. All methods throw Faults. */
export class DatagramOptions extends SocketOptions {
  /** What kind of socket it is. */
  override readonly kind = "datagram";
  readonly #set: Map<DatagramOptionName, number> = new Map();
  #raw: RawDatagram | undefined;
  #steps: Step[] = [];
  #choices: Partial<Record<BindOptionName, boolean>> = {};

  /** Whether it is bound. */
  get isBound(): boolean {
    return this.#raw !== undefined;
  }

  // ---- the life of the socket

  /** What the bind has to know. */
  get choices(): BindChoices {
    return this.#choices;
  }

  /** What will be asked of the socket as soon as it is bound. */
  get wants(): ReadonlySet<DatagramWish> {
    return new Set(this.#steps.map(({ wish }) => wish));
  }

  /** The socket is bound: what was set before reaches the kernel now. */
  opened(raw: RawDatagram): void {
    for (const step of this.#steps) step.run(raw);
    this.descriptor.opened({
      get native(): NativeSocket {
        const fd = raw.fileno?.();
        const local = fd === undefined ? raw.localAddress() : undefined;
        return { type: SOCK_DGRAM, fd, local, peer: undefined };
      },
    });
    this.#raw = raw;
    this.#steps = [];
  }

  // ---- what the table asks

  /** Does something with the bound socket, now or at the bind. */
  do(wish: DatagramWish, run: (raw: RawDatagram) => void): void {
    if (this.#raw === undefined) this.#steps.push({ wish, run });
    else run(this.#raw);
  }

  /** Sets an option that has a number for a value. */
  setNumber(name: DatagramOptionName, value: number): void {
    this.do(name, (raw) => raw.setOption(name, value));
    this.#set.set(name, value);
  }

  /** What was set; `undefined` if nothing was. */
  getNumber(name: DatagramOptionName): number | undefined {
    return this.#set.get(name);
  }

  /** What the kernel tells; `undefined` before the bind. */
  ask(name: DatagramOptionName): number | undefined {
    return this.#raw?.getOption(name);
  }

  /** Sets what only the bind can. */
  choose(name: BindOptionName, on: boolean): void {
    if (this.isBound) refuseOption("it must be set before the bind");
    if (name === "reusePort" && on) this.demand("udpReusePort");
    this.#choices[name] = on;
  }

  /** Joins or leaves a group. */
  change(verb: "join" | "leave", group: RawMembership): void {
    const hasSource = group.source !== undefined;
    if (hasSource && this.family === AF_INET6) {
      this.demand("udpIpv6SourceMembership");
    }
    this.do(hasSource ? "source" : "membership", (raw) => raw[verb](group));
  }

  /** Throws where no driver of this runtime has a way to an option. */
  demandNumber(name: DatagramOptionName): void {
    if (name === "receiveBuffer" || name === "sendBuffer") {
      return this.demand("udpBufferSizes");
    }
    if (this.family === AF_UNIX) this.demandInternet();
    const isHops = name === "ttl" || name === "multicastTtl";
    if (isHops && this.family === AF_INET6) this.demand("udpIpv6Hops");
  }
}
