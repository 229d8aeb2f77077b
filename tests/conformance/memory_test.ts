/**
 * Every law over networks in memory: in whole pieces, and cut by seeds.
 *
 * @module
 */

import {
  memoryMaker,
  memoryUnixMaker,
  tcp6Maker,
} from "../../src/testing/mod.ts";
import { lawTests } from "./law_tests.ts";

lawTests("memory tcp4", memoryMaker);
lawTests("memory unix", memoryUnixMaker);
lawTests("memory tcp6", () => ({
  ...tcp6Maker(memoryMaker().runtime),
  volumeBytes: 1_000_000,
}));

// Tiny pipes and odd cuts: what a real network does on a bad day.
for (const seed of [1, 2]) {
  lawTests(`memory cut by seed ${seed}`, () => ({
    ...memoryMaker({ seed, pipeBytes: 20_011, maxChunkBytes: 4_999 }),
    volumeBytes: 1_000_000,
  }));
}
