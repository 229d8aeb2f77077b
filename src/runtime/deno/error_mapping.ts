/**
 * What Deno's errors mean.
 *
 * @module
 */

import { Fault } from "../seam/fault.ts";

/** Deno's error classes, where an error has no code. */
const CLASS_CODES: Readonly<Record<string, string>> = {
  AddrInUse: "EADDRINUSE",
  AddrNotAvailable: "EADDRNOTAVAIL",
  BadResource: "EBADF",
  BrokenPipe: "EPIPE",
  Busy: "EBUSY",
  ConnectionAborted: "ECONNABORTED",
  ConnectionRefused: "ECONNREFUSED",
  ConnectionReset: "ECONNRESET",
  Interrupted: "ECANCELED",
  NetworkUnreachable: "ENETUNREACH",
  NotCapable: "EPERM",
  NotConnected: "ENOTCONN",
  NotFound: "ENOENT",
  PermissionDenied: "EACCES",
  TimedOut: "ETIMEDOUT",
};

/** Texts of failures that carry neither code nor class. */
const MESSAGE_CODES: readonly (readonly [RegExp, string])[] = [
  [/Temporary failure in name resolution/i, "EAI_AGAIN"],
  [/No address associated/i, "EAI_NODATA"],
  [/^No such device \(/, "ENODEV"],
  [/failed to lookup address|No such host|not known/i, "EAI_NONAME"],
];

/** The one table from Deno's errors to C codes. */
export function toFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const { code, name, message = "" } = error as {
    code?: string;
    name?: string;
    message?: string;
  };
  const known = code ?? CLASS_CODES[name ?? ""] ??
    MESSAGE_CODES.find(([pattern]) => pattern.test(message))?.[1];
  // Where a permission is missing, Deno says which.
  const isTelling = known === undefined || name === "NotCapable";
  const reason = isTelling ? message : undefined;
  return new Fault(known ?? "EIO", error, reason);
}
