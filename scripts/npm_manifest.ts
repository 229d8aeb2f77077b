/**
 * What the npm package says of itself. Both builders use it, so that they
 * make the same package.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { filesUnder, root } from "./lib.ts";

/** The parts of `deno.json` that decide what is published. */
export interface DenoManifest {
  /** The name on JSR. */
  readonly name: string;
  /** The version. */
  readonly version: string;
  /** The licence, by its SPDX name. */
  readonly license: string;
  /** Entry points and the sources behind them, {@linkcode PROGRAM} apart. */
  readonly exports: Readonly<Record<string, string>>;
  /** What Deno finds behind a name. */
  readonly imports: Readonly<Record<string, string>>;
}

/** Reads a JSON file of the repository. */
export function readJson(path: string): unknown {
  return JSON.parse(readFileSync(join(root, path), "utf8"));
}

/** The entry point of JSR that is a program: npm has it as `bin`. */
export const PROGRAM = "./cli";

/** `deno.json`, which rules. */
export function denoManifest(): DenoManifest {
  const manifest = readJson("deno.json") as DenoManifest;
  const { [PROGRAM]: _, ...exports } = manifest.exports;
  return { ...manifest, exports };
}

/** The name on npm. */
export const NPM_NAME = "anysock";

/**
 * What is run and never imported: the program, and what workers of servers
 * begin with, a file beside that of `./server`, which finds it there.
 */
export const RUN: Readonly<Record<string, string>> = {
  [PROGRAM]: "./cli/main.ts",
  "./server_worker": "./src/server/workers/server_worker.ts",
};

/**
 * The drivers, which the package finds by a name of its own: with a condition
 * of a runtime there are those of this runtime alone. The keys are the names of
 * files.
 */
export const DRIVERS = {
  name: "#drivers",
  source: "src/runtime/drivers/all.ts",
  all: "./drivers",
  files: {
    "./drivers": "./src/runtime/drivers/all.ts",
    "./drivers_deno": "./src/runtime/drivers/for_deno.ts",
    "./drivers_bun": "./src/runtime/drivers/for_bun.ts",
    "./drivers_node": "./src/runtime/drivers/for_node.ts",
  },
} as const;

/** `imports` of the npm package. Deno and Bun set the condition `node`, too. */
export function npmImports(): Record<string, Record<string, string>> {
  const conditions = ["deno", "bun", "node"]
    .map((name) => [name, `./esm/drivers_${name}.js`]);
  const all = { default: `./esm/${entryName(DRIVERS.all)}.js` };
  return { [DRIVERS.name]: { ...Object.fromEntries(conditions), ...all } };
}

/** The files that go into both packages as they are: the guide and examples. */
export function plainFiles(): string[] {
  return [
    ...["CHANGELOG.md", "LICENSE", "README.md"],
    ...filesUnder("docs", ".md"),
    ...filesUnder("docs", ".svg"),
    // Those in folders have packages of their own.
    ...filesUnder("examples").filter((file) => file.split("/").length === 2),
  ];
}

/** What the package says of itself, its exports apart. */
export function npmFields(manifest: DenoManifest): {
  name: string;
  version: string;
  [field: string]: unknown;
} {
  const { description } = readJson("package.json") as { description: string };
  return {
    name: NPM_NAME,
    version: manifest.version,
    description,
    keywords: ["socket", "tcp", "udp", "unix", "berkeley", "deno", "bun"],
    license: manifest.license,
    author: "the anysock authors",
    type: "module",
    bin: { [NPM_NAME]: `./esm/${entryName(PROGRAM)}.js` },
    sideEffects: Object.keys(RUN).map((key) => `./esm/${entryName(key)}.js`),
    engines: { node: ">=20.19", deno: ">=2.8", bun: ">=1.4" },
  };
}

/** The name of the files of an entry point: `framing` for "./framing". */
export function entryName(key: string): string {
  return key === "." ? NPM_NAME : key.slice(2);
}

/** `exports` of the npm package: types and code of every entry point. */
export function npmExports(manifest: DenoManifest): Record<string, unknown> {
  const entries = Object.keys(manifest.exports).map((key) => {
    const file = `./esm/${entryName(key)}`;
    return [key, { types: `${file}.d.ts`, default: `${file}.js` }];
  });
  return {
    ...Object.fromEntries(entries),
    "./package.json": "./package.json",
  };
}
