/**
 * The options that the library serves itself, one by one.
 *
 * @module
 */

import * as c from "../../constants.ts";
import type { Bytes } from "../../contracts.ts";
import type { KeepAliveTuning } from "../../runtime/seam/options.ts";
import { Fault } from "../../runtime/seam/fault.ts";
import { readNumber } from "./values.ts";
import type { StreamOptions } from "./stream_options.ts";
import { type Linger, readLinger, toLingerBytes } from "./linger.ts";
import { toRaw } from "./raw_values.ts";

/** What `setSockOpt` takes: an `int`, a C structure's bytes, or a linger. */
export type StreamOptionValue = number | ArrayBufferView | ArrayBuffer | Linger;

/** A level and a name. */
type Pair = readonly [level: number, name: number];

/** One option. Its functions throw a Fault for what cannot be. */
export interface StreamOption {
  /** Throws where the socket has no such option at all. */
  demand?(options: StreamOptions): void;
  /** Sets it; without, it can only be read. */
  set?(options: StreamOptions, value: StreamOptionValue): void;
  /** `undefined` if only the kernel knows. */
  get?(options: StreamOptions): number | Bytes | undefined;
  /** The descriptor is no way to it. */
  readonly isOurs?: boolean;
  /** What the descriptor has to be told first. */
  raws?(
    options: StreamOptions,
    value: StreamOptionValue,
  ): readonly (readonly [Pair, Bytes])[];
}

let table: ReadonlyMap<string, StreamOption> | undefined;

/** The option of a level and a name; `undefined` if it is none of these. */
export function findOption(
  level: number,
  name: number,
): StreamOption | undefined {
  table ??= new Map(OPTIONS.map(([pair, option]) => [pair.join("/"), option]));
  return table.get(`${level}/${name}`);
}

const refuse = (reason: string): never => {
  throw new Fault("ENOPROTOOPT", undefined, reason);
};

/** Only Internet sockets have it. */
function internet({ family }: StreamOptions): void {
  if (family === c.AF_UNIX) refuse("a Unix-domain socket has no such option");
}

/** Only the version of the Internet protocol has it. */
function only(version: c.AddressFamily): (options: StreamOptions) => void {
  return ({ family }) => {
    if (family === version) return;
    refuse(`it is for ${version === c.AF_INET ? "IPv4" : "IPv6"} sockets`);
  };
}

function flag(value: StreamOptionValue): 0 | 1 {
  return readNumber(value as number) === 0 ? 0 : 1;
}

/** An `int` of a range. */
function within(
  value: StreamOptionValue,
  least: number,
  most: number,
): number {
  const number = readNumber(value as number);
  if (number >= least && number <= most) return number;
  throw new RangeError(`The option's value is ${least} to ${most}: ${number}`);
}

/** An option that says what the socket is. */
function fact(get: (options: StreamOptions) => number): StreamOption {
  return { isOurs: true, get };
}

/** Linux's limits (`MAX_TCP_KEEPIDLE` and its like). */
const MOST_SECONDS = 32_767;
const MOST_PROBES = 127;

const KEEP_ALIVE: StreamOption = {
  demand: internet,
  set(options, value) {
    const on = flag(value);
    options.demand("keepAlive");
    if (on === 1) options.demandTuning(options.tuning);
    options.apply("keepAlive", on, options.tuning);
    options.keepAlive = on;
  },
  get: ({ isAdopted, keepAlive }) => keepAlive ?? (isAdopted ? undefined : 0),
  raws: ({ tuning }, value) => flag(value) === 0 ? [] : tuningPairs(tuning),
};

function tuningPairs(
  { idle, interval, count }: KeepAliveTuning,
): readonly (readonly [Pair, Bytes])[] {
  const all = [
    [c.TCP_KEEPIDLE, idle],
    [c.TCP_KEEPINTVL, interval],
    [c.TCP_KEEPCNT, count],
  ] as const;
  return all.flatMap(([name, value]) =>
    value === undefined
      ? []
      : [[[c.IPPROTO_TCP, name] as const, toRaw(value)] as const]
  );
}

/** A part of the keep-alive's tuning; it never switches the keep-alive on. */
function tuned(key: keyof KeepAliveTuning, most: number): StreamOption {
  return {
    demand: internet,
    set(options, value) {
      const tuning = { ...options.tuning, [key]: within(value, 1, most) };
      options.demandTuning(tuning);
      options.apply("keepAlive", options.keepAlive ?? 0, tuning);
      options.tuning = tuning;
    },
    get: ({ tuning }) => tuning[key],
  };
}

/** `IP_TOS` or `IPV6_TCLASS`. */
function typeOfService(version: c.AddressFamily): StreamOption {
  return {
    demand: only(version),
    set(options, value) {
      const number = within(value, 0, 255);
      options.demand("typeOfService");
      options.apply("typeOfService", number);
      options.typeOfService = number;
    },
    get(options) {
      options.demand("typeOfService");
      const { isAdopted, typeOfService } = options;
      return options.ask("typeOfService") ?? typeOfService ??
        (isAdopted ? undefined : 0);
    },
  };
}

const LINGER: StreamOption = {
  isOurs: true,
  set(options, value) {
    const linger = readLinger(value);
    if (linger.on && linger.seconds === 0) demandReset(options);
    options.linger = linger;
  },
  get: ({ linger }) => toLingerBytes(linger),
};

/** Throws unless connections can send RST, or can be made so that they can. */
function demandReset(options: StreamOptions): void {
  internet(options);
  const { isConnected, isListening, abortive } = options;
  if ((isConnected || isListening) && !abortive) {
    options.demand("abortiveClose");
  }
  options.abortive = true;
}

/** What only `listen` can do; `key` is what it is kept in. */
function listening(
  key: "reusePort" | "ipv6Only",
  demand: (options: StreamOptions) => void,
): StreamOption {
  return {
    demand,
    set(options, value) {
      const on = flag(value) === 1;
      if (options.isConnected || options.isAdopted) refuse(LATE);
      if (options.isListening && on !== options[key]) refuse(LATE);
      if (on) options.demand(key);
      options[key] = on;
    },
    get(options) {
      const { isConnected, isAdopted } = options;
      return isConnected || isAdopted ? undefined : options[key] ? 1 : 0;
    },
  };
}

const LATE = "it has to be set before listen";

const REUSE_ADDR: StreamOption = {
  demand: internet,
  set(options, value) {
    if (flag(value) === 0) refuse("runtimes set it on every listener");
    if (options.isConnected || options.isAdopted) refuse(LATE);
    options.demand("reuseAddr");
    options.reuseAddr = 1;
  },
  get(options) {
    if (options.isConnected || options.isAdopted) return undefined;
    options.demand("reuseAddr");
    return options.isListening ? 1 : options.reuseAddr;
  },
};

const NO_DELAY: StreamOption = {
  demand: internet,
  set(options, value) {
    const on = flag(value);
    options.demand("noDelay");
    options.apply("noDelay", on);
    options.noDelay = on;
  },
  get: ({ noDelay }) => noDelay,
};

/** Streams have none of their own; it is here for its reason. */
const BUFFER_SIZE: StreamOption = {
  set(options, value) {
    readNumber(value as number);
    options.demand("bufferSizes");
  },
  get(options) {
    options.demand("bufferSizes");
    return undefined;
  },
};

const OPTIONS: readonly (readonly [Pair, StreamOption])[] = [
  [[c.SOL_SOCKET, c.SO_TYPE], fact(() => c.SOCK_STREAM)],
  [[c.SOL_SOCKET, c.SO_DOMAIN], fact(({ family }) => family)],
  [
    [c.SOL_SOCKET, c.SO_PROTOCOL],
    fact(({ family }) => family === c.AF_UNIX ? 0 : c.IPPROTO_TCP),
  ],
  [
    [c.SOL_SOCKET, c.SO_ACCEPTCONN],
    fact(({ isListening }) => isListening ? 1 : 0),
  ],
  [[c.SOL_SOCKET, c.SO_ERROR], fact((options) => options.takeError())],
  [[c.SOL_SOCKET, c.SO_REUSEADDR], REUSE_ADDR],
  [[c.SOL_SOCKET, c.SO_REUSEPORT], listening("reusePort", internet)],
  [[c.SOL_SOCKET, c.SO_KEEPALIVE], KEEP_ALIVE],
  [[c.SOL_SOCKET, c.SO_LINGER], LINGER],
  [[c.SOL_SOCKET, c.SO_RCVBUF], BUFFER_SIZE],
  [[c.SOL_SOCKET, c.SO_SNDBUF], BUFFER_SIZE],
  [[c.IPPROTO_TCP, c.TCP_NODELAY], NO_DELAY],
  [[c.IPPROTO_TCP, c.TCP_KEEPIDLE], tuned("idle", MOST_SECONDS)],
  [[c.IPPROTO_TCP, c.TCP_KEEPINTVL], tuned("interval", MOST_SECONDS)],
  [[c.IPPROTO_TCP, c.TCP_KEEPCNT], tuned("count", MOST_PROBES)],
  [[c.IPPROTO_IP, c.IP_TOS], typeOfService(c.AF_INET)],
  [[c.IPPROTO_IPV6, c.IPV6_TCLASS], typeOfService(c.AF_INET6)],
  [
    [c.IPPROTO_IPV6, c.IPV6_V6ONLY],
    listening("ipv6Only", only(c.AF_INET6)),
  ],
];
