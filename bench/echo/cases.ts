/** What is measured: the cases, and the servers under test. */

import type { RuntimeName } from "../../tests/runtimes.ts";
import type { LoadMode } from "./load.ts";

/** One load on a server. */
export interface Case {
  /** Its name on the command line and in the results. */
  readonly name: string;
  /** What it does, for people. */
  readonly text: string;
  /** What the load generator does. */
  readonly mode: LoadMode;
  /** How many connections there are at a time. */
  readonly connections: number;
  /** How long one message is. */
  readonly bytes: number;
}

const connections = 10_000;

/** All of them, in the order in which they run. */
export const cases: readonly Case[] = [
  {
    name: "1x64",
    text: "1 connection, 64 B echoed",
    mode: "echo",
    connections: 1,
    bytes: 64,
  },
  {
    name: "50x64",
    text: "50 connections, 64 B echoed",
    mode: "echo",
    connections: 50,
    bytes: 64,
  },
  {
    name: "50x4k",
    text: "50 connections, 4 KiB echoed",
    mode: "echo",
    connections: 50,
    bytes: 4096,
  },
  {
    name: "50x5000",
    text: "50 connections, 5,000 B echoed: no power of two",
    mode: "echo",
    connections: 50,
    bytes: 5_000,
  },
  {
    name: "50x18000",
    text: "50 connections, 18,000 B echoed: no power of two",
    mode: "echo",
    connections: 50,
    bytes: 18_000,
  },
  {
    name: "4x64k",
    text: "4 connections, 64 KiB echoed",
    mode: "echo",
    connections: 4,
    bytes: 65_536,
  },
  {
    name: "upload",
    text: "4 connections, 64 KiB messages one way",
    mode: "upload",
    connections: 4,
    bytes: 65_536,
  },
  {
    name: "download",
    text: "4 connections, 64 KiB messages to readers that pause",
    mode: "download",
    connections: 4,
    bytes: 65_536,
  },
  {
    name: "connect",
    text: "connect, 64 B echoed, close; 16 at a time",
    mode: "connect",
    connections: 16,
    bytes: 64,
  },
  {
    name: "idle",
    text: `${connections.toLocaleString("en-GB")} idle connections`,
    mode: "hold",
    connections,
    bytes: 64,
  },
];

/** The role of a server in the comparison. */
export type ServerName =
  | "ours"
  | "ours_for_await"
  | "ours_try_send"
  | "ours_recv_into"
  | "native"
  | "node_net"
  | "pull";

/** All of them, in the order of the table's columns. */
export const serverNames: readonly ServerName[] = [
  "ours",
  "ours_for_await",
  "ours_try_send",
  "ours_recv_into",
  "native",
  "node_net",
  "pull",
];

/** Where a way of calling is that of another server. */
const NOTHING_NEW: Readonly<Partial<Record<ServerName, readonly LoadMode[]>>> =
  {
    ours_for_await: ["download"],
    ours_try_send: ["upload", "hold"],
    ours_recv_into: ["download"],
  };

/**
 * The program of a server on a runtime for a load. On Node the native API is
 * `node:net`, so there is no separate one; and none does what another does.
 */
export function serverScript(
  runtime: RuntimeName,
  name: ServerName,
  mode: LoadMode,
): string | undefined {
  if (NOTHING_NEW[name]?.includes(mode)) return undefined;
  const own = runtime.startsWith("node") ? "node" : runtime;
  const file = name === "native" || name === "pull" ? `${own}_${name}` : name;
  return file === "node_native" ? undefined : `bench/echo/servers/${file}.ts`;
}
