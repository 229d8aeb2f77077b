/** Compiles for Node 20, which runs no TypeScript. */

import { compileIfStale } from "../../scripts/compile.ts";

/** Fills `.build/` with the compiled repository. */
export function compile(): Promise<void> {
  return compileIfStale();
}
