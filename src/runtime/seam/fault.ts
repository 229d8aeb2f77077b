/**
 * How a driver says that something failed: it throws or rejects with a
 * {@linkcode Fault}, and the sockets above make the error of it.
 *
 * @module
 */

/** A failure as a driver reports it: a C code and what the runtime said. */
export class Fault {
  /** The C name of the failure, such as `"ECONNRESET"`. */
  readonly code: string;
  /** What the runtime said. */
  readonly cause: unknown;
  /** Replaces the text of the code, where more is known. */
  readonly reason: string | undefined;
  /** Whether it speaks of the local address of a connect. */
  readonly isLocal?: boolean;

  /** Made by drivers, in their one mapping table. */
  constructor(
    code: string,
    cause?: unknown,
    reason?: string,
    isLocal: boolean = false,
  ) {
    this.code = code;
    this.cause = cause;
    this.reason = reason;
    this.isLocal = isLocal;
  }

  /** The same failure, said of the local address. */
  asLocal(): Fault {
    return new Fault(this.code, this.cause, this.reason, true);
  }
}

/** Refuses an option, with the reason. */
export function refuseOption(reason: string): never {
  throw new Fault("ENOPROTOOPT", undefined, reason);
}
