/**
 * The networks in memory that every law is run over.
 *
 * @module
 */

import {
  memoryMaker,
  type StreamMaker,
  tcp6Maker,
} from "../../src/testing/mod.ts";

const volumeBytes = 1_000_000;

/** IPv6 in memory. */
export function tcp6MemoryMaker(): StreamMaker {
  const memory = memoryMaker();
  return { ...memory, ...tcp6Maker(memory.runtime), volumeBytes };
}

/** Tiny pipes and odd cuts: what a real network does on a bad day. */
export function cutMaker(seed: number): StreamMaker {
  const options = { seed, pipeBytes: 20_011, maxChunkBytes: 4_999 };
  return { ...memoryMaker(options), volumeBytes, fitsBytes: 10_000 };
}
