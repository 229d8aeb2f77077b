/**
 * Every law over networks in memory: in whole pieces, and cut by a seed.
 *
 * @module
 */

import { memoryMaker } from "../../src/testing/mod.ts";
import { isQuick } from "../quick.ts";
import { thisRuntime } from "../runtimes.ts";
import { lawTests } from "./law_tests.ts";
import { cutMaker } from "./memory_makers.ts";

lawTests(`${thisRuntime()}/memory/tcp4`, () => memoryMaker());
if (!isQuick) {
  lawTests(`${thisRuntime()}/memory/cut by seed 1`, () => cutMaker(1));
}
