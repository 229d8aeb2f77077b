/**
 * The seam for options of streams and listeners: their names, what a keep-alive
 * can be tuned by, and which of it a runtime can do.
 *
 * @module
 */

import type { Support } from "./runtime.ts";

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

/** The features around options and descriptors that differ between runtimes. */
export type OptionFeature =
  /** `SO_RCVBUF` and `SO_SNDBUF` of streams. */
  | "bufferSizes"
  /** `fileno()`. */
  | "fileno"
  /** `fromFd()`. */
  | "fromFd"
  /** `SO_KEEPALIVE`. */
  | "keepAlive"
  /** `TCP_KEEPIDLE`, also after `connect` and `listen`. */
  | "keepAliveIdle"
  /** `TCP_KEEPINTVL` and `TCP_KEEPCNT`. */
  | "keepAliveProbes"
  /** `SO_REUSEADDR`, set by the runtime itself on every listener. */
  | "reuseAddr"
  /** `IP_TOS` and `IPV6_TCLASS`. */
  | "typeOfService";

/** What a runtime can do with options and descriptors, feature by feature. */
export type OptionSupports = Readonly<Record<OptionFeature, Support>>;

/** Says the same of all features. */
export function sameSupports(support: Support): OptionSupports {
  return {
    bufferSizes: support,
    fileno: support,
    fromFd: support,
    keepAlive: support,
    keepAliveIdle: support,
    keepAliveProbes: support,
    reuseAddr: support,
    typeOfService: support,
  };
}
