/**
 * The seam for options of streams and listeners: their names, and what a
 * keep-alive can be tuned by.
 *
 * @module
 */

/** The options of a stream that some driver can set, by the seam's names. */
export type OptionName = "noDelay" | "keepAlive" | "typeOfService";

/** How a keep-alive probes. What is left out stays the system's. */
export interface KeepAliveTuning {
  /** Seconds of silence before the first probe. */
  readonly idle?: number | undefined;
  /** Seconds between probes. */
  readonly interval?: number | undefined;
  /** How many unanswered probes end the connection. */
  readonly count?: number | undefined;
}

/**
 * What libuv before 1.49 and Bun set together with the idle time, whether asked
 * or not: a probe every second, ten of them.
 */
export const FORCED_PROBES = { interval: 1, count: 10 } as const;
