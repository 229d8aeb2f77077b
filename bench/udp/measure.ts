/** One round of datagrams: two processes, and what they report. */

import type { FoundRuntime } from "../../tests/runtimes.ts";
import { type Child, startOn } from "../lib/children.ts";
import type { Api, Mode, Report } from "./results.ts";

const LINE_TIMEOUT_MS = 60_000;

/** A runtime, or one that is started in another way. */
export interface Column {
  /** Its name in the results. */
  readonly name: string;
  /** How it is started. */
  readonly runtime: FoundRuntime;
}

/** What is measured of both. */
export interface Case {
  /** On what. */
  readonly column: Column;
  /** Doing what. */
  readonly mode: Mode;
  /** With so many bytes of payload. */
  readonly bytes: number;
}

/** What one round found. */
export interface Round {
  /** Datagrams or round trips each second. */
  readonly perSecond: number;
  /** Processor time for a datagram, microseconds. */
  readonly cpuMicros: number;
  /** The part of the datagrams that did not arrive. */
  readonly loss: number;
}

function launch({ runtime }: Column, ...args: (string | number)[]): Child {
  return startOn(runtime, "bench/udp/program.ts", args);
}

const ROLES: Readonly<Record<Mode, readonly [near: string, far: string]>> = {
  send: ["send", "drain"],
  batch: ["batch", "drain"],
  receive: ["batch", "receive"],
  echo: ["ping", "echo"],
};

/** A round trip takes as long as so many datagrams one way, and more. */
const TRIP_DATAGRAMS = 5;

/** One round of `datagrams`. The other end is always the runtime's own API. */
export async function measure(
  { column, mode, bytes }: Case,
  api: Api,
  datagrams: number,
): Promise<Round> {
  const count = mode === "echo"
    ? Math.ceil(datagrams / TRIP_DATAGRAMS)
    : datagrams;
  const [near, far] = ROLES[mode];
  const isFar = mode === "receive" || mode === "echo";
  const sink = launch(column, isFar ? api : "native", far, bytes, count);
  let source: Child | undefined;
  try {
    const port = await sink.nextLine(LINE_TIMEOUT_MS);
    const nearApi = isFar ? "native" : api;
    source = launch(column, nearApi, near, bytes, count, port);
    await source.nextLine(LINE_TIMEOUT_MS);
    await play(source, sink); // The warm-up.
    return toRound(mode, await play(source, sink));
  } finally {
    await Promise.all([sink.kill(), source?.kill()]);
  }
}

/** What both ends say of one part. */
interface Reports {
  readonly sent: Report;
  readonly got: Report;
}

/** Both do their part, the sink until the source is done. */
async function play(source: Child, sink: Child): Promise<Reports> {
  sink.say("go");
  source.say("go");
  const sent = read(await source.nextLine(LINE_TIMEOUT_MS));
  sink.say("stop");
  return { sent, got: read(await sink.nextLine(LINE_TIMEOUT_MS)) };
}

function read(line: string): Report {
  return JSON.parse(line) as Report;
}

function toRound(mode: Mode, { sent, got }: Reports): Round {
  const measured = mode === "receive" || mode === "echo" ? got : sent;
  const timed = mode === "receive" ? got : sent;
  return {
    perSecond: Math.round(timed.count / timed.ms * 1000),
    cpuMicros: Math.round(measured.cpuMicros / measured.count * 100) / 100,
    loss: Math.max(0, Math.round((1 - got.count / sent.count) * 1e4) / 1e4),
  };
}
