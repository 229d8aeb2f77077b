/**
 * The one table from the errors of `node:` modules, on whichever runtime, to C
 * codes. It goes by `code`, never by `errno`, whose sign and value differ.
 *
 * @module
 */

import { Fault } from "../seam/fault.ts";
import { nodeHost } from "./native.ts";
import { quirks } from "./quirks.ts";

/** Codes that are no C codes, or not the ones that C would give. */
const CODES: Readonly<Record<string, string>> = {
  ABORT_ERR: "ECANCELED",
  ENODATA: "EAI_NONAME",
  ENOTFOUND: "EAI_NONAME",
  ENOTSUP: "EOPNOTSUPP",
  ERR_ACCESS_DENIED: "EPERM",
  ERR_INVALID_ADDRESS: "EINVAL",
  ERR_INVALID_IP_ADDRESS: "EINVAL",
  ERR_OUT_OF_RANGE: "EINVAL",
  ERR_SERVER_NOT_RUNNING: "EBADF",
  ERR_SOCKET_BAD_PORT: "EINVAL",
  ERR_SOCKET_CLOSED: "EBADF",
  ERR_SOCKET_CLOSED_BEFORE_CONNECTION: "ECONNABORTED",
  ERR_SOCKET_CONNECTION_TIMEOUT: "ETIMEDOUT",
  ERR_STREAM_ALREADY_FINISHED: "EPIPE",
  ERR_STREAM_DESTROYED: "EBADF",
  ERR_STREAM_PREMATURE_CLOSE: "ECONNRESET",
  ERR_STREAM_WRITE_AFTER_END: "EPIPE",
  ESERVFAIL: "EAI_AGAIN",
  ETIMEOUT: "EAI_AGAIN",
};

/** Error classes of Deno that come without a code. */
const NAMES: Readonly<Record<string, string>> = {
  NotCapable: "EPERM",
  PermissionDenied: "EACCES",
};

/** A C code, or one of `getaddrinfo`. */
const C_CODE = /^E(?!RR_)[A-Z0-9_]+$/;

interface ForeignError {
  readonly code?: unknown;
  readonly name?: string;
  readonly message?: string;
  readonly errors?: readonly unknown[];
}

/** What an error of a `node:` module means. */
export function nodeFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const { code, name = "", message } = (error ?? {}) as ForeignError;
  const known = typeof code === "string"
    ? CODES[code] ?? (C_CODE.test(code) ? code : undefined)
    : NAMES[name] ?? codeOfFirst(error);
  // Where a permission is missing, the runtime says which.
  const reason = known === undefined || known === "EPERM" ? message : undefined;
  return new Fault(known ?? "EIO", error, reason);
}

/** Several addresses failed: the first failure is as good as any. */
function codeOfFirst(error: unknown): string | undefined {
  const { errors } = (error ?? {}) as ForeignError;
  return errors?.length ? nodeFault(errors[0]).code : undefined;
}

/** What a failure to claim a local address means. */
export function bindFault(error: unknown): Fault {
  const fault = nodeFault(error);
  return fault.code === "EINVAL" && quirks().tellsForeignAsInvalid
    ? new Fault("EADDRNOTAVAIL", error)
    : fault;
}

/**
 * What a failed look-up means. Some runtimes refuse a hopeless name with
 * `EINVAL` or a TypeError instead of asking for it.
 */
export function lookupFault(error: unknown): Fault {
  const fault = nodeFault(error);
  if (fault.code === "EPERM") {
    return new Fault(
      "EPERM",
      error,
      `${nodeHost().label} was not given --allow-net for names`,
    );
  }
  const isHopeless = fault.code === "EINVAL" || fault.code === "EIO";
  return isHopeless ? new Fault("EAI_NONAME", error) : fault;
}
