/**
 * What a server has counted.
 *
 * @module
 */

import type { Expiry } from "./sweep.ts";

/**
 * Why somebody was not let in: there were enough, of all or of one host; a bad
 * PROXY header; a handshake of TLS that failed; `verifyRequest` said no.
 */
export type Rejection = "full" | "perHost" | "proxy" | "handshake" | "verify";

/**
 * What a server has counted since it began; a copy. All but `active` only grow,
 * and at any moment `accepted` is the sum of `active`, `finished`, `failed` and
 * all of `timedOut`.
 */
export interface ServerStats {
  /** Connections that were given to the handler, or were too slow to be. */
  readonly accepted: number;
  /** Those of them that are not over: whose descriptor is not released. */
  readonly active: number;
  /** Whose handler ended well, or detached it. */
  readonly finished: number;
  /** Whose handler failed, and those that a stop had to reset. */
  readonly failed: number;
  /** Those that were not let in. */
  readonly rejected: Readonly<Record<Rejection, number>>;
  /** Whose time was up. */
  readonly timedOut: Readonly<Record<Expiry, number>>;
  /** Failures of `accept`, of whatever kind. */
  readonly acceptErrors: number;
  /** Those of them for lack of descriptors or memory. */
  readonly outOfDescriptors: number;
  /** Bytes that handlers have taken, and PROXY headers. */
  readonly bytesReceived: number;
  /** Bytes that handlers have sent. */
  readonly bytesSent: number;
  /** Workers that died and were replaced; 0 where the server has none. */
  readonly workersRestarted: number;
}

/** How a connection ended. */
export type Outcome = "done" | "error" | "stop" | "rejected" | Expiry;

/** Bytes that went either way. */
export interface Traffic {
  /** Those that were received. */
  readonly bytesReceived: number;
  /** Those that were sent. */
  readonly bytesSent: number;
}

/** The counters of a server. */
export class Tally {
  /** How often accepting failed. */
  acceptErrors = 0;
  /** How often it failed for lack of descriptors or memory. */
  outOfDescriptors = 0;
  #accepted = 0;
  #active = 0;
  #finished = 0;
  #failed = 0;
  #bytesReceived = 0;
  #bytesSent = 0;
  readonly #rejected: Record<Rejection, number> = {
    full: 0,
    perHost: 0,
    proxy: 0,
    handshake: 0,
    verify: 0,
  };
  readonly #timedOut: Record<Expiry, number> = {
    idle: 0,
    handshake: 0,
    age: 0,
  };

  /** A connection is given to the handler. */
  began(): void {
    this.#accepted++;
    this.#active++;
  }

  /** A connection is over, let in or not; the latter is counted already. */
  ended(outcome: Outcome, hadBegun: boolean, traffic: Traffic): void {
    this.#bytesReceived += traffic.bytesReceived;
    this.#bytesSent += traffic.bytesSent;
    if (outcome === "rejected") return;
    if (hadBegun) this.#active--;
    else this.#accepted++;
    if (outcome === "done") this.#finished++;
    else if (outcome === "error" || outcome === "stop") this.#failed++;
    else this.#timedOut[outcome]++;
  }

  /** Somebody was turned away. */
  rejected(why: Rejection): void {
    this.#rejected[why]++;
  }

  /** The counts of now; the bytes of those that are not over included. */
  read(traffic: Iterable<Traffic>): ServerStats {
    let [bytesReceived, bytesSent] = [this.#bytesReceived, this.#bytesSent];
    for (const each of traffic) {
      bytesReceived += each.bytesReceived;
      bytesSent += each.bytesSent;
    }
    return {
      accepted: this.#accepted,
      active: this.#active,
      finished: this.#finished,
      failed: this.#failed,
      rejected: { ...this.#rejected },
      timedOut: { ...this.#timedOut },
      acceptErrors: this.acceptErrors,
      outOfDescriptors: this.outOfDescriptors,
      bytesReceived,
      bytesSent,
      workersRestarted: 0,
    };
  }
}
