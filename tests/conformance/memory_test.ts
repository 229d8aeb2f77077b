/**
 * Every law over networks in memory: in whole pieces, and cut by seeds.
 *
 * @module
 */

import {
  memoryMaker,
  memoryUnixMaker,
  type StreamMaker,
  tcp6Maker,
} from "../../src/testing/mod.ts";
import { isQuick } from "../quick.ts";
import { thisRuntime } from "../runtimes.ts";
import { lawTests } from "./law_tests.ts";

const volumeBytes = 1_000_000;

const columns: readonly (readonly [name: string, make: () => StreamMaker])[] = [
  ["tcp4", memoryMaker],
  ["unix", memoryUnixMaker],
  ["tcp6", tcp6MemoryMaker],
  ["cut by seed 1", () => cutMaker(1)],
  ["cut by seed 2", () => cutMaker(2)],
];

function tcp6MemoryMaker(): StreamMaker {
  const memory = memoryMaker();
  return { ...memory, ...tcp6Maker(memory.runtime), volumeBytes };
}

/** Tiny pipes and odd cuts: what a real network does on a bad day. */
function cutMaker(seed: number): StreamMaker {
  const options = { seed, pipeBytes: 20_011, maxChunkBytes: 4_999 };
  return { ...memoryMaker(options), volumeBytes, fitsBytes: 10_000 };
}

for (const [name, make] of isQuick ? columns.slice(0, 1) : columns) {
  lawTests(`${thisRuntime()}/memory/${name}`, make);
}
