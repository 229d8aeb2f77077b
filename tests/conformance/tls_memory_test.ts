/**
 * The laws of streams over TLS after plain talk, over memory.
 *
 * @module
 */

import { memoryMaker } from "../../src/testing/mod.ts";
import { thisRuntime } from "../runtimes.ts";
import { lawTests } from "./law_tests.ts";
import { lack, midway } from "./tls_makers.ts";

const { name } = midway(memoryMaker());
lawTests(
  `${thisRuntime()}/memory/${name}`,
  (law) => midway(memoryMaker(), law),
  lack,
);
