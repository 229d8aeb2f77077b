/**
 * Writes down what the programs of `tests/node/programs.ts` see over this
 * Node's own `net.Socket`: what ours has to show on Deno and Bun. To be run on
 * Node 26: `tools/runtimes/node_modules/node-26/bin/node
 * scripts/make_socket_traces.ts`.
 *
 * @module
 */

import { writeFileSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import { PROGRAMS } from "../tests/node/programs.ts";
import { type AnySocket, trace } from "../tests/node/tracer.ts";
import { root } from "./lib.ts";

const traces: Record<string, string[]> = {};
for (const [name, program] of Object.entries(PROGRAMS)) {
  const make = (options?: object) => new Socket(options) as AnySocket;
  traces[name] = await trace(make, program);
}
const path = join(root, "tests", "node", "traces.json");
writeFileSync(path, JSON.stringify(traces, null, 2) + "\n");
console.log(`${Object.keys(traces).length} traces of Node ${process.version}`);
