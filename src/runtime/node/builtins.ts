/**
 * The hosts' built-in modules, loaded when first asked for.
 *
 * @module
 */

import { Fault } from "../seam/fault.ts";

/** The part of `process` that is used. */
interface Process {
  getBuiltinModule?(id: string): unknown;
}

/** There in every file on Bun, and in files of CommonJS. */
declare const require: ((id: string) => unknown) | undefined;

/** What was imported where there is no other way. */
const imported: Map<string, unknown> = new Map();

/** What the drivers need. */
const IDS: readonly string[] = [
  "node:buffer",
  "node:child_process",
  "node:cluster",
  "node:dgram",
  "node:diagnostics_channel",
  "node:dns",
  "node:fs",
  "node:fs/promises",
  "node:net",
  "node:os",
  "node:url",
  "node:worker_threads",
];

function getter(): ((id: string) => unknown) | undefined {
  // dnt-shim-ignore
  const { process } = globalThis as unknown as { process: Process };
  const get = process.getBuiltinModule;
  if (get !== undefined) return get;
  // Bun until 1.2.10 at least.
  return typeof require === "function" ? require : undefined;
}

/**
 * A module by its name.
 *
 * @throws {Fault} `EOPNOTSUPP` on Deno 2.0 unless `builtinsReady` has settled.
 */
export function builtin<T>(id: string): T {
  const module = getter()?.(id) ?? imported.get(id);
  if (module !== undefined) return module as T;
  const reason = `this version of the runtime loads no ${id} at once`;
  throw new Fault("EOPNOTSUPP", undefined, reason);
}

let importing: Promise<void> | undefined;

/**
 * Settles when modules can be had at once; `undefined` where they always can,
 * which is everywhere but on Deno 2.0.
 */
export function builtinsReady(): Promise<void> | undefined {
  if (getter() !== undefined) return undefined;
  return importing ??= importAll();
}

async function importAll(): Promise<void> {
  const load = async (id: string) => imported.set(id, await import(id));
  await Promise.all(IDS.map(load));
}
