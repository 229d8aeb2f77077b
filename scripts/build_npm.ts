/**
 * Builds the npm package into `npm/` with tsc, from the sources that JSR gets.
 *
 * @module
 */

import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { bundleEntries } from "./bundle_npm.ts";
import { filesUnder, root, run } from "./lib.ts";
import {
  addLibraryReference,
  denoManifest,
  npmExports,
  npmFields,
  PLAIN_FILES,
} from "./npm_manifest.ts";

const out = join(root, "npm");
rmSync(out, { recursive: true, force: true });

// Compiled where they are shipped, so that the source maps lead to them.
mkdirSync(out, { recursive: true });
cpSync(join(root, "src"), join(out, "src"), { recursive: true });
cpSync(join(root, "mod.ts"), join(out, "mod.ts"));

const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
const built = await run(process.execPath, [tsc, "-p", "tsconfig.npm.json"]);
console.log(built.output.trim());
if (built.code !== 0) process.exit(built.code);

// tsc makes "./x.js" of "./x.ts" in the code, but not in the types.
for (const file of filesUnder("npm/esm", ".d.ts")) {
  const path = join(root, file);
  const text = readFileSync(path, "utf8");
  writeFileSync(
    path,
    text.replace(
      /((?:from|import)\s*\(?\s*["'])(\.{1,2}\/[^"']*)\.ts(?=["'])/g,
      "$1$2.js",
    ),
  );
}

for (const file of PLAIN_FILES) {
  if (existsSync(join(root, file))) cpSync(join(root, file), join(out, file));
  else throw new Error(`${file} is missing`);
}

const manifest = denoManifest();
await bundleEntries(manifest);
addLibraryReference(manifest);
const fields = { ...npmFields(manifest), exports: npmExports(manifest) };
writeFileSync(
  join(out, "package.json"),
  JSON.stringify(fields, null, 2) + "\n",
);
console.log(`npm/ holds ${fields.name} ${fields.version}`);
