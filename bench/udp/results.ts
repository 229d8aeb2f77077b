/** The shape of `bench/results/udp-*.json`. */

import type { Results } from "../lib/output.ts";

/** Whose sockets were measured. */
export type Api = "ours" | "native";

/** What they did. */
export type Mode = "send" | "batch" | "receive" | "echo";

/** Every round of one case. */
export interface UdpRow {
  /** The runtime, `deno+net` being Deno with `--unstable-net`. */
  readonly runtime: string;
  /** Whose sockets. */
  readonly api: Api;
  /** What they did. */
  readonly mode: Mode;
  /** Bytes of payload in each datagram. */
  readonly bytes: number;
  /**
   * Datagrams each second, by round; of an echo, round trips. No number (in
   * JSON `null`) where fewer than two arrived.
   */
  readonly perSecond: readonly (number | null)[];
  /**
   * Processor time of the measured process for a datagram, microseconds. No
   * number where none arrived.
   */
  readonly cpuMicros: readonly (number | null)[];
  /** The part of the datagrams that did not arrive. */
  readonly loss: readonly number[];
}

/** What one program says of one round. */
export interface Report {
  /** How many datagrams it sent, received or sent round. */
  readonly count: number;
  /** Milliseconds from the first to the last. */
  readonly ms: number;
  /** Processor time, microseconds. */
  readonly cpuMicros: number;
  /** Memory of the process afterwards, bytes. */
  readonly rssBytes: number;
}

/** One run of the benchmark. */
export interface UdpResults extends Results<"udp"> {
  /** What was measured. */
  readonly rows: readonly UdpRow[];
}
