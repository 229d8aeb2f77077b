/** Compiles for Node 20, which runs no TypeScript. */

import { join } from "node:path";
import { run } from "../../scripts/lib.ts";
import { repositoryRoot } from "../../tests/runtimes.ts";

/** Fills `.build/` with the compiled repository. */
export async function compile(): Promise<void> {
  const tsc = join(repositoryRoot(), "node_modules/typescript/bin/tsc");
  const args = [tsc, "-p", "tsconfig.test.json"];
  const { code, output } = await run(process.execPath, args);
  if (code !== 0) throw new Error(`tsc failed:\n${output}`);
}
