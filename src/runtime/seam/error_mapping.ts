/**
 * A driver's {@linkcode Fault} → the error that the caller gets, here and
 * nowhere else. How a runtime's own errors become faults is told by the
 * `error_mapping.ts` of each driver.
 *
 * @module
 */

import { errno } from "../../constants.ts";
import {
  type SocketError,
  socketError,
  type SocketErrorOptions,
} from "../../errors.ts";
import { Fault } from "./fault.ts";

/** What is known of the call that a fault ended. */
type Call = Omit<
  SocketErrorOptions,
  "alert" | "cause" | "peerCertificate" | "reason"
>;

/** The error that a fault becomes for the caller. */
export function errorOfFault(fault: Fault, call: Call): SocketError {
  const { code, cause, reason, alert, peerCertificate } = fault;
  return socketError(code, { ...call, cause, reason, alert, peerCertificate });
}

/** The error of a {@linkcode Fault}; whatever else was thrown, as it is. */
export function toError(thrown: unknown, call: Call): unknown {
  return thrown instanceof Fault ? errorOfFault(thrown, call) : thrown;
}

/** The number of a fault's code; `EIO`'s where nobody knows the code. */
export function errnoOfFault({ code }: Pick<Fault, "code">): number {
  return errno[code] ?? errno.EIO!;
}
