/**
 * The same program over `net.Socket` and over ours has to see the same, the
 * order of events included: on Node against its own, on Deno and Bun against
 * what Node 26 showed, which lies in `traces.json`.
 *
 * @module
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { NodeSocket } from "../../src/node/mod.ts";
import { currentRuntime } from "../../mod.ts";
import { test } from "../harness.ts";
import { repositoryRoot } from "../runtimes.ts";
import { PROGRAMS } from "./programs.ts";
import { type AnySocket, type Make, trace } from "./tracer.ts";

const real: Make = (options) => new Socket(options) as AnySocket;
const ours: Make = (options) => new NodeSocket(options) as unknown as AnySocket;

const isNode = currentRuntime().name === "node";
const recorded: Readonly<Record<string, string[]>> = JSON.parse(
  readFileSync(join(repositoryRoot(), "tests/node/traces.json"), "utf8"),
);

for (const [name, program] of Object.entries(PROGRAMS)) {
  test(`${name} is seen as over net.Socket`, async () => {
    const expected = isNode ? await trace(real, program) : recorded[name];
    assert.deepEqual(await trace(ours, program), expected);
  });
}

test("the traces that lie here are those of Node 26", async () => {
  assert.deepEqual(Object.keys(recorded), Object.keys(PROGRAMS));
  for (const [name, program] of Object.entries(PROGRAMS)) {
    assert.deepEqual(await trace(real, program), recorded[name], name);
  }
}, {
  skip: !/^v26\./.test(process.version) || !isNode ? "not Node 26" : false,
});
