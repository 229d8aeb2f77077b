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

// fc's own unit "binary" makes a table of all code points first, for a second.
const character = fc.oneof(fc.nat(0x7f), fc.nat(0x10f7ff))
  .map((nth) => String.fromCodePoint(nth < 0xd800 ? nth : nth + 0x800));

/** Texts of any characters, and no halves of them. */
export function texts(maxLength: number): FastCheck.Arbitrary<string> {
  return fc.string({ unit: character, maxLength });
}
