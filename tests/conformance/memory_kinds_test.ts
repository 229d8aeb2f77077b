/**
 * Every law over the other kinds of networks in memory. They share all that
 * asks a runtime for anything with those of `memory_test.ts`, so that they come
 * out the same on each, and run on one.
 *
 * @module
 */

import { memoryUnixMaker } from "../../src/testing/mod.ts";
import { thisRuntime } from "../runtimes.ts";
import { lawTests } from "./law_tests.ts";
import { cutMaker, tcp6MemoryMaker } from "./memory_makers.ts";

lawTests(`${thisRuntime()}/memory/unix`, () => memoryUnixMaker());
lawTests(`${thisRuntime()}/memory/tcp6`, tcp6MemoryMaker);
lawTests(`${thisRuntime()}/memory/cut by seed 2`, () => cutMaker(2));
