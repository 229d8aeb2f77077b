/**
 * The pictures of figures: what an operation costs in processor time, in times
 * of what the same costs without this library.
 */

import { cases } from "../echo/cases.ts";
import {
  type EchoResults,
  type Row,
  sibling,
  summarize,
} from "../echo/results.ts";
import type { FramingResults } from "../framing/results.ts";
import type { Results } from "../lib/output.ts";
import { median } from "../lib/stats.ts";
import { cases as tlsCases } from "../tls/cases.ts";
import { ratio as tlsRatio, type TlsResults } from "../tls/results.ts";
import type { Mode, UdpResults } from "../udp/results.ts";
import { drawn, type Group, type Picture } from "./bars.ts";
import type { ResultFile } from "./files.ts";

/** The files of the pictures, by the names of results; others have none. */
export const PICTURES: Readonly<Record<string, string>> = {
  echo: "docs/figures.svg",
  framing: "docs/figures_framing.svg",
  tls: "docs/figures_tls.svg",
  udp: "docs/figures_udp.svg",
};

/** The SVG of a run of a suite that has a picture. */
export function picture({ suite, results }: ResultFile): string {
  switch (suite) {
    case "echo":
      return drawn(ofEcho(results as EchoResults));
    case "framing":
      return drawn(ofFraming(results as FramingResults));
    case "tls":
      return drawn(ofTls(results as TlsResults));
    case "udp":
      return drawn(ofUdp(results as UdpResults));
    default:
      throw new TypeError(`The suite ${suite} has no picture`);
  }
}

/** The cases of the echo that are shown. */
const SHOWN = ["1x64", "50x64", "50x4k", "4x64k"] as const;

function ofEcho(results: EchoResults): Picture {
  return {
    title: "Processor time of an echo, in times of the runtime's own sockets " +
      "(dashed; shorter is better)",
    series: ["recv", "recvInto"],
    panels: panelsOf(results, (runtime) =>
      SHOWN.map((name) => ({
        text: caseText(name),
        ratios: [
          ratioOf(results, runtime, name, "ours"),
          ratioOf(results, runtime, name, "ours_recv_into"),
        ],
      }))),
    foot: `${footOf(results)}; own sockets: Deno.listen, Bun.listen, node:net`,
  };
}

/** Our time for an operation, in times of the runtime's own sockets. */
export function ratioOf(
  { rows }: EchoResults,
  runtime: string,
  name: string,
  server: Row["server"],
): number | undefined {
  const row = rows.find((each) =>
    each.runtime === runtime && each.case === name && each.server === server
  );
  if (row === undefined) return undefined;
  const own = sibling(rows, row, "native") ?? sibling(rows, row, "node_net");
  const [ours, theirs] = [summarize(row), own && summarize(own)];
  if (ours === undefined || theirs === undefined) return undefined;
  return ours.cpuMicros / theirs.cpuMicros;
}

function caseText(name: string): string {
  const found = cases.find((each) => each.name === name);
  return (found?.text ?? name).replace(/ connections?, /, " × ")
    .replace(" echoed", "");
}

function ofFraming(results: FramingResults): Picture {
  const costOf = (runtime: string, payload: number, server: string) => {
    const row = results.echo.find((each) =>
      each.runtime === runtime && each.payload === payload &&
      each.server === server
    );
    return row && median(row.rounds.map((each) => each.cpuNanosPerFrame));
  };
  return {
    title: "Processor time of a frame echoed, in times of a server that " +
      "batches by hand (dashed; shorter is better)",
    series: ["for await, send", "batches, sendMany"],
    panels: panelsOf(results, (runtime) =>
      [32, 1024].map((payload) => ({
        text: payload < 1024 ? `${payload} B` : `${payload / 1024} KiB`,
        ratios: ["loop", "batches"].map((server) =>
          quotient(
            costOf(runtime, payload, server),
            costOf(runtime, payload, "hand"),
          )
        ),
      }))),
    foot: `${footOf(results)}; 8 connections, 512 frames in flight on each`,
  };
}

function ofTls(results: TlsResults): Picture {
  const inverse = (runtime: string, name: string, server: string) => {
    const row = results.rows.find((each) =>
      each.runtime === runtime && each.case === name && each.server === server
    );
    return quotient(1, row && tlsRatio(results.rows, row));
  };
  return {
    title: "Processor time over TLS, in times of the runtime's own TLS " +
      "(dashed; shorter is better)",
    series: ["alike everywhere", "native: true"],
    panels: panelsOf(
      results,
      (runtime) =>
        tlsCases.filter(({ name }) => name !== "idle").map(({ name }) => ({
          text: name,
          ratios: ["ours", "ours_native"].map((server) =>
            inverse(runtime, name, server)
          ),
        })),
    ),
    foot: footOf(results),
  };
}

const MODES: readonly Mode[] = ["send", "batch", "receive", "echo"];

function ofUdp(results: UdpResults): Picture {
  const costOf = (runtime: string, mode: Mode, bytes: number, api: string) => {
    const row = results.rows.find((each) =>
      each.runtime === runtime && each.mode === mode && each.bytes === bytes &&
      each.api === api
    );
    const known = row?.cpuMicros.filter((each) => each !== null) ?? [];
    return known.length > 0 ? median(known) : undefined;
  };
  return {
    title: "Processor time of a datagram, in times of the runtime's own " +
      "sockets (dashed; shorter is better)",
    series: ["64 B", "1,400 B"],
    panels: panelsOf(results, (runtime) =>
      MODES.map((mode) => ({
        text: mode,
        ratios: [64, 1_400].map((bytes) =>
          quotient(
            costOf(runtime, mode, bytes, "ours"),
            costOf(runtime, mode, bytes, "native"),
          )
        ),
      }))),
    foot: `${footOf(results)}; own sockets: node:dgram, Bun.udpSocket`,
  };
}

function quotient(a?: number, b?: number): number | undefined {
  return a === undefined || b === undefined ? undefined : a / b;
}

function panelsOf(
  { versions }: Results<string>,
  groupsOf: (runtime: string) => readonly Group[],
): Picture["panels"] {
  return Object.entries(versions).map(([runtime, version]) => ({
    head: `${nameOf(runtime)} ${version}`,
    groups: groupsOf(runtime),
  }));
}

function footOf({ date, machine }: Results<string>): string {
  return `${
    date.slice(0, 10)
  }, ${machine.cpu}, ${machine.cores} cores; medians`;
}

/** `Node` of `node20`: its version stands beside it. */
function nameOf(runtime: string): string {
  const [kind = ""] = /^[a-z]+/.exec(runtime) ?? [];
  return kind.charAt(0).toUpperCase() + kind.slice(1);
}
