/**
 * What the tests of the `node:net` driver share.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { Address, Bytes, InetAddress } from "../../src/contracts.ts";
import { nodeRuntime } from "../../src/runtime/node.ts";
import type { Fault } from "../../src/runtime/seam/fault.ts";
import type { Runtime } from "../../src/runtime/seam/runtime.ts";
import type { RawStream } from "../../src/runtime/seam/stream.ts";
import { test, type TestOptions } from "../harness.ts";
import { type RuntimeName, thisRuntime } from "../runtimes.ts";
import {
  type PeerSocket,
  type PeerTarget,
  type RawPeer,
  withRawPeer,
} from "../support/raw_peer.ts";
import { ListenerRecorder, StreamRecorder } from "../support/recorder.ts";

/** The driver under test. */
export const runtime: Runtime = nodeRuntime();

/** The runtime that the tests run on. */
export const here: RuntimeName = thisRuntime();

/** A free port of 127.0.0.1. */
export const LOOPBACK: InetAddress = {
  family: "ipv4",
  hostname: "127.0.0.1",
  port: 0,
};

/** A mebibyte. */
export const MIB: number = 1 << 20;

/** One connection under test, with the raw peer at its other end. */
export interface Pair {
  readonly stream: RawStream;
  readonly recorder: StreamRecorder;
  readonly peer: PeerSocket;
}

/** What a test does with its connection. */
export type Body = (pair: Pair) => Promise<void>;

/** Connects to the raw peer. */
export async function connected(peer: RawPeer, body: Body): Promise<void> {
  const listener = await peer.listen();
  const [stream, socket] = await Promise.all([
    runtime.connect({ address: inet(listener.address) }),
    listener.accept(),
  ]);
  const recorder = StreamRecorder.on(stream);
  try {
    await body({ stream, recorder, peer: socket });
  } finally {
    await closed({ stream, recorder });
  }
}

/** Is connected to by the raw peer. */
async function accepted(peer: RawPeer, body: Body): Promise<void> {
  const listener = await runtime.listen({ address: LOOPBACK, backlog: 8 });
  const listening = new ListenerRecorder(listener);
  const [socket, { stream, recorder }] = await Promise.all([
    peer.connect(listener.localAddress as PeerTarget),
    listening.next(),
  ]);
  try {
    await body({ stream, recorder, peer: socket });
  } finally {
    await closed({ stream, recorder });
    listener.close();
    await listening.until("closed");
  }
}

/** Closes, and waits for the end. */
export async function closed(
  { stream, recorder }: Omit<Pair, "peer">,
): Promise<void> {
  stream.close();
  await recorder.until("closed");
}

/** An address of the raw peer in the seam's shape. */
export function inet(address: { hostname: string; port: number }): Address {
  const family = address.hostname.includes(":") ? "ipv6" : "ipv4";
  return { family, hostname: address.hostname, port: address.port };
}

/** Declares one test for a connecting and one for an accepted stream. */
export function testBoth(
  name: string,
  body: Body,
  options?: TestOptions,
): void {
  for (const [who, make] of MAKERS) {
    const run = () => withRawPeer((peer) => make(peer, body));
    test(`${who} stream ${name}`, run, options);
  }
}

const MAKERS = [["a connected", connected], ["an accepted", accepted]] as const;

/** Turns of the event loop, in which an unwanted event would show. */
export async function turns(count = 20): Promise<void> {
  for (let i = 0; i < count; i++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Writes everything, in one write. */
export async function sendAll(
  stream: RawStream,
  data: Uint8Array,
): Promise<void> {
  assert.equal(await stream.write(data), data.length);
}

/** SHA-256 in hexadecimal. */
export function sha256(chunks: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest("hex");
}

/** Bytes that repeat too late for a misplaced chunk to look right. */
export function pattern(length: number, seed: number): Bytes {
  const bytes = new Uint8Array(length);
  let x = seed * 2654435761 + 1;
  for (let i = 0; i < length; i++) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    bytes[i] = x >>> 24;
  }
  return bytes;
}

/** Text in UTF-8. */
export function bytesOf(text: string): Bytes {
  return new Uint8Array(Buffer.from(text));
}

/** Asserts the code of a fault; for `throws` and `rejects`. */
export function faultOf(code: string): (error: unknown) => boolean {
  return (error) => {
    assert.equal((error as Fault).code, code);
    return true;
  };
}

/**
 * A send to a peer that is gone. The kernel tells a reset once, as ECONNRESET,
 * to whichever call comes first, and says EPIPE ever after.
 */
export function isGone(error: unknown): boolean {
  assert.match((error as Fault).code, /^(ECONNRESET|EPIPE)$/);
  return true;
}
