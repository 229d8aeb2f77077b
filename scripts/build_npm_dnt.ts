/**
 * Builds the npm package into `npm/` with dnt: `deno task npm:dnt`. It needs
 * the JSR registry, so CI builds with `build_npm.ts`, which makes the same
 * code and types; `check_npm.ts` judges either.
 *
 * @module
 */

import { build, emptyDir } from "@deno/dnt";
import { copyFileSync } from "node:fs";
import process from "node:process";
import { bundleEntries } from "./bundle_npm.ts";
import { root } from "./lib.ts";
import {
  addLibraryReference,
  denoManifest,
  npmFields,
  PLAIN_FILES,
} from "./npm_manifest.ts";

process.chdir(root);
await emptyDir("npm");
const manifest = denoManifest();
await build({
  entryPoints: Object.entries(manifest.exports).map(([name, path]) =>
    name === "." ? path : { name, path }
  ),
  outDir: "npm",
  shims: {},
  test: false,
  scriptModule: false,
  skipNpmInstall: true,
  declarationMap: true,
  compilerOptions: {
    lib: ["ES2023", "DOM", "DOM.Iterable"],
    target: "ES2022",
    sourceMap: true,
  },
  package: npmFields(manifest),
  async postBuild() {
    await bundleEntries(manifest);
    addLibraryReference(manifest);
    for (const file of PLAIN_FILES) copyFileSync(file, `npm/${file}`);
  },
});
