/**
 * Joins compiled modules into few files, each module into one of them, so that
 * a class is one class whichever entry point it came by. What an import costs
 * is mostly the number of files. The types are joined in the same way.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { type GetModuleInfo, type Plugin, rollup } from "rollup";
import { dts } from "rollup-plugin-dts";
import ts from "typescript";
import {
  type DenoManifest,
  DRIVERS,
  entryName,
  PROGRAM,
  RUN,
} from "./npm_manifest.ts";
import { markPure } from "./pure_calls.ts";

/** Joins the code in `compiled` into `out`; the maps hold the sources. */
export async function bundleCode(
  manifest: DenoManifest,
  compiled: string,
  out: string,
): Promise<void> {
  const { [PROGRAM]: program, ...workers } = RUN;
  const library = entryFiles(manifest, compiled, ".js");
  const code = {
    plugins: [
      sourceMaps(compiled, out),
      driversByName(compiled),
      noComments,
      pureCalls(compiled),
    ],
    out,
    extension: ".js",
    sourcemap: true,
    banner: "",
  };
  await bundle({
    ...code,
    entries: {
      ...library,
      ...entryFiles({ exports: workers }, compiled, ".js"),
      ...entryFiles({ exports: DRIVERS.files }, compiled, ".js"),
    },
  });
  // A user like others: it must not change how the library is laid out.
  const programs = { exports: { [PROGRAM]: program! } };
  await bundle({
    ...code,
    entries: entryFiles(programs, compiled, ".js"),
    besides: library,
    parts: "program",
  });
}

/** Joins the types in `compiled` into `out`. */
export async function bundleTypes(
  manifest: DenoManifest,
  compiled: string,
  out: string,
): Promise<void> {
  await bundle({
    entries: entryFiles(manifest, compiled, ".d.ts"),
    plugins: [declarationFiles, dts()],
    out,
    extension: ".d.ts",
    sourcemap: false,
    // Sockets are disposable, and JSR forbids this line in the sources.
    banner: '/// <reference lib="esnext.disposable" />',
  });
}

/** What differs between joining code and joining types. */
interface Bundle {
  /** The compiled file of each entry point. */
  readonly entries: Readonly<Record<string, string>>;
  readonly plugins: readonly Plugin[];
  readonly out: string;
  readonly extension: string;
  readonly sourcemap: boolean;
  readonly banner: string;
  /** Entry points that lie beside it already. */
  readonly besides?: Readonly<Record<string, string>>;
  /** The folder of what is no entry point; default `shared`. */
  readonly parts?: string;
}

async function bundle(job: Bundle): Promise<void> {
  const { entries, out, extension, sourcemap, banner } = job;
  const { besides = {}, parts = "shared" } = job;
  const names = new Map(
    Object.entries(besides)
      .map(([key, file]) => [file, `./${entryName(key)}${extension}`]),
  );
  const input = Object.entries(entries)
    .map(([key, file]) => [entryName(key), file]);
  const built = await rollup({
    input: Object.fromEntries(input),
    plugins: [...job.plugins],
    // What `./node` is made of.
    external: (id) =>
      id.startsWith("node:") || id === DRIVERS.name || names.has(id),
    // The package has no side effects on import: package.json says so too.
    treeshake: { moduleSideEffects: false },
    onwarn: (warning) => {
      // tsc's helper for `import(id)` asks `this && …`, and is right to.
      if (warning.code === "THIS_IS_UNDEFINED") return;
      throw new Error(warning.message);
    },
  });
  await built.write({
    dir: out,
    format: "es",
    paths: (id) => names.get(id) ?? id,
    sourcemap,
    banner,
    minifyInternalExports: false,
    // Imports that import nothing are a bundler's reason to warn.
    hoistTransitiveImports: false,
    entryFileNames: `[name]${extension}`,
    chunkFileNames: ({ name }) =>
      `${parts}/${name.replace(/\.d$/, "")}${extension}`,
    manualChunks: (id, { getModuleInfo }) =>
      chunkOf(id, entries, getModuleInfo),
  });
  await built.close();
}

/** What a compiler made of the source of every entry point. */
function entryFiles(
  manifest: Pick<DenoManifest, "exports">,
  compiled: string,
  extension: string,
): Record<string, string> {
  const files = Object.entries(manifest.exports).map((
    [key, source],
  ) => [key, join(compiled, source.replace(/\.ts$/, extension))]);
  return Object.fromEntries(files);
}

/**
 * Hands rollup the maps that the compiler wrote, so that its own lead to the
 * sources, which are named as they lie in the repository.
 */
function sourceMaps(compiled: string, out: string): Plugin {
  return {
    name: "source-maps",
    load(id) {
      const map = JSON.parse(readFileSync(`${id}.map`, "utf8"));
      const source = relative(compiled, id).replace(/\.js$/, ".ts");
      map.sources = [join(dirname(out), source)];
      return { code: readFileSync(id, "utf8"), map };
    },
  };
}

/** Takes the comments out of the code: types and maps have them already. */
const noComments: Plugin = {
  name: "no-comments",
  transform(code, id) {
    const { outputText, sourceMapText } = ts.transpileModule(code, {
      fileName: id,
      compilerOptions: {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.ESNext,
        removeComments: true,
        sourceMap: true,
      },
    });
    return { code: outputText, map: sourceMapText! };
  },
};

/** What a module does when it is imported is nothing, programs apart. */
function pureCalls(compiled: string): Plugin {
  const programs = Object.values(entryFiles({ exports: RUN }, compiled, ".js"));
  return {
    name: "pure-calls",
    transform: (code, id) => programs.includes(id) ? null : markPure(code, id),
  };
}

/** Leaves it to who imports the package which drivers there are. */
function driversByName(compiled: string): Plugin {
  const all = join(compiled, DRIVERS.source.replace(/\.ts$/, ".js"));
  return {
    name: "drivers-by-name",
    resolveId(specifier, importer) {
      if (importer === undefined || !specifier.startsWith(".")) return null;
      const isAsked = join(dirname(importer), specifier) === all;
      return isAsked ? { id: DRIVERS.name, external: true } : null;
    },
  };
}

/** Finds the types of "./x.ts", as tsc leaves it in them, and of "./x.js". */
const declarationFiles: Plugin = {
  name: "declaration-files",
  resolveId(specifier, importer) {
    if (importer === undefined || !specifier.startsWith(".")) return null;
    return join(dirname(importer), specifier.replace(/\.[jt]s$/, ".d.ts"));
  },
};

/** The entry points that need the sockets, as `.` does. */
const LARGE = [".", "./node", "./testing", "./wintertc"];

/**
 * The file that a module goes into. The drivers of each runtime are one, so
 * that a program has those of its own runtime alone. What `.` needs besides is
 * two files: `ground`, which the drivers and the small entry points need a part
 * of too, and `socket`, which needs the drivers. Everything else is left to
 * rollup.
 */
function chunkOf(
  id: string,
  entries: Readonly<Record<string, string>>,
  getModuleInfo: GetModuleInfo,
): string | undefined {
  if (entries["."] === undefined) return undefined;
  const needs = (entry: string): boolean =>
    closure(entries[entry]!, getModuleInfo).has(id);
  const drivers = Object.keys(DRIVERS.files);
  if (drivers.some((key) => entries[key] === id)) return undefined;
  const needing = drivers.filter(needs);
  if (needing.length > 0) {
    if (!/\/src\/runtime\/(?!seam\/|platform)/.test(id)) return "ground";
    // All need what the driver for `node:net` is made of.
    const [only, ...others] = needing.filter((key) => key !== DRIVERS.all);
    return others.length > 0 ? "drivers_node" : only!.slice(2);
  }
  if (!needs(".")) return undefined;
  if (closure(id, getModuleInfo).has(DRIVERS.name)) return "socket";
  const small = Object.keys(entries)
    .filter((entry) => !LARGE.includes(entry));
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
