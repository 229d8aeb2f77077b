/**
 * The laws of streams over TLS from the start, on the runtime's own driver;
 * after plain talk they are in `tls_memory_test.ts`.
 *
 * @module
 */

import { tcp4Maker } from "../../src/testing/mod.ts";
import { ownColumnTests } from "./columns.ts";
import { fromStart, lack } from "./tls_makers.ts";

ownColumnTests((runtime) => fromStart(tcp4Maker(runtime)), lack);
