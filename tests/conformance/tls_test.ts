/**
 * The laws of streams over TLS, from the start and after plain talk, on the
 * runtime's own driver; over memory they are in `tls_memory_test.ts`. How it
 * begins and what it lies on have nothing to do with each other, so that not all
 * pairs are run.
 *
 * @module
 */

import { tcp4Maker, unixMaker } from "../../src/testing/mod.ts";
import { freshPath, oneNodeColumnTests, ownColumnTests } from "./columns.ts";
import { fromStart, lack, midway } from "./tls_makers.ts";

ownColumnTests((runtime) => fromStart(tcp4Maker(runtime)), lack);
oneNodeColumnTests((runtime, law) => midway(tcp4Maker(runtime), law), lack);
oneNodeColumnTests((runtime) => fromStart(unixMaker(runtime, freshPath)), lack);
