/**
 * Steps that several laws of pipes take.
 *
 * @module
 */

import { ensure, later, LawBroken } from "../expect.ts";
import type { Pattern } from "../pattern.ts";
import type { PlainStream } from "../pipes/pipe.ts";

/** What is written at once where much is written. */
export const PIECE_BYTES = 50_000;

/** A writer that gets nothing away for so long is stopped. */
const STUCK_MS = 300;

/** More than any system holds of a connection whose reader does not read. */
export const MOST_HELD_BYTES = 16_777_216;

/** Lets so much real time pass, so that what is on its way arrives. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Writes the bytes of a pattern from one place to another. */
export async function pour(
  stream: PlainStream,
  pattern: Pattern,
  from: number,
  to: number,
): Promise<void> {
  for (let at = from; at < to; at += PIECE_BYTES) {
    await stream.write(pattern.slice(at, Math.min(PIECE_BYTES, to - at)));
  }
}

/** Reads, and compares, the bytes of a pattern from one place to another. */
export async function drink(
  stream: PlainStream,
  pattern: Pattern,
  from: number,
  to: number,
): Promise<void> {
  let at = from;
  while (at < to) {
    const chunk = await stream.read();
    ensure(chunk !== null, `the stream ended at byte ${at} of ${to}`);
    ensure(chunk.length > 0, `a read gave no byte at ${at}`);
    ensure(at + chunk.length <= to, `more than ${to} bytes came`);
    pattern.check(chunk, at);
    at += chunk.length;
  }
}

/** Reads the end, and nothing before it. */
export async function expectEnd(stream: PlainStream): Promise<void> {
  const chunk = await stream.read();
  ensure(chunk === null, `${chunk?.length} bytes came in the place of the end`);
}

/** Reads all up to the end. */
export async function readAll(stream: PlainStream): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  let chunk = await stream.read();
  while (chunk !== null) {
    chunks.push(chunk);
    chunk = await stream.read();
  }
  return chunks;
}

/** What a read fails with in the end. @throws {LawBroken} if that is an end. */
export async function failureOfReads(
  stream: PlainStream,
  most: number,
): Promise<unknown> {
  for (let seen = 0; seen <= most;) {
    let chunk: Uint8Array | null;
    try {
      chunk = await stream.read();
    } catch (error) {
      return error;
    }
    ensure(chunk !== null, `a reset was told as an end, after ${seen} bytes`);
    seen += chunk.length;
  }
  throw new LawBroken(`more than ${most} bytes came`);
}

/** A writer that nobody reads from. */
export interface Stuck {
  /** How many bytes it was let write. */
  readonly taken: number;
  /** The write that waits. */
  readonly waiting: Promise<void>;
}

/** Writes until a write does not settle any more. */
export async function writeUntilStuck(
  stream: PlainStream,
  pattern: Pattern,
): Promise<Stuck> {
  for (let taken = 0; taken < MOST_HELD_BYTES; taken += PIECE_BYTES) {
    const waiting = later(stream.write(pattern.slice(taken, PIECE_BYTES)));
    const isStuck = await Promise.race([
      waiting.then(() => false),
      pause(STUCK_MS).then(() => true),
    ]);
    if (isStuck) return { taken, waiting };
  }
  throw new LawBroken(
    `${MOST_HELD_BYTES} bytes were taken from a writer whom nobody reads`,
  );
}
