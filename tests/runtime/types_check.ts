/**
 * Checks, by being compiled, that the few members which the driver declares
 * are members of the official types. Nothing runs.
 *
 * @module
 */

import type dns from "node:dns";
import type fs from "node:fs";
import type net from "node:net";
import type {
  DnsModule,
  FsModule,
  NetModule,
  NodeServer,
  NodeSocket,
  OnRead,
} from "../../src/runtime/node/native.ts";

type Is<Official extends Declared, Declared> = [Official, Declared];

/** Each line is a compile error where the official type lacks a member. */
export type Checks = [
  Is<net.Socket, NodeSocket>,
  Is<net.Server, NodeServer>,
  Is<OnRead, net.OnReadOpts>,
  Is<typeof net, Pick<NetModule, "connect" | "createServer">>,
  Is<typeof dns, DnsModule>,
  Is<typeof fs, FsModule>,
];
