/**
 * Gives Stryker's copy of the project the dependencies of this one, and the
 * runtimes that tests start: `link.mjs ROOT`, within the copy.
 */

import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";

for (const folder of ["node_modules", "tools/runtimes/node_modules"]) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(dirname(folder), { recursive: true });
  symlinkSync(join(process.argv[2], folder), folder);
}
