/** What has to be built before it can be measured. */

import { compileIfStale } from "../../scripts/compile.ts";
import { run } from "../../scripts/lib.ts";

/** Fills `.build/` with the compiled repository. */
export function compile(): Promise<void> {
  return compileIfStale();
}

/** Fills `npm/` with the package as it is published. */
export async function buildPackage(): Promise<void> {
  const { code, output } = await run(process.execPath, [
    "scripts/build_npm.ts",
  ]);
  if (code !== 0) throw new Error(`The package is not built:\n${output}`);
}
