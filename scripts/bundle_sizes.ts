/**
 * What an import costs who bundles it: the code that is left of the npm package
 * when nothing but that import is used, with what it loads later apart. Prints
 * a table, and exits 1 where a ceiling is passed; run it after `npm run build`.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type OutputChunk, type Plugin, rollup } from "rollup";
import { root, table } from "./lib.ts";
import { NPM_NAME, readJson } from "./npm_manifest.ts";

/** An import, and the most that it may cost, gzipped, in kB. */
const IMPORTS: readonly (readonly [code: string, ceilingKb: number])[] = [
  [`import { connect } from "anysock"`, 92],
  [`import { connect, listen } from "anysock"`, 92],
  [`import { serve } from "anysock/server"`, 110],
  [`import { framed, lengthPrefixed } from "anysock/framing"`, 31],
  [`import { pack, unpack } from "anysock/byteorder"`, 13],
  [`import { select } from "anysock/polling"`, 12],
];

if (!existsSync(join(root, "npm", "package.json"))) {
  console.log("FAILED: npm/ is not built, see `npm run build`");
  process.exit(1);
}

const { exports } = readJson("npm/package.json") as {
  exports: Record<string, { default: string }>;
};
/** Finds the entry points of the package in `npm/`. */
const packageFiles: Plugin = {
  name: "package-files",
  resolveId(id) {
    if (id !== NPM_NAME && !id.startsWith(`${NPM_NAME}/`)) return null;
    const entry = exports[`.${id.slice(NPM_NAME.length)}`];
    return entry === undefined ? null : {
      id: join(root, "npm", entry.default),
      moduleSideEffects: false,
    };
  },
};

const rows: string[][] = [];
let failed = 0;
for (const [code, ceilingKb] of IMPORTS) {
  const { first, later } = await sizesOf(code);
  const isTooLarge = first.gzipped > ceilingKb;
  if (isTooLarge) failed++;
  rows.push([
    code,
    ...[first.plain, first.gzipped, later.plain].map((kb) => kb.toFixed(1)),
    `${ceilingKb}`,
    isTooLarge ? "TOO LARGE" : "ok",
  ]);
}
const head = ["import", "kB", "gzipped", "loaded later", "ceiling", ""];
console.log(table([head, ...rows]));
console.log("Not minified, without comments; the ceiling is of gzipped kB.");
if (failed > 0) process.exitCode = 1;

interface Size {
  readonly plain: number;
  readonly gzipped: number;
}

async function sizesOf(code: string): Promise<{ first: Size; later: Size }> {
  const built = await rollup({
    input: "entry",
    plugins: [program(code), packageFiles],
    external: /^node:/,
  });
  const { output } = await built.generate({ format: "es" });
  await built.close();
  const chunks = output.filter((each) => each.type === "chunk");
  const isFirst = loadedAtOnce(chunks);
  return {
    first: sizeOf(chunks.filter(isFirst)),
    later: sizeOf(chunks.filter((chunk) => !isFirst(chunk))),
  };
}

/** What the entry imports, directly or not; the rest comes by `import()`. */
function loadedAtOnce(
  chunks: readonly OutputChunk[],
): (chunk: OutputChunk) => boolean {
  const found = new Set<string>();
  const visit = (name: string): void => {
    if (found.has(name)) return;
    found.add(name);
    const chunk = chunks.find(({ fileName }) => fileName === name);
    for (const next of chunk?.imports ?? []) visit(next);
  };
  for (const { isEntry, fileName } of chunks) if (isEntry) visit(fileName);
  return ({ fileName }) => found.has(fileName);
}

function sizeOf(chunks: readonly OutputChunk[]): Size {
  const text = chunks.map(({ code }) => code).join("");
  const kb = (bytes: number) => bytes / 1000;
  return {
    plain: kb(new TextEncoder().encode(text).length),
    gzipped: kb(text === "" ? 0 : gzipSync(text).length),
  };
}

/** A program that uses what it imports and does nothing else. */
function program(code: string): Plugin {
  const [, names = ""] = /\{ (.*) \}/.exec(code) ?? [];
  return {
    name: "program",
    resolveId: (id) => id === "entry" ? id : null,
    load: (id) => id === "entry" ? `${code};\nconsole.log(${names});` : null,
  };
}
