/**
 * The options of `serve`, and what becomes of them.
 *
 * @module
 */

import { show } from "../address.ts";
import { checkOptions, checkSignal } from "../deadline.ts";
import { chosenRuntime } from "../runtime/detect.ts";
import type { SignalName } from "../runtime/seam/host.ts";
import type { Runtime } from "../runtime/seam/runtime.ts";
import type { StreamSocket } from "../socket/stream/stream_socket.ts";
import type { TlsServerOptions } from "../tls_contracts.ts";
import { Networks } from "./networks.ts";
import { checkMaxLength } from "./proxy/parse.ts";
import {
  type WorkerOptions,
  type WorkerPlan,
  workerPlanOf,
} from "./workers/options.ts";
import type { ConnectionContext } from "./server.ts";
import type { Deadlines } from "./sweep.ts";

/** Whose PROXY headers are believed. */
export interface ProxyProtocolOptions {
  /**
   * The proxies: blocks of addresses such as `"10.0.0.0/8"`, `"::1"`, and
   * `"unix"` for the peers of a Unix socket. What anybody else sends is data,
   * whatever it looks like.
   */
  readonly from: readonly string[];
  /**
   * Whether they must send a header; default `true`. If not, the first bytes
   * alone decide, so that whoever can connect from there can also pretend to
   * be a proxy, and the handler starts when they have come.
   */
  readonly required?: boolean;
  /** Bytes of the longest header; default 4,096. */
  readonly maxLength?: number;
}

/** Options of {@linkcode serve}. */
export interface ServeOptions {
  /**
   * How many connections may wait unaccepted; default `SOMAXCONN`, less where
   * each holds a descriptor (Bun, Node) and there are few.
   */
  readonly backlog?: number;
  /** `SO_REUSEPORT`; default `false`. */
  readonly reusePort?: boolean;
  /** `IPV6_V6ONLY`; default `false`: `[::]` is dual-stack. */
  readonly ipv6Only?: boolean;
  /**
   * Whether connections must be able to send RST; default `false`. On Deno it
   * takes a listener that does not outlive a lack of descriptors; without it a
   * reset is a close there.
   */
  readonly abortive?: boolean;
  /** What serves the sockets; default the current runtime. */
  readonly runtime?: Runtime;
  /**
   * How many connections there may be; default what the process has
   * descriptors for, at most 65,536. Where that cannot be read (Deno without
   * `--allow-all`) it is 65,536, or 960 with `reusePort` or `abortive`.
   */
  readonly maxConnections?: number;
  /**
   * How many connections one host may have; default `Infinity`. An IPv6 host is
   * its /64; the peers of a Unix socket are one host. Of what comes by a proxy
   * the client counts.
   */
  readonly maxPerHost?: number;
  /**
   * What becomes of more than `maxConnections`: they wait (the default), or are
   * reset.
   */
  readonly whenFull?: "wait" | "reset";
  /**
   * Milliseconds without a byte in either direction after which a connection is
   * reset; default `null`, for ever.
   */
  readonly idleTimeoutMs?: number | null;
  /**
   * Milliseconds from accept to the handler, for a PROXY header, TLS and
   * `verifyRequest` together; default what `tls` says, or 10,000.
   */
  readonly handshakeTimeoutMs?: number;
  /** Milliseconds that a connection may last; default `null`, for ever. */
  readonly maxConnectionMs?: number | null;
  /**
   * `SO_KEEPALIVE`, after 15 s of silence where the runtime can say it; default
   * `true`.
   */
  readonly keepAlive?: boolean;
  /** Whose PROXY headers are believed; default nobody's. */
  readonly proxyProtocol?: ProxyProtocolOptions;
  /**
   * Speak TLS: a connection is the handler's once its handshake has succeeded,
   * and `connection.tls` says what was agreed on. A handshake that fails is
   * counted and published, and no handler hears of it. A listener that speaks
   * TLS itself hands its handshakes over to the server.
   */
  readonly tls?: TlsServerOptions;
  /**
   * Whether a connection is to be served, asked last: its address, its PROXY
   * header and its TLS are known. What is not is reset, and counted in
   * `rejected.verify`; and so is one for which this fails, which `onError` is
   * told. It counts in `handshakeTimeoutMs`, and should take no bytes.
   */
  readonly verifyRequest?: (
    connection: StreamSocket,
    context: ConnectionContext,
  ) => boolean | Promise<boolean>;
  /**
   * How many threads or processes serve, each with its own copy of the
   * handler's module; `0` is one for each processor. Default none: this one
   * serves. Limits are those of each worker.
   */
  readonly workers?: number | WorkerOptions;
  /** Its abort stops the server, with `graceMs`. */
  readonly signal?: AbortSignal;
  /** Signals that stop the process's server; the second resets at once. */
  readonly signals?: readonly SignalName[];
  /** Milliseconds that a stop gives to handlers; default 10,000. */
  readonly graceMs?: number;
  /**
   * Told of each failure once: of a handler, with its connection, and of the
   * listener, without. Without it what is no `SocketError` is written to the
   * console. What it throws is written there, too.
   */
  readonly onError?: (
    error: unknown,
    context: ConnectionContext | undefined,
  ) => void;
}

/** Those that say how to listen, which a listener has behind it. */
export const LISTEN_OPTIONS: readonly (keyof ServeOptions)[] = [
  ...["backlog", "reusePort", "ipv6Only", "abortive", "runtime"] as const,
];

const KNOWN: readonly string[] = [
  ...LISTEN_OPTIONS,
  ...["maxConnections", "maxPerHost", "whenFull", "idleTimeoutMs"],
  ...["handshakeTimeoutMs", "maxConnectionMs", "keepAlive", "proxyProtocol"],
  ...["tls", "verifyRequest", "signal", "signals", "graceMs", "onError"],
  "workers",
];

/** Those that are `true` or `false`. */
const FLAGS = ["reusePort", "ipv6Only", "abortive", "keepAlive"] as const;

const SIGNALS: readonly string[] = ["SIGTERM", "SIGINT", "SIGHUP"];

/** The default grace: what most supervisors give before they kill. */
export const DEFAULT_GRACE_MS = 10_000;

/** Whose headers are believed, checked. */
export interface ProxyPlan {
  /** The proxies. */
  readonly from: Networks;
  /** Whether they must send a header. */
  readonly isRequired: boolean;
  /** Bytes of the longest. */
  readonly maxLength: number;
}

/** The options that do not say how to listen, checked and filled in. */
export interface ServePlan {
  readonly runtime: Runtime;
  readonly maxConnections: number | undefined;
  readonly backlog: number | undefined;
  readonly maxPerHost: number;
  readonly resetsWhenFull: boolean;
  readonly deadlines: Omit<Deadlines, "handshakeTimeoutMs">;
  /** `undefined` if it was not said; `Infinity` is for ever. */
  readonly handshakeTimeoutMs: number | undefined;
  readonly keepAlive: boolean | undefined;
  readonly proxy: ProxyPlan | undefined;
  readonly verifyRequest: ServeOptions["verifyRequest"];
  readonly workers: WorkerPlan | undefined;
  readonly signal: AbortSignal | undefined;
  readonly signals: readonly SignalName[];
  readonly graceMs: number;
  readonly onError: ServeOptions["onError"];
}

/**
 * What the options ask for.
 *
 * @throws {TypeError} | {RangeError} for what they cannot.
 */
export function planOf(options: ServeOptions): ServePlan {
  checkOptions(options, KNOWN);
  const { whenFull = "wait", signals = [], onError, keepAlive } = options;
  if (whenFull !== "wait" && whenFull !== "reset") {
    throw new TypeError(`whenFull is "wait" or "reset": ${show(whenFull)}`);
  }
  checkFunction("onError", onError);
  checkFunction("verifyRequest", options.verifyRequest);
  for (const name of FLAGS) {
    if (options[name] !== undefined) checkFlag(name, options[name]);
  }
  return {
    runtime: chosenRuntime(options.runtime),
    maxConnections: checkMost("maxConnections", options.maxConnections),
    backlog: checkMost("backlog", options.backlog),
    maxPerHost: checkMost("maxPerHost", options.maxPerHost) ?? Infinity,
    resetsWhenFull: whenFull === "reset",
    deadlines: deadlinesOf(options),
    handshakeTimeoutMs: handshakeMsOf(options),
    keepAlive,
    proxy: proxyPlanOf(options.proxyProtocol),
    verifyRequest: options.verifyRequest,
    workers: workerPlanOf(options.workers),
    signal: checkSignal(options.signal),
    signals: checkSignals(signals),
    graceMs: checkGrace(options.graceMs),
    onError,
  };
}

function proxyPlanOf(options: unknown): ProxyPlan | undefined {
  if (options === undefined) return undefined;
  checkOptions(options, ["from", "required", "maxLength"]);
  const { from, required = true, maxLength } = options as ProxyProtocolOptions;
  if (!Array.isArray(from)) {
    throw new TypeError(`from is a list of addresses: ${show(from)}`);
  }
  checkFlag("required", required);
  return {
    from: new Networks(from),
    isRequired: required,
    maxLength: checkMaxLength(maxLength),
  };
}

function handshakeMsOf(
  { handshakeTimeoutMs }: ServeOptions,
): number | undefined {
  if (handshakeTimeoutMs === undefined) return undefined;
  return checkMs("handshakeTimeoutMs", handshakeTimeoutMs) ?? Infinity;
}

function deadlinesOf(
  { idleTimeoutMs, maxConnectionMs }: ServeOptions,
): ServePlan["deadlines"] {
  return {
    idleTimeoutMs: checkMs("idleTimeoutMs", idleTimeoutMs),
    maxConnectionMs: checkMs("maxConnectionMs", maxConnectionMs),
  };
}

/** Milliseconds until something is over, or none. */
function checkMs(name: string, value: unknown): number | null {
  if (value === undefined || value === null || value === Infinity) return null;
  if (typeof value !== "number") {
    throw new TypeError(`${name} is a number or null: ${show(value)}`);
  }
  if (value > 0) return value;
  throw new RangeError(`${name} is more than 0 ms: ${value}`);
}

/**
 * How many there may be, or none said.
 *
 * @throws {TypeError} | {RangeError}
 */
export function checkMost(name: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "number") {
    throw new TypeError(`${name} is a number: ${show(value)}`);
  }
  const isCount = Number.isSafeInteger(value) && value >= 1;
  if (isCount || (value === Infinity && name === "maxPerHost")) return value;
  throw new RangeError(`${name} is an integer from 1 on: ${value}`);
}

function checkFunction(name: string, value: unknown): void {
  if (value === undefined || typeof value === "function") return;
  throw new TypeError(`${name} is a function: ${show(value)}`);
}

/** @throws {TypeError} */
export function checkFlag(name: string, value: unknown): void {
  if (typeof value === "boolean") return;
  throw new TypeError(`${name} must be true or false: ${show(value)}`);
}

function checkSignals(names: unknown): readonly SignalName[] {
  const isList = Array.isArray(names) &&
    names.every((name) => SIGNALS.includes(name));
  // One that came twice would be the second at once.
  if (isList) return [...new Set(names)];
  throw new TypeError(`signals are of ${SIGNALS.join(", ")}: ${show(names)}`);
}

/**
 * How long a stop waits for handlers.
 *
 * @throws {TypeError} | {RangeError}
 */
export function checkGrace(value: unknown = DEFAULT_GRACE_MS): number {
  if (typeof value !== "number") {
    throw new TypeError(`graceMs must be a number: ${show(value)}`);
  }
  if (value >= 0) return value;
  throw new RangeError(`graceMs is not negative: ${value}`);
}
