/**
 * The options of `net.Socket`, as far as they reach the kernel.
 *
 * @module
 */

import type { KeepAliveTuning, OptionName } from "../seam/options.ts";
import type { OptionSupports, Support } from "../seam/supports.ts";
import { FORCED_PROBES } from "../seam/options.ts";
import { Fault } from "../seam/fault.ts";
import { systemClock } from "../../clock.ts";
import { platformName } from "../platform.ts";
import { nodeFault } from "./error_mapping.ts";
import type { Host, NodeInternals, NodeSocket } from "./native.ts";
import { fsModule, netModule, nodeHost } from "./native.ts";
import { quirks } from "./quirks.ts";

/** What the options of `node:net` can do, on each runtime. */
export function nodeOptionSupports(host: Host): OptionSupports {
  const { label } = host;
  return {
    bufferSizes: `${label} sets no buffer sizes of streams`,
    fileno: !quirks().hidesDescriptors ||
      `${label} keeps descriptors to itself`,
    fromFd: !quirks().isDeafOnDescriptors ||
      `${label} does not read from descriptors`,
    keepAlive: true,
    keepAliveIdle: true,
    keepAliveProbes: probesSupport(host),
    reuseAddr: platformName() !== "win32" ||
      `${label} does not set SO_REUSEADDR on Windows`,
    typeOfService: typeOfServiceSupport(host),
  };
}

function probesSupport({ label }: Host): Support {
  if (quirks().setsProbes === "none") {
    return `${label} sets the idle time alone`;
  }
  return setsProbes() ||
    `${label} sets them to 1 s and 10 whenever it sets the idle time`;
}

/** The one tuning of probes, where there is but one. */
export function nodeForcedProbes(): KeepAliveTuning | undefined {
  const isForced = quirks().setsProbes !== "none" && !setsProbes();
  return isForced ? FORCED_PROBES : undefined;
}

/** Since nodejs/node#63825 there are two more arguments. */
function setsProbes(): boolean {
  return quirks().setsProbes === "as asked" &&
    netModule().Socket.prototype.setKeepAlive.length > 2;
}

function typeOfServiceSupport({ label }: Host): Support {
  const { setTypeOfService } = netModule().Socket.prototype;
  return !quirks().ignoresTypeOfService && setTypeOfService !== undefined ||
    `${label} does not set the type of service`;
}

/**
 * The descriptor of a socket or server; `undefined` where the host hides it
 * and on Windows, which has none.
 */
export function descriptorOf(holder: object): number | undefined {
  if (quirks().hidesDescriptors) return undefined;
  const { fd } = (holder as NodeInternals)._handle ?? {};
  return fd !== undefined && fd >= 0 ? fd : undefined;
}

/** What `node:dgram` keeps its handle under. */
const STATE = "state symbol";

/** The descriptor of a datagram socket; `undefined` where it is hidden. */
export function descriptorOfDatagram(socket: object): number | undefined {
  const key = Object.getOwnPropertySymbols(socket)
    .find(({ description }) => description === STATE);
  if (key === undefined) return undefined;
  const state = (socket as Readonly<Record<symbol, unknown>>)[key] as {
    readonly handle?: object;
  };
  return descriptorOf({ _handle: state.handle });
}

/** Sets an option of a TCP socket, or throws a Fault `ENOPROTOOPT`. */
export function setNodeOption(
  socket: NodeSocket,
  name: OptionName,
  value: number,
  tuning: KeepAliveTuning = {},
): void {
  if (name === "noDelay") socket.setNoDelay(value !== 0);
  else if (name === "keepAlive") setKeepAlive(socket, value !== 0, tuning);
  else setTypeOfService(socket, value);
}

/** What the kernel says, where there is a way to ask it. */
export function getNodeOption(
  socket: NodeSocket,
  name: OptionName,
): number | undefined {
  if (name !== "typeOfService") return undefined;
  return socket.getTypeOfService?.();
}

function setTypeOfService(socket: NodeSocket, value: number): void {
  const support = typeOfServiceSupport(nodeHost());
  if (typeof support === "string") refuse(support);
  try {
    socket.setTypeOfService?.(value);
  } catch (error) {
    throw nodeFault(error);
  }
}

function setKeepAlive(
  socket: NodeSocket,
  on: boolean,
  tuning: KeepAliveTuning,
): void {
  const { idle, interval, count } = tuning;
  const isTuned = (idle ?? interval ?? count) !== undefined;
  if (setsProbes()) {
    if (!on || !isTuned) return void socket.setKeepAlive(on);
    const [idleS, intervalS, probes] = complete(tuning);
    return void socket.setKeepAlive(
      true,
      idleS * 1000,
      intervalS * 1000,
      probes,
    );
  }
  const support = probesSupport(nodeHost()) as string;
  if (quirks().setsProbes === "none") {
    if (interval !== undefined || count !== undefined) refuse(support);
  } else {
    demandForcedProbes(tuning, support);
  }
  const idleMs = on ? forcedIdleMs(tuning) : undefined;
  if (idleMs !== undefined) socket.setKeepAlive(true, idleMs);
  else socket.setKeepAlive(on);
}

/** Refuses probes other than those that the runtime sets in any case. */
export function demandForcedProbes(
  { interval, count }: KeepAliveTuning,
  reason: string,
): void {
  const isOther = interval !== undefined &&
      interval !== FORCED_PROBES.interval ||
    count !== undefined && count !== FORCED_PROBES.count;
  if (isOther) refuse(reason);
}

/**
 * The idle time to be set, in milliseconds; `undefined` if nothing was tuned.
 * Without one the runtime sets no probes either, so that the system's own
 * stands in where only these were asked for.
 */
export function forcedIdleMs(tuning: KeepAliveTuning): number | undefined {
  const { idle, interval, count } = tuning;
  if ((idle ?? interval ?? count) === undefined) return undefined;
  return (idle ?? system("time", 7200)) * 1000;
}

/**
 * Node sets all three or none, so that what was not asked for is what the
 * system has anyway.
 */
function complete(
  { idle, interval, count }: KeepAliveTuning,
): readonly [idle: number, interval: number, count: number] {
  return [
    idle ?? system("time", 7200),
    interval ?? system("intvl", 75),
    count ?? system("probes", platformName() === "darwin" ? 8 : 9),
  ];
}

type Sysctl = "time" | "intvl" | "probes";

/** So long what was read is taken for what the system says. */
const KNOWN_MS = 1000;

/** What was read of the system, and until when that is believed. */
const known: Map<Sysctl, { readonly value: number; readonly until: number }> =
  new Map();

/**
 * What `sysctl` says of the keep-alive, or what systems have by default. Each
 * accepted connection may ask, and a look costs more than an accept.
 */
function system(name: Sysctl, usual: number): number {
  if (platformName() !== "linux") return usual;
  const now = systemClock.now();
  const last = known.get(name);
  if (last !== undefined && now < last.until) return last.value;
  const value = readSystem(name, usual);
  known.set(name, { value, until: now + KNOWN_MS });
  return value;
}

function readSystem(name: Sysctl, usual: number): number {
  try {
    const path = `/proc/sys/net/ipv4/tcp_keepalive_${name}`;
    return Number(fsModule().readFileSync(path, "utf8")) || usual;
  } catch {
    return usual;
  }
}

function refuse(reason: string): never {
  throw new Fault("ENOPROTOOPT", undefined, reason);
}
