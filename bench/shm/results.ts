/** The shape of `bench/results/shm-*.json`. */

import type { Results } from "../lib/output.ts";

/** What the bytes go over: a channel woken in one of two ways, or a socket. */
export const TRANSPORTS = ["port", "atomics", "tcp", "unix"] as const;

/** What the bytes go over. */
export type Transport = typeof TRANSPORTS[number];

/**
 * What is sent: 64 bytes a call (`trySend` over a channel, `sendAll` over a
 * socket), frames of 64 bytes, or 64 KiB a call.
 */
export const LOADS = ["single", "framed", "bulk"] as const;

/** What is sent. */
export type Load = typeof LOADS[number];

/** What one round found. */
export interface ShmRound {
  /** Messages each second. */
  readonly perSecond: number;
  /** Processor time of both threads for a message, microseconds. */
  readonly cpuMicros: number;
}

/** Every round of one case. */
export interface ShmRow {
  /** The runtime. */
  readonly runtime: string;
  /** What the bytes go over. */
  readonly transport: Transport;
  /** What is sent. */
  readonly load: Load;
  /** The rounds. */
  readonly rounds: readonly ShmRound[];
}

/** One run of the benchmark. */
export interface ShmResults extends Results<"shm"> {
  /** What was measured. */
  readonly rows: readonly ShmRow[];
}
