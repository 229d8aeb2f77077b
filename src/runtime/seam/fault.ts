/**
 * How a driver says that something failed: it throws or rejects with a
 * {@linkcode Fault}. What the caller is told of it stands in `error_mapping.ts`.
 *
 * @module
 */

import { lateText } from "../../error_texts.ts";
import type { PeerCertificate } from "../../tls_contracts.ts";

/** What a fault of TLS knows besides. */
export interface FaultDetails {
  /** The alert of the peer, by its name in the RFCs. */
  readonly alert?: string | undefined;
  /** The certificate that was not accepted. */
  readonly peerCertificate?: PeerCertificate | undefined;
}

/** A failure as a driver reports it: a C code and what the runtime said. */
export class Fault {
  /** The C name of the failure, such as `"ECONNRESET"`. */
  readonly code: string;
  /** What the runtime said. */
  readonly cause: unknown;
  /** Replaces the text of the code, where more is known. */
  readonly reason: string | undefined;
  /** Whether it speaks of the local address of a connect. */
  readonly isLocal: boolean;
  /** The alert of the peer, of a fault of TLS. */
  readonly alert: string | undefined;
  /** The certificate that was not accepted, of a fault of TLS. */
  readonly peerCertificate: PeerCertificate | undefined;

  /**
   * A failure by its C name; thrown or rejected with by a driver.
   *
   * @param code such as `"EADDRINUSE"` or `"EAI_NONAME"`
   * @param cause what the runtime threw
   * @param reason replaces the text of the code
   * @param isLocal whether it speaks of the local address of a connect
   * @param details what a fault of TLS knows besides
   */
  constructor(
    code: string,
    cause?: unknown,
    reason?: string,
    isLocal: boolean = false,
    details?: FaultDetails,
  ) {
    this.code = code;
    this.cause = cause;
    this.reason = reason;
    this.isLocal = isLocal;
    this.alert = details?.alert;
    this.peerCertificate = details?.peerCertificate;
  }

  /** The same failure, said of the local address. */
  asLocal(): Fault {
    return new Fault(this.code, this.cause, this.reason, true);
  }
}

/** The fault of a call that was not done within its time. */
export function lateFault(op: string, timeoutMs: number | null): Fault {
  return new Fault("ETIMEDOUT", undefined, lateText(op, timeoutMs ?? Infinity));
}

/** Refuses what a runtime's own TLS sockets cannot do, with the reason. */
export function refuseNative(reason: string): never {
  throw new Fault("EOPNOTSUPP", undefined, `tls.native: ${reason}`);
}

/** Refuses an option, with the reason. */
export function refuseOption(reason: string): never {
  throw new Fault("ENOPROTOOPT", undefined, reason);
}
