/** What is measured: the cases, and the servers under test. */

import type { RuntimeName } from "../../tests/runtimes.ts";

/** What the load generator does. */
export const modes = ["echo", "upload", "download", "connect", "hold"] as const;

/** One of {@linkcode modes}. */
export type Mode = typeof modes[number];

/** One load on a server. */
export interface Case {
  /** Its name on the command line and in the results. */
  readonly name: string;
  /** What it does, for people. */
  readonly text: string;
  /** What the load generator does. */
  readonly mode: Mode;
  /** How many connections there are at a time. */
  readonly connections: number;
  /** How long one message is. */
  readonly bytes: number;
}

/** All of them, in the order in which they run. */
export const cases: readonly Case[] = [
  {
    name: "echo",
    text: "1 KiB echoed, 8 connections",
    mode: "echo",
    connections: 8,
    bytes: 1024,
  },
  {
    name: "receive",
    text: "64 KiB received, 4 connections",
    mode: "upload",
    connections: 4,
    bytes: 65_536,
  },
  {
    name: "send",
    text: "64 KiB sent, 4 connections",
    mode: "download",
    connections: 4,
    bytes: 65_536,
  },
  {
    name: "handshake",
    text: "handshake, 1 byte each way, close, 4 at a time",
    mode: "connect",
    connections: 4,
    bytes: 1,
  },
  {
    name: "idle",
    text: "400 idle connections",
    mode: "hold",
    connections: 400,
    bytes: 1,
  },
];

/** The role of a server in the comparison. */
export const serverNames = [
  "ours",
  "node_duplex",
  "ours_native",
  "ours_native_into",
  "native",
  "node_tls",
] as const;

/** One of {@linkcode serverNames}. */
export type ServerName = typeof serverNames[number];

/**
 * The program of a server on a runtime. On Node the native API is `node:tls`,
 * so there is no separate one.
 */
export function serverScript(
  runtime: RuntimeName,
  name: ServerName,
): string | undefined {
  if (name === "native") {
    return runtime.startsWith("node")
      ? undefined
      : `bench/tls/servers/${runtime}_native.ts`;
  }
  return `bench/tls/servers/${name.startsWith("ours") ? "ours" : name}.ts`;
}
