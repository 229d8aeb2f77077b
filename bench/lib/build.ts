/** What has to be built before it can be measured. */

import { compileIfStale } from "../../scripts/compile.ts";
import { run } from "../../scripts/lib.ts";
import { findRuntime, type RuntimeName } from "../../tests/runtimes.ts";

/** Fills `.build/` if one of these runtimes runs no TypeScript. */
export async function compileFor(
  names: readonly RuntimeName[],
): Promise<void> {
  if (names.some(runsCompiled)) await compileIfStale();
}

/** Whether a runtime is here and is given `.build/`. */
export function runsCompiled(name: RuntimeName): boolean {
  const runtime = findRuntime(name);
  return typeof runtime !== "string" && !runtime.runsTypeScript;
}

/** Fills `npm/` with the package as it is published. */
export async function buildPackage(): Promise<void> {
  const { code, output } = await run(process.execPath, [
    "scripts/build_npm.ts",
  ]);
  if (code !== 0) throw new Error(`The package is not built:\n${output}`);
}
