/**
 * Which driver serves this program.
 *
 * @module
 */

import { show } from "../address.ts";
import { ambient } from "../ambient.ts";
import { type DiagnosticsOutlet, publishBy } from "../diagnostics.ts";
import { bunRuntime, denoRuntime, nodeRuntime } from "./drivers/all.ts";
import type { Host } from "./seam/host.ts";
import type { Runtime } from "./seam/runtime.ts";
import type { Feature, Support } from "./seam/supports.ts";
import { stubRuntime } from "./stub.ts";

/**
 * The runtime that the program runs on; in a simulation, the host that runs
 * the code. On a host without sockets it is a
 * stub, whose every call is `EOPNOTSUPP`.
 *
 * @example
 * ```ts
 * import { currentRuntime } from "@anysock/anysock";
 *
 * console.log(currentRuntime().name); // "deno", "bun" or "node"
 * ```
 */
export function currentRuntime(): Runtime {
  const world = ambient();
  return world === undefined ? ofProcess() : world.runtime as Runtime;
}

/**
 * The runtime that a call was told to use, or the current one.
 *
 * @throws {TypeError} if what is given is no runtime.
 */
export function chosenRuntime(given: unknown): Runtime {
  if (given === undefined) return currentRuntime();
  const { supports, clock } = (given ?? {}) as Partial<Runtime>;
  if (typeof supports === "object" && typeof clock === "object") {
    return given as Runtime;
  }
  throw new TypeError(`Not a runtime: ${show(given)}`);
}

let found: Runtime | undefined;

function ofProcess(): Runtime {
  if (found === undefined) {
    found = look();
    if (found.host !== undefined) publishBy(outletOf(found.host));
  }
  return found;
}

function look(): Runtime {
  // dnt-shim-ignore
  const host = globalThis as { Deno?: unknown; Bun?: unknown };
  if (host.Deno !== undefined) return denoRuntime();
  if (host.Bun !== undefined) return bunRuntime();
  // Asked last: on Deno merely touching `process` costs 12 ms.
  return isNode() ? nodeRuntime() : stubRuntime();
}

function outletOf(host: Host): DiagnosticsOutlet {
  return {
    channel: (name) => host.diagnosticsChannel(name),
    debug: readable(host, "ANYSOCK_DEBUG"),
  };
}

/** A variable; `undefined` where it may not be read, without a question. */
function readable(host: Host, name: string): string | undefined {
  try {
    return host.variable(name);
  } catch {
    return undefined;
  }
}

function isNode(): boolean {
  // dnt-shim-ignore
  const { process } = globalThis as {
    process?: { getBuiltinModule?: unknown };
  };
  return typeof process?.getBuiltinModule === "function";
}

/**
 * What this runtime, or the one given, can do: for each feature `true`, a
 * figure, or a text that says why not.
 *
 * @throws {TypeError} if what is given is no runtime.
 *
 * @example
 * ```ts
 * import { capabilities } from "@anysock/anysock";
 *
 * const { abortiveClose } = capabilities();
 * if (abortiveClose !== true) console.log(`reset(): ${abortiveClose}`);
 * ```
 */
export function capabilities(
  runtime: Runtime = currentRuntime(),
): Readonly<Record<Feature, Support>> {
  // A copy: what it says of the runtime is not the program's to change.
  return Object.freeze({ ...chosenRuntime(runtime).supports });
}
