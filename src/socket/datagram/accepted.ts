/**
 * Datagrams that `trySendTo` has accepted and the kernel does not have yet:
 * how much that may be, and what became of them.
 *
 * @module
 */

import type { Address } from "../../contracts.ts";
import type { SocketError } from "../../errors.ts";
import { Fault } from "../../runtime/seam/fault.ts";
import { Job } from "./job.ts";

/** Bytes that `trySendTo` may have handed over before the kernel has them. */
const MAX_ACCEPTED_BYTES = 65_536;

/** What one socket has accepted. */
export class Accepted {
  #bytes = 0;
  /** Nobody waits for what was accepted: raised by the next send. */
  #lateFault: Fault | undefined;

  /** Whether no more is accepted before something has left. */
  get isFull(): boolean {
    return this.#bytes >= MAX_ACCEPTED_BYTES;
  }

  /** The send of an accepted datagram, which keeps the memory. */
  accept(op: string, copy: Uint8Array, to: Address | undefined): Job {
    const bytes = copy.length;
    const job = new Job(op, copy, to);
    this.#bytes += bytes;
    job.resolve = () => this.#bytes -= bytes;
    job.reject = (error) => {
      this.#bytes -= bytes;
      this.#lateFault = toFault(error as SocketError);
    };
    return job;
  }

  /** The failure of an accepted datagram; afterwards there is none. */
  takeFault(): Fault | undefined {
    const fault = this.#lateFault;
    this.#lateFault = undefined;
    return fault;
  }
}

function toFault({ code, cause }: SocketError): Fault {
  return new Fault(code, cause);
}
