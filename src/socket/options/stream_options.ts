/**
 * What was set on a stream socket, and how it reaches the kernel. What is said
 * before there is a connection or a listener holds once there is one; what is
 * said to a listener holds for the connections that it accepts from then on.
 *
 * @module
 */

import {
  IPPROTO_TCP,
  SO_KEEPALIVE,
  SOL_SOCKET,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
} from "../../constants.ts";
import type { Bytes } from "../../contracts.ts";
import type {
  KeepAliveTuning,
  OptionName,
} from "../../runtime/seam/options.ts";
import { Fault, refuseOption } from "../../runtime/seam/fault.ts";
import type { OpenOptions } from "../stream/opening.ts";
import type { DescriptorHolder } from "./descriptor.ts";
import type { Linger } from "./linger.ts";
import type { OptionKey } from "./names.ts";
import { refusedBy } from "./names.ts";
import { SocketOptions, type SocketOptionsInit } from "./socket_options.ts";
import { intBytes } from "./values.ts";

/** What a connection and a listener have in common here. */
export interface OptionHolder extends DescriptorHolder {
  /** A connection's: sets an option, or throws a Fault. */
  setOption?(name: OptionName, value: number, tuning?: KeepAliveTuning): void;
  /** A connection's: what the kernel says, where it can be asked. */
  getOption?(name: OptionName): number | undefined;
}

/** What the options are of. */
export interface StreamOptionsInit extends SocketOptionsInit, OpenOptions {
  /** Whether somebody else made the socket, who may have set anything. */
  readonly isAdopted?: boolean | undefined;
}

/** `SO_KEEPALIVE`. */
const KEEP_ALIVE: OptionKey = { level: SOL_SOCKET, name: SO_KEEPALIVE };

/** What each part of the tuning is to C. */
const TUNING_KEYS: Readonly<Record<keyof KeepAliveTuning, OptionKey>> = {
  idle: { level: IPPROTO_TCP, name: TCP_KEEPIDLE },
  interval: { level: IPPROTO_TCP, name: TCP_KEEPINTVL },
  count: { level: IPPROTO_TCP, name: TCP_KEEPCNT },
};

/** The options of one stream socket. All methods throw {@linkcode Fault}. */
export class StreamOptions extends SocketOptions {
  /** What kind of socket it is. */
  override readonly kind = "stream";
  /** Whether somebody else made the socket, who may have set anything. */
  readonly isAdopted: boolean;
  /** Whether connections can send RST. */
  abortive: boolean;
  /** `SO_REUSEADDR`, as far as it was set. */
  reuseAddr: 0 | 1 = 0;
  /** `SO_REUSEPORT`. */
  reusePort: boolean;
  /** `IPV6_V6ONLY`. */
  ipv6Only: boolean;
  /** `TCP_NODELAY`. */
  noDelay: 0 | 1 = 1;
  /** `IP_TOS` or `IPV6_TCLASS`; `undefined` if it was not set here. */
  typeOfService: number | undefined;
  /** `SO_LINGER`. */
  linger: Linger = { on: false, seconds: 0 };
  #keepAlive: 0 | 1 | undefined;
  #tuning: KeepAliveTuning = {};
  #holder: OptionHolder | undefined;
  /** Whether the idle time was set before there was a holder. */
  #isIdleEarly: boolean;

  /** Nothing is set yet, but for what the endpoint's options say. */
  constructor(init: StreamOptionsInit) {
    super(init);
    this.isAdopted = init.isAdopted === true;
    this.abortive = init.abortive === true;
    this.reusePort = init.reusePort === true;
    this.ipv6Only = init.ipv6Only === true;
    this.#isIdleEarly = init.keepAliveIdle === true;
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

  /** How long `close` may take by `SO_LINGER`, in milliseconds. */
  get lingerMs(): number | undefined {
    const { on, seconds } = this.linger;
    return on && seconds > 0 ? seconds * 1000 : undefined;
  }

  /** Sets an option of the connection, if there is one yet. */
  apply(name: OptionName, value: number, tuning?: KeepAliveTuning): void {
    this.#holder?.setOption?.(name, value, tuning);
  }

  /** What the kernel says of an option, where there is a way to ask. */
  ask(name: OptionName): number | undefined {
    return this.#holder?.getOption?.(name);
  }

  // ---- the keep-alive

  /** `SO_KEEPALIVE`; `undefined` if it was not set here. */
  get keepAlive(): 0 | 1 | undefined {
    return this.#keepAlive;
  }

  /** The tuning of the keep-alive that was set. */
  get tuning(): KeepAliveTuning {
    return this.#tuning;
  }

  /** Switches the keep-alive on or off. */
  setKeepAlive(on: 0 | 1): void {
    this.demand("keepAlive");
    if (on === 1) this.#demandTuning(this.#tuning);
    this.#applyKeepAlive(on, this.#tuning);
    this.#keepAlive = on;
  }

  /** Sets a part of the tuning, which never switches the keep-alive on. */
  tune(key: keyof KeepAliveTuning, value: number): void {
    const tuning = { ...this.#tuning, [key]: value };
    if (this.#isTunedBelow) refuseOption(TUNED_BELOW);
    this.#demandTuning(tuning);
    if (this.isConnected && this.#keepAlive === undefined && this.isAdopted) {
      refuseOption("set SO_KEEPALIVE first: it may be on or off here");
    }
    this.#applyKeepAlive(this.#keepAlive ?? 0, tuning);
    this.#tuning = tuning;
  }

  /** What the descriptor has to be told with `SO_KEEPALIVE`. */
  get tuningPairs(): readonly (readonly [OptionKey, Bytes])[] {
    return Object.entries(this.#tuning).map(([key, value]) => [
      TUNING_KEYS[key as keyof KeepAliveTuning],
      intBytes(value),
    ]);
  }

  /** Whether some of the tuning went by way of the descriptor. */
  get #isTunedBelow(): boolean {
    return Object.values(TUNING_KEYS).some((key) => this.descriptor.has(key));
  }

  #applyKeepAlive(on: 0 | 1, tuning: KeepAliveTuning): void {
    const isTuned = Object.keys(tuning).length > 0;
    if (on === 1 && isTuned && this.#isTunedBelow) refuseOption(TUNED_BELOW);
    this.apply("keepAlive", on, tuning);
  }

  /** Throws a Fault if connections to come cannot be tuned so. */
  #demandTuning({ idle, interval, count }: KeepAliveTuning): void {
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
    const keepAliveIdle = this.#tuning.idle !== undefined;
    this.#isIdleEarly = keepAliveIdle;
    return { abortive, reusePort, ipv6Only, keepAliveIdle };
  }

  /** Throws a Fault for what was set and no connect can do. */
  demandConnectable(): void {
    if (this.reusePort) refuseOption("SO_REUSEPORT is for listeners alone");
    if (this.ipv6Only) refuseOption("IPV6_V6ONLY is for listeners alone");
  }

  /** The connection or listener is there: what was set before holds for it. */
  opened(holder: OptionHolder): void {
    this.#holder = holder;
    try {
      if (this.isConnected) this.#applyAll();
      this.descriptor.opened(holder);
    } catch (error) {
      this.#holder = undefined;
      throw error;
    }
  }

  #applyAll(): void {
    const { noDelay, typeOfService } = this;
    if (noDelay === 0) this.apply("noDelay", 0);
    if (typeOfService !== undefined) this.apply("typeOfService", typeOfService);
    if (this.#keepAlive !== 1) return;
    const refusal = refusedBy(
      KEEP_ALIVE,
      () => this.#applyKeepAlive(1, this.#tuning),
    );
    if (refusal === undefined) return;
    this.descriptor.demand(refusal);
    this.descriptor.set(KEEP_ALIVE, intBytes(1));
    for (const pair of this.tuningPairs) this.descriptor.set(...pair);
  }

  /** The options of a connection that this listener has accepted. */
  accepted(holder: OptionHolder, takeError: () => number): StreamOptions {
    const { family, runtime, abortive, isAdopted } = this;
    const init = { family, runtime, abortive, isAdopted, takeError };
    const child = new StreamOptions(init);
    child.noDelay = this.noDelay;
    child.typeOfService = this.typeOfService;
    child.linger = this.linger;
    child.#keepAlive = this.#keepAlive;
    child.#tuning = this.#tuning;
    child.#holder = holder;
    child.descriptor.inherit(this.descriptor, holder);
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

const TUNED_BELOW = "the rest of the tuning went by way of the descriptor";
