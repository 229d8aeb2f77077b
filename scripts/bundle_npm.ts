/**
 * Joins the modules of the built npm package into one file for each entry
 * point and the chunks that they share, so that a class is one class whichever
 * entry it came by. What an import costs is mostly the number of files.
 *
 * @module
 */

import { build } from "esbuild";
import { rmSync } from "node:fs";
import { join, relative } from "node:path";
import { filesUnder, root } from "./lib.ts";
import type { DenoManifest } from "./npm_manifest.ts";

/** Bundles `npm/esm`; the types stay as they are, module by module. */
export async function bundleEntries(manifest: DenoManifest): Promise<void> {
  const esm = join(root, "npm", "esm");
  const modules = filesUnder("npm/esm", ".js").map((file) => join(root, file));
  const entryPoints = Object.values(manifest.exports)
    .map((source) => join(esm, source.replace(/\.ts$/, ".js")));
  const { metafile } = await build({
    entryPoints,
    outdir: esm,
    outbase: esm,
    chunkNames: "chunks/[name]-[hash]",
    allowOverwrite: true,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "neutral",
    target: "es2022",
    sourcemap: true,
    sourcesContent: false,
    metafile: true,
    absWorkingDir: root,
    logLevel: "warning",
  });
  const kept = new Set(Object.keys(metafile.outputs));
  for (const file of modules) {
    if (kept.has(relative(root, file))) continue;
    rmSync(file);
    rmSync(`${file}.map`, { force: true });
  }
}
