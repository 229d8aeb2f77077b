/** What a bundle for one runtime has in the place of the others' drivers. */

import assert from "node:assert/strict";
import * as all from "../../src/runtime/drivers/all.ts";
import * as forBun from "../../src/runtime/drivers/for_bun.ts";
import * as forDeno from "../../src/runtime/drivers/for_deno.ts";
import * as forNode from "../../src/runtime/drivers/for_node.ts";
import { Fault } from "../../src/runtime/seam/fault.ts";
import { test } from "../harness.ts";

const BUNDLES = { forBun, forDeno, forNode };

test("the drivers for one runtime have the names of all", () => {
  for (const [name, drivers] of Object.entries(BUNDLES)) {
    assert.deepEqual(Object.keys(drivers), Object.keys(all), name);
    assert.equal(drivers.nodeRuntime, all.nodeRuntime, name);
  }
});

test("the drivers for one runtime go over node:net on another", () => {
  const names = Object.values(BUNDLES).map(({ bunRuntime, denoRuntime }) =>
    [bunRuntime(), denoRuntime()].map(({ name }) => name)
  );
  assert.deepEqual(names, [["bun", "node"], ["node", "deno"], [
    "node",
    "node",
  ]]);
});

test("a foreign socket in a bundle for Node is EOPNOTSUPP and says why", () => {
  const isTold = (label: string) => (error: unknown) =>
    error instanceof Fault && error.code === "EOPNOTSUPP" &&
    error.reason!.includes(`bundle with the condition "${label}"`);
  const socket = {} as never;
  assert.throws(() => forNode.adoptBunSocket(socket), isTold("bun"));
  assert.throws(() => forNode.adoptDenoConn(socket), isTold("deno"));
  assert.throws(() => forDeno.adoptBunSocket(socket), isTold("bun"));
  assert.throws(() => forBun.adoptDenoConn(socket), isTold("deno"));
});
