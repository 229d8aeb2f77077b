/**
 * Makes the npm package of what a compiler wrote, whichever it was: the files
 * of code and of types joined into few, and what the package says of itself.
 *
 * @module
 */

import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundleCode, bundleTypes } from "./bundle_npm.ts";
import { root } from "./lib.ts";
import {
  denoManifest,
  npmExports,
  npmFields,
  plainFiles,
} from "./npm_manifest.ts";

/** Where compilers write to, from the repository's root; code is in `esm/`. */
export const COMPILED = ".build.npm";

/** Fills `npm/` from `.build.npm/esm/`. */
export async function makePackage(): Promise<void> {
  const manifest = denoManifest();
  const compiled = join(root, COMPILED, "esm");
  const out = join(root, "npm");
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out);
  await bundleCode(manifest, compiled, join(out, "esm"));
  await bundleTypes(manifest, compiled, join(out, "esm"));
  for (const file of plainFiles()) cpSync(join(root, file), join(out, file));
  const fields = { ...npmFields(manifest), exports: npmExports(manifest) };
  const text = JSON.stringify(fields, null, 2) + "\n";
  writeFileSync(join(out, "package.json"), text);
  console.log(`npm/ holds ${fields.name} ${fields.version}`);
}
