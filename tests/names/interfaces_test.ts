import assert from "node:assert/strict";
import {
  ifIndexToName,
  ifNameIndex,
  ifNameToIndex,
  SocketError,
} from "../../mod.ts";
import { memoryNetwork } from "../../src/runtime/memory.ts";
import { test } from "../harness.ts";
import { findRuntime, thisRuntime } from "../runtimes.ts";
import { printedOnDeno } from "../support/deno_program.ts";
import { askPython, noOracle } from "./oracle.ts";

const deno = findRuntime("deno");
const skip = typeof deno === "string" && deno;

function code(expected: string, op: string): (error: unknown) => boolean {
  return (error) =>
    error instanceof SocketError && error.code === expected && error.op === op;
}

test("network interfaces are those that C knows", async () => {
  const [all] = await askPython([["if_nameindex"]]) as [[number, string][]];
  const known = new Map(all);
  const ours = ifNameIndex();
  assert.ok(ours.length > 0);
  for (const [index, name] of ours) {
    assert.equal(known.get(index), name);
    assert.equal(ifNameToIndex(name), index);
    assert.equal(ifIndexToName(index), name);
  }
  // Deno's tests run with less than --allow-all.
  if (thisRuntime() !== "deno") assert.equal(ours.length, all.length);
  assert.deepEqual(ours, [...ours].sort(([a], [b]) => a - b));
}, { skip: noOracle });

test("an interface that is not there is ENODEV by name, ENXIO by index", () => {
  const name = code("ENODEV", "ifNameToIndex");
  assert.throws(() => ifNameToIndex("no such interface"), name);
  assert.throws(() => ifNameToIndex(""), name);
  const index = code("ENXIO", "ifIndexToName");
  for (const each of [0, 0x7fffffff, 0xffffffff]) {
    assert.throws(() => ifIndexToName(each), index);
  }
});

test("what names no interface is refused before anything is asked", () => {
  assert.throws(() => ifNameToIndex(1 as unknown as string), TypeError);
  assert.throws(() => ifIndexToName("1" as unknown as number), TypeError);
  for (const each of [-1, 1.5, NaN, 2 ** 32]) {
    assert.throws(() => ifIndexToName(each), RangeError);
  }
  const misspelt = { runtimes: undefined } as unknown as object;
  assert.throws(() => ifNameIndex(misspelt), TypeError);
});

test("a network in memory has the interfaces that it is told", () => {
  const plain = { runtime: memoryNetwork() };
  assert.deepEqual(ifNameIndex(plain), [[1, "lo"]]);
  const runtime = memoryNetwork({
    names: {
      interfaces: [
        { name: "tun0", index: undefined },
        { name: "eth1", index: 7 },
        { name: "lo", index: 1 },
      ],
    },
  });
  assert.deepEqual(ifNameIndex({ runtime }), [[1, "lo"], [7, "eth1"]]);
  assert.equal(ifIndexToName(7, { runtime }), "eth1");
  const unknown = code("EOPNOTSUPP", "ifNameToIndex");
  assert.throws(() => ifNameToIndex("tun0", { runtime }), unknown);
});

/** What the program prints on Deno under these permissions. */
const onDeno = (permissions: readonly string[]): Promise<string> =>
  printedOnDeno("tests/fixtures/names/interfaces.ts", permissions);

test("Deno tells of interfaces what it is permitted to", async () => {
  const none = await onDeno([]);
  assert.match(none, /^EPERM .*--allow-sys/);
  const [all] = await askPython([["if_nameindex"]]);
  assert.deepEqual(JSON.parse(await onDeno(["--allow-all"])), all);
  const some = JSON.parse(await onDeno(["--allow-sys=networkInterfaces"]));
  assert.deepEqual(some[0], [1, "lo"]);
}, { skip: skip || noOracle });
