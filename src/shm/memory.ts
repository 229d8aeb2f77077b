/**
 * How the memory of a channel is laid out: 128 bytes of words, then the bytes
 * of the two directions. What one side writes often shares no cache line with
 * what the other does.
 *
 * @module
 */

import { show } from "../address.ts";

/** Which of the two: 0 made the channel, 1 attached to it. */
export type Side = 0 | 1;

/** The words of the two sides, by side. Ring `s` is written by side `s`. */
export const HEAD = [0, 16] as const;
/** Bytes that were read of ring `s`: a word of the other side. */
export const TAIL = [17, 1] as const;
/** How ring `s` ends. */
export const STATE = [2, 18] as const;
/** What side `s` sleeps for, and how it is woken. */
export const SLEEPS = [3, 19] as const;
/** Where side `s` waits by `Atomics`. */
export const BELL = [4, 20] as const;
/** For how much room side `s` sleeps. */
export const ROOM_WANTED = [6, 22] as const;
/** Whether somebody has attached. */
export const ATTACHED = 5;
/** Whether the owner of both threads said that one of them ended. */
export const GONE = 21;

const HEADER_BYTES = 128;
/** An `Int32Array` begins at a multiple of four, and a ring has to turn. */
const LEAST_CAPACITY = 4;

/** The memory of a channel. */
export interface Memory {
  /** The words. */
  readonly words: Int32Array;
  /** The bytes of the two directions, by the side that writes them. */
  readonly bytes: readonly [Uint8Array, Uint8Array];
}

/**
 * New memory. `start` is what the counters of bytes begin with, which wrap at
 * 2³²: for tests.
 */
export function createMemory(capacity: number, start = 0): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(HEADER_BYTES + 2 * capacity);
  const words = new Int32Array(buffer, 0, HEADER_BYTES / 4);
  for (const at of [...HEAD, ...TAIL]) Atomics.store(words, at, start);
  return buffer;
}

/**
 * The parts of a channel's memory.
 *
 * @throws {TypeError} | {RangeError} if it is no such memory.
 */
export function memoryOf(buffer: unknown): Memory {
  if (
    typeof SharedArrayBuffer === "undefined" ||
    !(buffer instanceof SharedArrayBuffer)
  ) {
    throw new TypeError(
      `A channel's buffer is a SharedArrayBuffer: ${show(buffer)}`,
    );
  }
  const capacity = (buffer.byteLength - HEADER_BYTES) / 2;
  if (!(capacity >= LEAST_CAPACITY) || !isPowerOfTwo(capacity)) {
    throw new RangeError(
      `No channel has a buffer of ${buffer.byteLength} bytes`,
    );
  }
  return {
    words: new Int32Array(buffer, 0, HEADER_BYTES / 4),
    bytes: [
      new Uint8Array(buffer, HEADER_BYTES, capacity),
      new Uint8Array(buffer, HEADER_BYTES + capacity, capacity),
    ],
  };
}

/** Whether the counters of bytes, taken modulo it, stay right as they wrap. */
export function isPowerOfTwo(count: number): boolean {
  return Number.isInteger(count) && count > 0 && Number.isInteger(
    Math.log2(count),
  );
}
