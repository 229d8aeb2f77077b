/** The shape of `bench/results/framing-*.json`. */

import type { Results } from "../lib/output.ts";

/** Every round of one decoder. */
export interface DecodeRow {
  /** The runtime, by its test name. */
  readonly runtime: string;
  /** The stream that was decoded. */
  readonly case: string;
  /** Who decoded it. */
  readonly contestant: string;
  /** Frames a second, of each round. */
  readonly perSecond: readonly number[];
}

/** One round of one echo server. */
export interface EchoRound {
  /** Frames echoed a second. */
  readonly framesPerSecond: number;
  /** Nanoseconds of CPU of the server, all its threads, for each frame. */
  readonly cpuNanosPerFrame: number;
  /** KiB of memory of the server before and after the measured span. */
  readonly residentKib: readonly [number, number];
}

/** Every round of one echo server under one load. */
export interface EchoRow {
  /** The runtime, by its test name. */
  readonly runtime: string;
  /** Bytes of payload in a frame. */
  readonly payload: number;
  /** Which server. */
  readonly server: string;
  /** What each round found. */
  readonly rounds: readonly EchoRound[];
}

/** One run of the benchmark. */
export interface FramingResults extends Results<"framing"> {
  /** Decoding alone. */
  readonly decode: readonly DecodeRow[];
  /** Pipelined echo: 8 connections, 512 frames in flight on each. */
  readonly echo: readonly EchoRow[];
}
