/**
 * What `connect()` may be given, and what Node says of the rest, with its own
 * codes, before anything happens.
 *
 * @module
 */

import { inetPton } from "../byteorder/inet.ts";
import { type AddressFamily, AF_INET, AF_INET6 } from "../constants.ts";
import type {
  ConnectListener,
  NodeConnectOptions,
  NodeLookup,
} from "./contracts.ts";
import {
  codedError,
  outOfRange,
  type Target,
  wrongType,
  wrongValue,
} from "./node_errors.ts";

/** The longest delay of a timer, 2^31 − 1 ms. */
const LONGEST_MS = 0x7fffffff;

/** The arguments of `connect`, in whichever of its shapes. */
export interface ConnectCall {
  readonly options: NodeConnectOptions;
  readonly listener: ConnectListener | undefined;
}

/** Where to, and what else was said; all of it checked. */
export interface Connect {
  readonly target: Target;
  readonly options: NodeConnectOptions;
}

/** Tells the shapes of `connect` apart, as Node does. */
export function toConnectCall(args: readonly unknown[]): ConnectCall {
  const [first, second] = args;
  const last = args.at(-1);
  const listener = typeof last === "function"
    ? last as ConnectListener
    : undefined;
  if (typeof first === "object" && first !== null) {
    return { options: first, listener };
  }
  if (args.length === 0) return { options: {}, listener };
  const options = isPath(first)
    ? { path: first }
    : { port: first as number, ...isText(second) && { host: second } };
  return { options, listener };
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** A text that is no port is a path. */
function isPath(value: unknown): value is string {
  return typeof value === "string" && toPort(value) === undefined;
}

/** The port; `undefined` if it is none. */
function toPort(value: number | string): number | undefined {
  const port = typeof value === "string" && value.trim() === ""
    ? NaN
    : Number(value);
  return Number.isInteger(port) && port >= 0 && port <= 65_535
    ? port
    : undefined;
}

/**
 * Checks what `connect` was told.
 *
 * @throws {TypeError} | {RangeError} with Node's `code`
 */
export function checkConnect(options: NodeConnectOptions): Connect {
  const { path, port, host = "localhost" } = options;
  if (port === undefined && (path === undefined || path === null)) {
    throw codedError(
      "TypeError",
      "ERR_MISSING_ARGS",
      'The "options" or "port" or "path" argument must be specified',
    );
  }
  if (path) {
    demand("options.path", path, "string");
    return { target: { path }, options };
  }
  const hostname = host || "localhost";
  demand("options.host", hostname, "string");
  if (hostname.includes("\0")) {
    throw wrongValue("options.host", "must be a string without null bytes");
  }
  checkLocal(options);
  const checked = checkPort(port);
  checkChoices(options);
  return { target: { hostname, port: checked }, options };
}

function checkPort(port: unknown): number {
  if (typeof port !== "number" && typeof port !== "string") {
    throw wrongType("options.port", "one of type number or string", port);
  }
  const checked = toPort(port);
  if (checked !== undefined) return checked;
  throw badPort(port);
}

/** What Node says of a text that is no IP address. */
export function wrongIp(text: unknown): Error {
  const message = `Invalid IP address: ${String(text)}`;
  return codedError("TypeError", "ERR_INVALID_IP_ADDRESS", message);
}

function badPort(port: number | string): Error {
  return codedError(
    "RangeError",
    "ERR_SOCKET_BAD_PORT",
    `Port should be >= 0 and < 65536. Received type ${typeof port} (${port}).`,
  );
}

function checkLocal({ localAddress, localPort }: NodeConnectOptions): void {
  if (localAddress && familyOfIp(localAddress) === 0) {
    throw wrongIp(localAddress);
  }
  if (!localPort) return;
  demand("options.localPort", localPort, "number");
  if (toPort(localPort) === undefined) throw badPort(localPort);
}

function checkChoices(options: NodeConnectOptions): void {
  const { autoSelectFamily, lookup } = options;
  // As there: `null` of a family, and whatever is falsy of hints, is none.
  const [family, hints] = [options.family ?? 0, options.hints || 0];
  if (autoSelectFamily !== undefined && autoSelectFamily !== null) {
    demand("options.autoSelectFamily", autoSelectFamily, "boolean");
  }
  checkAttemptTimeout(options.autoSelectFamilyAttemptTimeout);
  if (lookup !== undefined && lookup !== null) {
    demand<NodeLookup>("options.lookup", lookup, "function");
  }
  if (family !== 0 && family !== 4 && family !== 6) {
    throw wrongValue("options.family", "must be one of: 0, 4, 6");
  }
  demand("options.hints", hints, "number");
  if (hints !== 0 && !lookup) {
    throw wrongValue("options.hints", "is for a lookup of the program alone");
  }
}

function checkAttemptTimeout(delayMs: number | null | undefined): void {
  if (delayMs === undefined || delayMs === null) return;
  const name = "options.autoSelectFamilyAttemptTimeout";
  demand(name, delayMs, "number");
  if (Number.isInteger(delayMs) && delayMs >= 1 && delayMs <= LONGEST_MS) {
    return;
  }
  throw outOfRange(name, `an integer >= 1 and <= ${LONGEST_MS}`, delayMs);
}

function demand<T>(
  name: string,
  value: T,
  type: "string" | "number" | "boolean" | "function",
): void {
  const given: string = typeof value;
  if (given === type) return;
  throw wrongType(name, `of type ${type}`, value);
}

/**
 * Checks what a socket is made with.
 *
 * @throws {TypeError} with Node's `code`, also for what is not honoured here
 */
export function checkSocketOptions(
  options: Readonly<Record<string, unknown>>,
): void {
  // So `net.Socket` is given a descriptor, too.
  if (typeof options === "number") throw wrongValue("fd", "is not supported");
  for (const name of ["objectMode", ...OBJECT_MODES, ...NOT_HERE]) {
    if (options[name]) throw wrongValue(`options.${name}`, "is not supported");
  }
  const { keepAliveInitialDelay: delay } = options;
  if (delay !== undefined) {
    demand("options.keepAliveInitialDelay", delay, "number");
  }
}

const OBJECT_MODES = ["readableObjectMode", "writableObjectMode"];

/** Of `net.Socket`; `docs/adapters.md` says why each is not here. */
const NOT_HERE = ["fd", "handle", "onread", "blockList", "typeOfService"];

/**
 * The delay of a timer in milliseconds.
 *
 * @throws {TypeError} | {RangeError} with Node's `code`
 */
export function checkDelay(name: string, delayMs: unknown): number {
  if (typeof delayMs !== "number") {
    throw wrongType(name, "of type number", delayMs);
  }
  if (delayMs < 0 || !Number.isFinite(delayMs)) {
    throw outOfRange(name, "a non-negative finite number", delayMs);
  }
  return Math.min(delayMs, LONGEST_MS);
}

/**
 * Checks that a callback is one.
 *
 * @throws {TypeError} with Node's `code`
 */
export function checkCallback(callback: unknown): void {
  if (typeof callback === "function") return;
  throw wrongType("callback", "of type function", callback);
}

/** 4 or 6 for the text of an IP address, else 0. */
export function familyOfIp(text: unknown): 0 | 4 | 6 {
  if (typeof text !== "string") return 0;
  if (isOfFamily(AF_INET, text)) return 4;
  return isOfFamily(AF_INET6, text.replace(/%.+$/, "")) ? 6 : 0;
}

function isOfFamily(family: AddressFamily, text: string): boolean {
  try {
    inetPton(family, text);
    return true;
  } catch {
    return false;
  }
}
