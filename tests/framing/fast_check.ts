/**
 * `fast-check` from the repository's own `node_modules`, also where tests run
 * from compiled output, and on Deno, which would otherwise download it.
 */

import type * as FastCheck from "fast-check";
import { createRequire } from "node:module";
import { join } from "node:path";
import { repositoryRoot } from "../runtimes.ts";

const path = join(repositoryRoot(), "node_modules/fast-check/lib/cjs");
const require = createRequire(join(path, "fast-check.js"));

/** The property testing library. */
export const fc: typeof FastCheck = require("./fast-check.js");
