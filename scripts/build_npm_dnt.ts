/**
 * Builds the npm package into `npm/` with dnt: `deno task npm:dnt`. It needs
 * the JSR registry, so CI builds with `build_npm.ts`. Both only compile, and
 * `make_package.ts` makes the same files of either; `check_npm.ts` judges them.
 *
 * @module
 */

import { build, emptyDir } from "@deno/dnt";
import process from "node:process";
import { root } from "./lib.ts";
import { COMPILED, makePackage } from "./make_package.ts";
import {
  denoManifest,
  DRIVERS,
  npmExports,
  npmFields,
  RUN,
} from "./npm_manifest.ts";

process.chdir(root);
await emptyDir(COMPILED);
const manifest = denoManifest();
await build({
  entryPoints: Object.entries({ ...manifest.exports, ...RUN, ...DRIVERS.files })
    .map(([name, path]) => name === "." ? path : { name, path }),
  outDir: COMPILED,
  shims: {},
  // It would put Object.hasOwn and Error's cause into everybody's types.
  polyfills: false,
  test: false,
  scriptModule: false,
  skipNpmInstall: true,
  compilerOptions: {
    lib: ["ES2023", "ESNext.Disposable", "DOM", "DOM.Iterable"],
    target: "ES2022",
    sourceMap: true,
    inlineSources: true,
    stripInternal: true,
    noUncheckedIndexedAccess: true,
  },
  // dnt's own exports have only `import`, so that require() would fail.
  package: { ...npmFields(manifest), exports: npmExports(manifest) },
  postBuild: () => makePackage(),
});
