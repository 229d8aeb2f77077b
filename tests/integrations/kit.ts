/**
 * What the programs share that run a library over sockets of ours, each as a
 * child of a test, which keeps the server.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { EventEmitter } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { handleCounts } from "../../src/handle_counts.ts";

/** The port of the server. */
export const PORT: number = Number(process.argv[2]);

/** Operations in a row: more with ANYSOCK_LARGE. */
export const MANY: number = process.env.ANYSOCK_LARGE ? 100_000 : 3_000;

/** Bytes of one value: 10 MB both ways. */
export const BIG: number = 10 << 20;

const answers: (() => void)[] = [];

/** Has the test do something, and waits until it is done. */
export function ask(what: "restart" | "stop" | "start"): Promise<void> {
  return new Promise((resolve) => {
    answers.push(resolve);
    console.log(`ask ${what}`);
  });
}

/** Runs a program to its end, when nothing may be left open. */
export async function run(program: () => Promise<void>): Promise<void> {
  const lines = createInterface({ input: process.stdin });
  lines.on("line", () => answers.shift()?.());
  // What nobody catches is a failure, whatever the runtime makes of it.
  process.on("unhandledRejection", fail);
  process.on("uncaughtException", fail);
  await program();
  const end = Date.now() + 5_000;
  while (Date.now() < end && anyHandle() !== undefined) await turn();
  assert.equal(anyHandle(), undefined, "a socket is left open");
  console.log("over");
  lines.close();
  process.exit(0);
}

/** The next uncaught exception, which is no failure then. */
export async function nextUncaught(): Promise<unknown> {
  process.off("uncaughtException", fail);
  const [error] = await nextEvent(process, "uncaughtException");
  process.on("uncaughtException", fail);
  return error;
}

function fail(error: unknown): void {
  console.error("uncaught", error);
  process.exit(3);
}

function anyHandle(): string | undefined {
  const open = Object.entries(handleCounts()).find(([, count]) => count > 0);
  return open && `${open[0]}: ${open[1]}`;
}

/** A turn of the event loop, and some. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}

/** Waits for what a library does by itself, such as connecting anew. */
export async function until(what: () => boolean): Promise<void> {
  while (!what()) await turn();
}

/**
 * The next event of this name. Not `once` of `node:events`, which fails with an
 * `error` that comes before: a server that is killed may reset.
 */
export function nextEvent(emitter: object, event: string): Promise<unknown[]> {
  return new Promise((resolve) =>
    (emitter as EventEmitter).once(event, (...args) => resolve(args))
  );
}

/** Bytes that are not alike. */
export function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0, state = 1; i < length; i++) {
    state = Math.imul(state, 1_103_515_245) + 12_345;
    bytes[i] = state >>> 16;
  }
  return bytes;
}
