/**
 * The options of a stream socket: C's levels, names and values on one side, the
 * seam's on the other, and what was set. What is said before there is a
 * connection or a listener holds once there is one; what is said to a listener
 * holds for the connections that it accepts from then on.
 *
 * @module
 */

import type { AddressFamily } from "../../constants.ts";
import { SO_KEEPALIVE, SOL_SOCKET } from "../../constants.ts";
import type { Bytes } from "../../contracts.ts";
import type { NativeSocket } from "../../runtime/seam/native.ts";
import type {
  KeepAliveTuning,
  OptionName,
} from "../../runtime/seam/options.ts";
import type { Runtime } from "../../runtime/seam/runtime.ts";
import type { Feature } from "../../runtime/seam/supports.ts";
import { Fault } from "../../runtime/seam/fault.ts";
import type { OpenOptions } from "../stream/opening.ts";
import { DescriptorOptions } from "./descriptor.ts";
import type { Linger } from "./linger.ts";
import type { OptionKey } from "./names.ts";
import { refusalOf, refusedBy, toKey } from "./names.ts";
import { fromRaw, toRaw } from "./raw_values.ts";
import { findOption, type StreamOptionValue } from "./table.ts";

export type { Linger } from "./linger.ts";
export type { StreamOptionValue } from "./table.ts";

/** What a connection and a listener have in common here. */
export interface OptionHolder {
  /** How its descriptor is found. */
  readonly native: NativeSocket;
  /** A connection's: sets an option, or throws a Fault. */
  setOption?(name: OptionName, value: number, tuning?: KeepAliveTuning): void;
  /** A connection's: what the kernel says, where it can be asked. */
  getOption?(name: OptionName): number | undefined;
}

/** What the options are of. */
export interface StreamOptionsInit extends OpenOptions {
  /** The address family. */
  readonly family: AddressFamily;
  /** What serves the socket. */
  readonly runtime: Runtime;
  /** Whether somebody else made the socket, who may have set anything. */
  readonly isAdopted?: boolean | undefined;
  /** The pending failure, as an `errno`; asking clears it. */
  readonly takeError: () => number;
}

/** The options of one stream socket. All methods throw {@linkcode Fault}. */
export class StreamOptions {
  /** The address family. */
  readonly family: AddressFamily;
  /** What serves the socket. */
  readonly runtime: Runtime;
  /** Whether somebody else made the socket, who may have set anything. */
  readonly isAdopted: boolean;
  /** The pending failure, as an `errno`; asking clears it. */
  readonly takeError: () => number;
  /** Whether connections can send RST. */
  abortive: boolean;
  /** `SO_REUSEADDR`, as far as it was set. */
  reuseAddr = 0;
  /** `SO_REUSEPORT`. */
  reusePort: boolean;
  /** `IPV6_V6ONLY`. */
  ipv6Only: boolean;
  /** `TCP_NODELAY`. */
  noDelay = 1;
  /** `SO_KEEPALIVE`; `undefined` if it was not set here. */
  keepAlive: number | undefined;
  /** The tuning of it that was set. */
  tuning: KeepAliveTuning = {};
  /** `IP_TOS` or `IPV6_TCLASS`; `undefined` if it was not set here. */
  typeOfService: number | undefined;
  /** `SO_LINGER`. */
  linger: Linger = { on: false, seconds: 0 };
  #holder: OptionHolder | undefined;
  /** Whether the idle time was set before there was a holder. */
  #isIdleEarly = false;
  readonly #descriptor: DescriptorOptions;

  /** Nothing is set yet, but for what the endpoint's options say. */
  constructor(init: StreamOptionsInit) {
    this.family = init.family;
    this.runtime = init.runtime;
    this.isAdopted = init.isAdopted === true;
    this.takeError = init.takeError;
    this.abortive = init.abortive === true;
    this.reusePort = init.reusePort === true;
    this.ipv6Only = init.ipv6Only === true;
    this.#descriptor = new DescriptorOptions(init.runtime);
  }

  /** Whether there is a connection. */
  get isConnected(): boolean {
    return this.#holder?.setOption !== undefined;
  }

  /** Whether there is a listener. */
  get isListening(): boolean {
    return this.#holder !== undefined && !this.isConnected;
  }

  /** Whether every close sends RST. */
  get closesWithReset(): boolean {
    return this.linger.on && this.linger.seconds === 0;
  }

  /** How long `close` may take unless told, in milliseconds. */
  get lingerMs(): number | undefined {
    const { on, seconds } = this.linger;
    return on && seconds > 0 ? seconds * 1000 : undefined;
  }

  // ---- C's calls

  /** `setsockopt`. */
  set(level: number, name: number | undefined, value: StreamOptionValue): void {
    const key = toKey(level, name);
    if (this.#descriptor.has(key)) {
      return this.#descriptor.set(key, toRaw(value));
    }
    const refusal = refusedBy(key, () => {
      const option = findOption(level, key.name);
      if (option === undefined) return this.#refuseUnknown();
      if (option.set === undefined) refuse("it can only be read");
      option.demand?.(this);
      option.set(this, value);
    });
    if (refusal !== undefined) this.#setRefused(key, value, refusal);
  }

  /** The runtime said no: by way of the descriptor, or not at all. */
  #setRefused(key: OptionKey, value: StreamOptionValue, refusal: Fault): void {
    const option = findOption(key.level, key.name);
    if (option?.isOurs) throw refusal;
    this.#descriptor.set(key, toRaw(value), refusal);
    for (const [[level, name], bytes] of option?.raws?.(this, value) ?? []) {
      this.#descriptor.set({ level, name }, bytes);
    }
  }

  /** `getsockopt`: an `int`, or with `buflen` the bytes of the structure. */
  get(
    level: number,
    name: number | undefined,
    buflen: number | undefined,
  ): number | Bytes {
    const key = toKey(level, name);
    const option = findOption(level, key.name);
    let known: number | Bytes | undefined;
    const refusal = refusedBy(key, () => {
      if (this.#descriptor.has(key)) return;
      if (option?.get === undefined) return this.#refuseUnknown();
      option.demand?.(this);
      known = option.get(this);
    });
    if (known === undefined) {
      if (refusal !== undefined && option?.isOurs) throw refusal;
      const why = refusal ?? refusalOf(key, "only the kernel knows what it is");
      known = this.#descriptor.get(key, buflen ?? INT_BYTES, why);
    }
    return fromRaw(typeof known === "number" ? toRaw(known) : known, buflen);
  }

  #refuseUnknown(): never {
    refuse(`${this.runtime.name} has no way to it`);
  }

  // ---- what the table asks

  /** Throws a Fault unless the runtime has a feature. */
  demand(feature: Feature): void {
    const support = this.runtime.supports[feature];
    if (typeof support === "string") refuse(support);
  }

  /** Sets an option of the connection, if there is one yet. */
  apply(name: OptionName, value: number, tuning?: KeepAliveTuning): void {
    this.#holder?.setOption?.(name, value, tuning);
  }

  /** What the kernel says of an option, where there is a way to ask. */
  ask(name: OptionName): number | undefined {
    return this.#holder?.getOption?.(name);
  }

  /** Throws a Fault if connections to come cannot be tuned so. */
  demandTuning({ idle, interval, count }: KeepAliveTuning): void {
    // The driver of a connection that is there judges by itself.
    if (this.isConnected) return;
    if (idle !== undefined && this.isListening && !this.#isIdleEarly) {
      this.demand("keepAliveIdle");
    }
    const { forcedProbes } = this.runtime;
    const isForced = forcedProbes !== undefined &&
      (interval ?? forcedProbes.interval) === forcedProbes.interval &&
      (count ?? forcedProbes.count) === forcedProbes.count;
    const hasProbes = (interval ?? count) !== undefined;
    if (hasProbes && !isForced) this.demand("keepAliveProbes");
  }

  // ---- the life of the socket

  /** What has to be said before the connection or listener exists. */
  endpoint(): OpenOptions {
    const { abortive, reusePort, ipv6Only } = this;
    const keepAliveIdle = this.tuning.idle !== undefined;
    this.#isIdleEarly = keepAliveIdle;
    return { abortive, reusePort, ipv6Only, keepAliveIdle };
  }

  /** Throws a Fault for what was set and no connect can do. */
  demandConnectable(): void {
    if (this.reusePort) refuse("SO_REUSEPORT is for listeners alone");
    if (this.ipv6Only) refuse("IPV6_V6ONLY is for listeners alone");
  }

  /** The connection or listener is there: what was set before holds for it. */
  opened(holder: OptionHolder): void {
    this.#holder = holder;
    try {
      if (this.isConnected) this.#applyAll();
      this.#descriptor.opened(holder);
    } catch (error) {
      this.#holder = undefined;
      throw error;
    }
  }

  #applyAll(): void {
    const { keepAlive, noDelay, typeOfService } = this;
    if (noDelay === 0) this.apply("noDelay", 0);
    if (typeOfService !== undefined) this.apply("typeOfService", typeOfService);
    if (keepAlive !== 1) return;
    const key = { level: SOL_SOCKET, name: SO_KEEPALIVE };
    const refusal = refusedBy(
      key,
      () => this.apply("keepAlive", 1, this.tuning),
    );
    if (refusal !== undefined) this.#setRefused(key, 1, refusal);
  }

  /** The options of a connection that this listener has accepted. */
  accepted(holder: OptionHolder, takeError: () => number): StreamOptions {
    const { family, runtime, abortive, isAdopted } = this;
    const init = { family, runtime, abortive, isAdopted, takeError };
    const child = new StreamOptions(init);
    child.noDelay = this.noDelay;
    child.keepAlive = this.keepAlive;
    child.tuning = this.tuning;
    child.typeOfService = this.typeOfService;
    child.linger = this.linger;
    child.#holder = holder;
    child.#descriptor.inherit(this.#descriptor, holder);
    try {
      child.#applyAll();
    } catch (error) {
      // Its peer has reset it since: it is handed over all the same.
      const isDead = error instanceof Fault && error.code !== "ENOPROTOOPT";
      if (!isDead) throw error;
    }
    return child;
  }
}

const INT_BYTES = 4;

function refuse(reason: string): never {
  throw new Fault("ENOPROTOOPT", undefined, reason);
}
