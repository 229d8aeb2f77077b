/**
 * The probes of a connection that is silent (`SO_KEEPALIVE`).
 *
 * @module
 */

import type { Timer } from "../../clock.ts";
import type { KeepAliveTuning } from "../seam/options.ts";
import type { Line, NearEnd } from "./line.ts";
import type { Wire } from "./wire.ts";

/** `net.ipv4.tcp_keepalive_time`, `_intvl` and `_probes` of Linux. */
const IDLE_S = 7_200;
const INTERVAL_S = 75;
const PROBES = 9;

/** Asks a silent peer whether it is there, and ends the connection if not. */
export class KeepAlive {
  readonly #wire: Wire;
  readonly #line: Line;
  readonly #near: NearEnd;
  readonly #idleMs: number;
  readonly #intervalMs: number;
  readonly #most: number;
  #timer: Timer;
  #heardAt: number;
  #unanswered = 0;

  /** Probes go the way of `line`; `near` is told what comes of them. */
  constructor(
    wire: Wire,
    line: Line,
    near: NearEnd,
    tuning: KeepAliveTuning = {},
  ) {
    this.#wire = wire;
    this.#line = line;
    this.#near = near;
    this.#idleMs = (tuning.idle ?? IDLE_S) * 1000;
    this.#intervalMs = (tuning.interval ?? INTERVAL_S) * 1000;
    this.#most = tuning.count ?? PROBES;
    this.#heardAt = wire.tasks.now();
    this.#timer = this.#start(this.#idleMs);
  }

  /** The peer has sent something. */
  heard(): void {
    this.#heardAt = this.#wire.tasks.now();
    this.#unanswered = 0;
  }

  /** No more probes. */
  stop(): void {
    this.#timer.cancel();
  }

  #start(delayMs: number): Timer {
    return this.#wire.tasks.after(delayMs, () => this.#look());
  }

  #look(): void {
    const silentMs = this.#wire.tasks.now() - this.#heardAt;
    if (silentMs < this.#idleMs) {
      this.#timer = this.#start(this.#idleMs - silentMs);
      return;
    }
    if (this.#unanswered >= this.#most) return this.#near.timedOut();
    this.#unanswered++;
    this.#timer = this.#start(this.#intervalMs);
    this.#line.probe((isAlive) => {
      if (isAlive) this.heard();
      else this.#near.receiveReset();
    });
  }
}
