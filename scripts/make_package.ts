/**
 * Makes the npm package of what a compiler wrote, whichever it was: the files
 * of code and of types joined into few, and what the package says of itself.
 *
 * @module
 */

import {
  cpSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { bundleCode, bundleTypes } from "./bundle_npm.ts";
import { root } from "./lib.ts";
import {
  denoManifest,
  npmExports,
  npmFields,
  npmImports,
  plainFiles,
} from "./npm_manifest.ts";

/** Where compilers write to, from the repository's root; code is in `esm/`. */
export const COMPILED = ".build.npm";

/** Fills `folder` from `esm/` of where a compiler wrote to. */
export async function makePackage(
  from: string = COMPILED,
  folder: string = "npm",
): Promise<void> {
  const manifest = denoManifest();
  const compiled = join(root, from, "esm");
  const out = join(root, folder);
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out);
  await bundleCode(manifest, compiled, join(out, "esm"));
  await bundleTypes(manifest, compiled, join(out, "esm"));
  for (const file of plainFiles()) cpSync(join(root, file), join(out, file));
  for (const file of plainFiles()) {
    if (file.endsWith(".ts")) writeForNode20(join(root, file), join(out, file));
  }
  const fields = writePackageJson(out);
  console.log(`${folder}/ holds ${fields.name} ${fields.version}`);
}

/** Writes the `package.json` of the package; gives its fields. */
export function writePackageJson(
  folder: string,
): ReturnType<typeof npmFields> {
  const manifest = denoManifest();
  const fields = npmFields(manifest);
  const all = {
    ...fields,
    exports: npmExports(manifest),
    imports: npmImports(),
  };
  const text = JSON.stringify(all, null, 2) + "\n";
  writeFileSync(join(folder, "package.json"), text);
  return fields;
}

/** An example without types, beside the one with them. */
function writeForNode20(file: string, copy: string): void {
  const { outputText } = ts.transpileModule(readFileSync(file, "utf8"), {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
    },
  });
  writeFileSync(copy.replace(/\.ts$/, ".mjs"), forNode20(outputText));
}

/** Its own name, and those of the examples that it needs, end in `.mjs`. */
export function forNode20(text: string): string {
  return text
    .replace(/\b(examples\/\w+)\.ts\b/g, "$1.mjs")
    .replace(/(["'])(\.\/\w+)\.ts\1/g, "$1$2.mjs$1")
    .replace(/ +\(Node 2\d\.\d+; on 20: \.mjs\)/g, "");
}
