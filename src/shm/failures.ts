/**
 * What calls of a channel fail with.
 *
 * @module
 */

import { type SocketError, socketError } from "../errors.ts";

/** The error of a code for the call `op`. */
export function failure(
  code: string,
  op: string,
  reason?: string,
): SocketError {
  return socketError(code, { op, reason });
}

/** The words say what no partner writes. */
export function corrupt(op: string): SocketError {
  const reason = "the shared memory was written to by somebody else";
  return socketError("EPROTO", { op, reason });
}
