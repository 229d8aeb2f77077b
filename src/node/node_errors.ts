/**
 * Errors as Node makes them: what a library for `node:net` looks at, `code`,
 * negative `errno`, `syscall`, `address`, `port`, is as it is there.
 *
 * @module
 */

import type { Address, HostAndPort } from "../contracts.ts";
import { SocketError, TlsError } from "../errors.ts";

/** What an error of the system has besides its message. */
interface SystemFields {
  code: string;
  errno: number;
  syscall: string;
  hostname?: string | undefined;
  address?: string | undefined;
  port?: number | undefined;
}

/** libuv's numbers for failures of a lookup; the kernel has none. */
const LOOKUP_ERRNOS: Readonly<Record<string, number>> = {
  EAI_ADDRFAMILY: -3000,
  EAI_AGAIN: -3001,
  EAI_BADFLAGS: -3002,
  EAI_FAIL: -3004,
  EAI_FAMILY: -3005,
  EAI_MEMORY: -3006,
  EAI_NODATA: -3007,
  EAI_NONAME: -3008,
  EAI_OVERFLOW: -3009,
  EAI_SERVICE: -3010,
  EAI_SOCKTYPE: -3011,
};

/** A mistake of the caller, with Node's own code. */
export function codedError(
  kind: "Error" | "TypeError" | "RangeError",
  code: string,
  message: string,
): Error {
  const Class = { Error, TypeError, RangeError }[kind];
  return Object.assign(new Class(message), { code });
}

/** `ERR_INVALID_ARG_TYPE`: the value is not of that type. */
export function wrongType(name: string, types: string, value: unknown): Error {
  return codedError(
    "TypeError",
    "ERR_INVALID_ARG_TYPE",
    `The ${nounOf(name)} must be ${types}. Received ${received(value)}`,
  );
}

/** `ERR_OUT_OF_RANGE`: the value is of the right type, and none that goes. */
export function outOfRange(name: string, range: string, value: unknown): Error {
  return codedError(
    "RangeError",
    "ERR_OUT_OF_RANGE",
    `The value of "${name}" is out of range. It must be ${range}. Received ${
      String(value)
    }`,
  );
}

/** `ERR_INVALID_ARG_VALUE`: what cannot be honoured is not taken. */
export function wrongValue(name: string, why: string): Error {
  const message = `The ${nounOf(name)} ${why}`;
  return codedError("TypeError", "ERR_INVALID_ARG_VALUE", message);
}

function nounOf(name: string): string {
  const kind = name.includes(".") ? "property" : "argument";
  return `"${name}" ${kind}`;
}

function received(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "function") return `function ${value.name}`;
  if (typeof value === "object") {
    return `an instance of ${value.constructor?.name ?? "Object"}`;
  }
  return `type ${typeof value} (${String(value)})`;
}

/** Where a failed connect was to go. */
export type Target =
  | { readonly path: string }
  | { readonly hostname: string; readonly port: number };

/** The failure of a connect. */
export function connectError(error: unknown, target: Target): Error {
  if (!isSystemError(error)) return asError(error);
  const lookup = LOOKUP_ERRNOS[error.code];
  if (lookup !== undefined && "hostname" in target) {
    return lookupError(error, target.hostname, lookup);
  }
  const isLocal = error.op === "bind";
  const told = isLocal ? whereOf(error.address) : whereOfTarget(target);
  return systemError(error, isLocal ? "bind" : "connect", told);
}

function lookupError(
  error: SocketError,
  hostname: string,
  errno: number,
): Error {
  const isNone = error.code === "EAI_NONAME" || error.code === "EAI_NODATA";
  const code = isNone ? "ENOTFOUND" : error.code;
  const message = `getaddrinfo ${code} ${hostname}`;
  const fields = { code, errno, syscall: "getaddrinfo", hostname };
  return Object.assign(new Error(message, { cause: error }), fields);
}

/** The failure of a read, a write or a shutdown. */
export function ioError(error: unknown, syscall: string): Error {
  // The socket below was closed under us: so says Node of its own, too.
  return isSystemError(error)
    ? systemError(error, syscall, {})
    : asError(error);
}

/** What the kernel says of a call in the wrong state. */
export function stateError(
  code: string,
  errno: number,
  target: Target,
): Error {
  const where = whereOfTarget(target);
  const fields = { code, errno: -errno, syscall: "connect", ...where };
  return Object.assign(new Error(messageOf(fields)), fields);
}

/** Errors of TLS say more as they are. */
function isSystemError(error: unknown): error is SocketError {
  return error instanceof SocketError && !(error instanceof TlsError);
}

function systemError(
  error: SocketError,
  syscall: string,
  where: { readonly address?: string; readonly port?: number },
): Error {
  const { code, errno } = error;
  const fields = { code, errno: -errno, syscall, ...where };
  const made = new Error(messageOf(fields), { cause: error });
  return Object.assign(made, fields);
}

function messageOf({ code, syscall, address, port }: SystemFields): string {
  if (address === undefined) return `${syscall} ${code}`;
  const where = port === undefined ? address : `${address}:${port}`;
  return `${syscall} ${code} ${where}`;
}

function whereOfTarget(target: Target): { address: string; port?: number } {
  return "path" in target
    ? { address: target.path }
    : { address: target.hostname, port: target.port };
}

function whereOf(
  address: Address | HostAndPort | undefined,
): { address?: string; port?: number } {
  if (address === undefined) return {};
  return "path" in address
    ? { address: address.path }
    : { address: address.hostname, port: address.port };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
