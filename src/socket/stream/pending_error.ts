/**
 * What `SO_ERROR` tells of a stream socket.
 *
 * @module
 */

import { SocketError, socketError } from "../../errors.ts";
import { errnoOfFault } from "../../runtime/seam/error_mapping.ts";
import type { Fault } from "../../runtime/seam/fault.ts";

/**
 * The failures that nobody waited for: that of a non-blocking connect, then
 * what ended the connection. As in C, each is told once.
 */
export class PendingError {
  #error: SocketError | undefined;
  #isFaultTold = false;

  /** Whether a connect failed and nobody has asked for it yet. */
  get isSet(): boolean {
    return this.#error !== undefined;
  }

  /** A connect failed that nobody waits for. */
  connectFailed(error: unknown): void {
    this.#error = error instanceof SocketError
      ? error
      : socketError("EIO", { op: "connect", cause: error });
  }

  /** Throws the failure of the connect, if it is still to be told. */
  raise(): void {
    const error = this.#take();
    if (error !== undefined) throw error;
  }

  /** The failure to be told next, as an `errno`; `fault` is the connection's. */
  takeErrno(fault: Fault | undefined): number {
    const error = this.#take();
    if (error !== undefined) return error.errno || errnoOfFault(error);
    if (fault === undefined || this.#isFaultTold) return 0;
    this.#isFaultTold = true;
    return errnoOfFault(fault);
  }

  #take(): SocketError | undefined {
    const error = this.#error;
    this.#error = undefined;
    return error;
  }
}
