/**
 * What the tests of the Bun driver share.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { bunRuntime } from "../../src/runtime/bun.ts";
import type { Address } from "../../src/contracts.ts";
import type { RawListener, RawStream } from "../../src/runtime/seam/stream.ts";
import type { PeerAddress, PeerSocket, RawPeer } from "../support/raw_peer.ts";
import { StreamRecorder } from "../support/recorder.ts";

/** Why the tests are skipped elsewhere. */
export const SKIP: string | false = "Bun" in globalThis
  ? false
  : "Bun's own sockets exist on Bun only";

/** A recorder that can be waited on for room, and that resumes by turns. */
export class Recorder extends StreamRecorder {
  /** How often the driver said that there is room. */
  rooms = 0;
  #wake: () => void = () => {};

  override writable(): void {
    this.rooms++;
    this.#wake();
  }

  /** Settles at the next `writable()`. */
  room(): Promise<void> {
    return new Promise((resolve) => this.#wake = resolve);
  }
}

/** Attaches a fresh recorder. */
export function record(stream: RawStream): Recorder {
  const recorder = new Recorder();
  stream.attach(recorder);
  return recorder;
}

/** The two ways in which the driver connects. */
export const WAYS: readonly (readonly [name: string, AbortSignal?])[] = [
  ["connected natively"],
  ["connected with a signal", new AbortController().signal],
];

/** The numeric IPv4 loopback address and a port. */
export function loopback(port = 0): Address {
  return { family: "ipv4", hostname: "127.0.0.1", port };
}

/** An address of the raw peer in the seam's shape. */
export function addressOf({ hostname, port, path }: PeerAddress): Address {
  if (path !== undefined) return { family: "unix", path };
  const family = hostname.includes(":") ? "ipv6" : "ipv4";
  return { family, hostname, port };
}

/** A stream of the driver and the raw peer's end of it. */
export interface Pair {
  readonly stream: RawStream;
  readonly remote: PeerSocket;
}

/** The driver connects to the raw peer. */
export async function dial(peer: RawPeer, signal?: AbortSignal): Promise<Pair> {
  const listener = await peer.listen();
  const address = addressOf(listener.address);
  const [stream, remote] = await Promise.all([
    bunRuntime().connect({ address, signal }),
    listener.accept(),
  ]);
  return { stream, remote };
}

/** A listener of the driver on a free port of 127.0.0.1. */
export function listenHere(
  address: Address = loopback(),
): Promise<RawListener> {
  return bunRuntime().listen({ address, backlog: 16 });
}

/** Some turns of the event loop, each of them a trip to the raw peer. */
export async function turns(peer: RawPeer, count = 3): Promise<void> {
  for (let i = 0; i < count; i++) await (await peer.listen()).close();
}

/** Bytes that differ from place to place, the same in every run. */
export function noise(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = 1;
  for (let i = 0; i < length; i++) {
    state = Math.imul(state, 1_664_525) + 1_013_904_223;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** SHA-256 in hexadecimal. */
export function sha256(...chunks: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest("hex");
}

/** Writes everything in pieces of varying size, waiting for room. */
export async function writeAll(
  stream: RawStream,
  recorder: Recorder,
  data: Uint8Array,
): Promise<void> {
  let state = 7;
  for (let at = 0; at < data.length;) {
    state = Math.imul(state, 1_103_515_245) + 12_345;
    const size = 1 + (state >>> 8) % 300_000;
    const piece = data.subarray(at, at + size);
    const room = recorder.room();
    const taken = await stream.write(piece);
    at += taken;
    if (taken < piece.length) await room;
  }
}
