/**
 * All deadlines of a server's connections, judged by one timer: a timer or a
 * signal for each receive would cost more than the receive.
 *
 * @module
 */

import type { Clock, Timer } from "../clock.ts";

/** Why a connection's time is up. */
export type Expiry = "idle" | "handshake" | "age";

/** The deadlines, in milliseconds; `null` is for ever. */
export interface Deadlines {
  /** Without a byte in either direction. */
  readonly idleTimeoutMs: number | null;
  /** From accept to the handler. */
  readonly handshakeTimeoutMs: number | null;
  /** From accept to the end. */
  readonly maxConnectionMs: number | null;
}

/** What a sweep asks of a connection, and notes down about it. */
export interface Swept {
  /** When it was accepted. */
  readonly openedAt: number;
  /** Whether its handler has not begun. */
  readonly isGreeting: boolean;
  /** Whether it is ending, by whatever cause: then no deadline holds. */
  readonly isEnding: boolean;
  /** Bytes in both directions. */
  readonly bytes: number;
  /** `bytes` when it was last looked at. */
  seenBytes: number;
  /** No later than this was the last byte, as far as was looked. */
  changedAt: number;
}

/** The longest time between two looks. */
const LONGEST_MS = 1000;

/** So often a deadline is looked at while it runs, at least. */
const LOOKS = 4;

/** Rounding of sums of intervals must not cost a whole one. */
const EPSILON_MS = 1e-6;

/**
 * Looks at all connections now and then. A deadline is never judged early, and
 * late by one interval at most.
 */
export class Sweep<T extends Swept> {
  readonly #clock: Clock;
  readonly #deadlines: Deadlines;
  readonly #connections: ReadonlySet<T>;
  readonly #expired: (connection: T, why: Expiry) => void;
  readonly #intervalMs: number | undefined;
  #timer: Timer | undefined;

  /** `expired` is told of each connection whose time is up. */
  constructor(
    clock: Clock,
    deadlines: Deadlines,
    connections: ReadonlySet<T>,
    expired: (connection: T, why: Expiry) => void,
  ) {
    this.#clock = clock;
    this.#deadlines = deadlines;
    this.#connections = connections;
    this.#expired = expired;
    this.#intervalMs = intervalOf(deadlines);
  }

  /** There is a connection: looks from now on, while there are any. */
  start(): void {
    if (this.#timer !== undefined || this.#intervalMs === undefined) return;
    this.#timer = this.#clock.start(this.#intervalMs, () => this.#sweep());
    this.#timer.ref?.(false);
  }

  /** Looks no more. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #sweep(): void {
    this.#timer = undefined;
    const now = this.#clock.now();
    for (const connection of this.#connections) {
      if (connection.isEnding) continue;
      const why = this.#judge(connection, now);
      if (why !== undefined) this.#expired(connection, why);
    }
    if (this.#connections.size > 0) this.start();
  }

  #judge(connection: T, now: number): Expiry | undefined {
    const { idleTimeoutMs, handshakeTimeoutMs, maxConnectionMs } =
      this.#deadlines;
    const { bytes, openedAt } = connection;
    if (bytes !== connection.seenBytes) {
      connection.seenBytes = bytes;
      connection.changedAt = now;
    }
    const age = now - openedAt;
    if (connection.isGreeting && isOver(age, handshakeTimeoutMs)) {
      return "handshake";
    }
    if (isOver(age, maxConnectionMs)) return "age";
    const idleMs = now - connection.changedAt;
    return isOver(idleMs, idleTimeoutMs) ? "idle" : undefined;
  }
}

function isOver(ms: number, limitMs: number | null): boolean {
  return limitMs !== null && ms >= limitMs - EPSILON_MS;
}

/**
 * A second, or a quarter of the shortest deadline. A byte is noticed at the
 * next look, so that the idle time has to be a multiple of the interval to be
 * judged within one of them.
 */
function intervalOf(deadlines: Deadlines): number | undefined {
  const { idleTimeoutMs, handshakeTimeoutMs, maxConnectionMs } = deadlines;
  const all = [idleTimeoutMs, handshakeTimeoutMs, maxConnectionMs]
    .filter((each) => each !== null);
  if (all.length === 0) return undefined;
  const most = Math.min(LONGEST_MS, Math.min(...all) / LOOKS);
  const base = idleTimeoutMs ?? most;
  return base / Math.ceil(base / most);
}
