/**
 * Every law of datagrams over the other kinds of networks in memory: they come
 * out the same on each runtime, and run on one.
 *
 * @module
 */

import { memoryNetwork } from "../../src/runtime/memory.ts";
import { udp6Maker, unixgramMaker } from "../../src/testing/datagram_law.ts";
import { freshPath } from "./columns.ts";
import { datagramLawTests } from "./datagram_law_tests.ts";

datagramLawTests("memory/udp6", () => udp6Maker(memoryNetwork()));
datagramLawTests(
  "memory/unixgram",
  () => unixgramMaker(memoryNetwork(), freshPath),
);
