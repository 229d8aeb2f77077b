/**
 * The laws of streams over TLS on what else it may lie on. How it begins and
 * what it lies on have nothing to do with each other, and neither with the
 * runtime: not all pairs are run, and these once.
 *
 * @module
 */

import { tcp4Maker, unixMaker } from "../../src/testing/mod.ts";
import { freshPath, ownColumnTests } from "./columns.ts";
import { fromStart, lack, midway } from "./tls_makers.ts";

ownColumnTests((runtime, law) => midway(tcp4Maker(runtime), law), lack);
ownColumnTests((runtime) => fromStart(unixMaker(runtime, freshPath)), lack);
