/**
 * The laws of streams over the runtimes' own TLS sockets.
 *
 * @module
 */

import { tcp4Maker } from "../../src/testing/mod.ts";
import { oneNodeColumnTests } from "./columns.ts";
import { lack, natively } from "./tls_makers.ts";

oneNodeColumnTests((runtime) => natively(tcp4Maker(runtime)), lack);
