/**
 * Joins the modules of the built npm package into few files, each module into
 * one of them, so that a class is one class whichever entry point it came by.
 * What an import costs is mostly the number of files.
 *
 * @module
 */

import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type GetModuleInfo, type Plugin, rollup } from "rollup";
import { filesUnder, root } from "./lib.ts";
import type { DenoManifest } from "./npm_manifest.ts";

const esm = join(root, "npm", "esm");

/** Bundles `npm/esm`; the types stay as they are, module by module. */
export async function bundleEntries(manifest: DenoManifest): Promise<void> {
  const modules = filesUnder("npm/esm", ".js").map((file) => join(root, file));
  const bundle = await rollup({
    input: Object.fromEntries(
      Object.values(manifest.exports).map((source) => {
        const name = source.replace(/^\.\//, "").replace(/\.ts$/, "");
        return [name, builtFile(source)];
      }),
    ),
    plugins: [sourceMaps],
    // The package has no side effects on import: package.json says so too.
    treeshake: { moduleSideEffects: false },
    onwarn: (warning) => {
      throw new Error(warning.message);
    },
  });
  for (const file of modules) {
    rmSync(file);
    rmSync(`${file}.map`, { force: true });
  }
  await bundle.write({
    dir: esm,
    format: "es",
    sourcemap: true,
    sourcemapExcludeSources: true,
    minifyInternalExports: false,
    chunkFileNames: "chunks/[name]-[hash].js",
    manualChunks: (id, { getModuleInfo }) =>
      chunkOf(id, manifest, getModuleInfo),
  });
  await bundle.close();
}

/** Hands rollup the maps that tsc wrote, so that its own lead to the sources. */
const sourceMaps: Plugin = {
  name: "source-maps",
  load: (id) => ({
    code: readFileSync(id, "utf8"),
    map: readFileSync(`${id}.map`, "utf8"),
  }),
};

/**
 * The file that a module goes into. What `.` needs is two files: `ground`,
 * which the small entry points need a part of too, and `socket`, which only
 * `./testing` needs besides. Everything else is left to rollup.
 */
function chunkOf(
  id: string,
  manifest: DenoManifest,
  getModuleInfo: GetModuleInfo,
): string | undefined {
  const needs = (entry: string): boolean =>
    closure(builtFile(manifest.exports[entry]!), getModuleInfo).has(id);
  if (!needs(".")) return undefined;
  const small = Object.keys(manifest.exports)
    .filter((entry) => entry !== "." && entry !== "./testing");
  return small.some(needs) ? "ground" : "socket";
}

/** A module and all that it imports, directly or not. */
function closure(
  id: string,
  getModuleInfo: GetModuleInfo,
  found: Set<string> = new Set(),
): Set<string> {
  if (found.has(id)) return found;
  found.add(id);
  for (const next of getModuleInfo(id)?.importedIds ?? []) {
    closure(next, getModuleInfo, found);
  }
  return found;
}

/** What tsc made of a source, such as `./src/framing/mod.ts`. */
function builtFile(source: string): string {
  return join(esm, source.replace(/\.ts$/, ".js"));
}
