/**
 * What the npm package says of itself. Both builders use it, so that they
 * make the same package.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./lib.ts";

/** The parts of `deno.json` that decide what is published. */
export interface DenoManifest {
  /** The name on JSR. */
  readonly name: string;
  /** The version. */
  readonly version: string;
  /** The licence, by its SPDX name. */
  readonly license: string;
  /** Entry points and the sources behind them. */
  readonly exports: Readonly<Record<string, string>>;
}

/** Reads a JSON file of the repository. */
export function readJson(path: string): unknown {
  return JSON.parse(readFileSync(join(root, path), "utf8"));
}

/** `deno.json`, which rules. */
export function denoManifest(): DenoManifest {
  return readJson("deno.json") as DenoManifest;
}

/** The name on npm. */
export const NPM_NAME = "anysock";

/** The files that go into the package as they are. */
export const PLAIN_FILES: readonly string[] = [
  "CHANGELOG.md",
  "LICENSE",
  "README.md",
];

/** What dnt takes as `package` and what both builders write. */
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
    sideEffects: false,
    engines: { node: ">=20.19" },
  };
}

/** `exports` of the npm package: types and code of every entry point. */
export function npmExports(manifest: DenoManifest): Record<string, unknown> {
  const entries = Object.entries(manifest.exports).map(([key, source]) => {
    const built = source.replace(/^\.\//, "./esm/").replace(/\.ts$/, "");
    return [key, { types: `${built}.d.ts`, default: `${built}.js` }];
  });
  return {
    ...Object.fromEntries(entries),
    "./package.json": "./package.json",
  };
}

/**
 * Lets the types of every entry point bring along what they need of
 * TypeScript's libraries: sockets are disposable. JSR forbids this line in the
 * sources.
 */
export function addLibraryReference(manifest: DenoManifest): void {
  for (const source of Object.values(manifest.exports)) {
    const path = join(root, "npm", "esm", source.replace(/\.ts$/, ".d.ts"));
    const types = readFileSync(path, "utf8");
    const line = '/// <reference lib="esnext.disposable" />\n';
    writeFileSync(path, line + types);
    // One line more in front: one ";" more in the map.
    const map = readFileSync(`${path}.map`, "utf8");
    writeFileSync(`${path}.map`, map.replace('"mappings":"', "$&;"));
  }
}
