/**
 * Builds the npm package into `npm/` with tsc, from the sources that JSR gets.
 *
 * @module
 */

import { rmSync } from "node:fs";
import { join } from "node:path";
import { root, run } from "./lib.ts";
import { COMPILED, makePackage } from "./make_package.ts";

rmSync(join(root, COMPILED), { recursive: true, force: true });
const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
const built = await run(process.execPath, [tsc, "-p", "tsconfig.npm.json"]);
console.log(built.output.trim());
if (built.code !== 0) process.exit(built.code);
await makePackage();
