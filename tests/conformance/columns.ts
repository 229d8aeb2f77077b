/**
 * The columns of the law tables that need a real kernel: the drivers that the
 * runtime at hand has, each over one kind of stream.
 *
 * @module
 */

import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { currentRuntime } from "../../src/runtime/detect.ts";
import { nodeRuntime } from "../../src/runtime/node.ts";
import type { Runtime } from "../../src/runtime/seam/runtime.ts";
import type { Law, StreamMaker } from "../../src/testing/mod.ts";
import { test } from "../harness.ts";
import { isQuick } from "../quick.ts";
import { thisRuntime } from "../runtimes.ts";
import { lawTests } from "./law_tests.ts";

type Driver = readonly [name: string, runtime: Runtime];

/** The runtime's own driver, and on Deno and Bun their `node:net` as well. */
function drivers(): readonly Driver[] {
  const native = currentRuntime();
  if (native.name === "node") return [["node:net", native]];
  if (isQuick) return [["native", native]];
  return [["native", native], ["node:net", nodeRuntime()]];
}

/**
 * Declares every law for every driver; columns are named `host/driver/maker`.
 * `lack` says why none of them can run here.
 */
export function columnTests(
  make: (runtime: Runtime, law?: Law) => StreamMaker,
  lack?: string,
): void {
  testOn(drivers(), make, lack);
}

/**
 * The like for what lies above every driver or below it, and meets each alike,
 * as other columns prove: on that of the runtime alone. Such are the families of
 * addresses, and TLS.
 */
export function ownColumnTests(
  make: (runtime: Runtime, law?: Law) => StreamMaker,
  lack?: string,
): void {
  testOn(drivers().slice(0, 1), make, lack);
}

/** The like on one Node: both have the same driver. */
export function oneNodeColumnTests(
  make: (runtime: Runtime, law?: Law) => StreamMaker,
  lack?: string,
): void {
  if (thisRuntime() !== "node20") return ownColumnTests(make, lack);
  const [driver, runtime] = drivers()[0]!;
  test(`node20/${driver}/${make(runtime).name}: its laws`, () => {}, {
    skip: "Node 26 has the same driver, and runs them",
  });
}

function testOn(
  drivers: readonly Driver[],
  make: (runtime: Runtime, law?: Law) => StreamMaker,
  lack: string | undefined,
): void {
  for (const [driver, runtime] of drivers) {
    const { name } = make(runtime);
    const gone = lack ?? missing(name, runtime);
    const column = `${thisRuntime()}/${driver}/${name}`;
    lawTests(column, (law) => make(runtime, law), gone);
  }
}

/** Why a runtime has no such streams at all. */
function missing(maker: string, { supports }: Runtime): string | undefined {
  const support = maker === "abstract"
    ? supports.abstractNames
    : supports.unixStreams;
  const isUnix = maker === "abstract" || maker === "unix";
  return isUnix && typeof support === "string" ? support : undefined;
}

let paths = 0;

/** A path in the system's folder for such things that nobody has yet. */
export function freshPath(): string {
  return join(tmpdir(), `${freshName()}.sock`);
}

/** A name that no other process and no earlier call has. */
export function freshName(): string {
  return `anysock-${process.pid}-${++paths}`;
}

/** Why there is no IPv6 here; `undefined` if there is. */
export function lackOfIPv6(): string | undefined {
  const all = Object.values(networkInterfaces()).flat();
  return all.some((each) => each?.address === "::1")
    ? undefined
    : "this machine has no IPv6 loopback address";
}

/** Why there are no abstract names here; `undefined` if there are. */
export function lackOfAbstractNames(): string | undefined {
  return process.platform === "linux"
    ? undefined
    : "only Linux has abstract names";
}
