/**
 * What an import costs who bundles it: the minified code that is left of the
 * npm package when nothing but that import is used, for each runtime, with what
 * it loads later apart. Prints a table, and exits 1 where a ceiling is passed;
 * run it after `npm run build`.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { root, table } from "./lib.ts";

/** An import, and the most that it may cost on Node, minified, in kB. */
const IMPORTS: readonly (readonly [code: string, ceilingKb: number])[] = [
  [`import { htons } from "anysock/byteorder"`, 1],
  [`import { pack, unpack } from "anysock/byteorder"`, 7],
  [`import { select } from "anysock/polling"`, 4.5],
  [`import { framed, lengthPrefixed } from "anysock/framing"`, 48],
  [`import { connect } from "anysock"`, 157],
  [`import { connect, listen } from "anysock"`, 158],
  [`import { serve } from "anysock/server"`, 191],
];

/** The conditions of `package.json` that go with each runtime. */
const CONDITIONS = {
  Node: ["node"],
  Bun: ["bun", "node"],
  Deno: ["deno", "node"],
};

/** The part of esbuild's result that is used. */
interface Built {
  readonly metafile: {
    readonly outputs: Readonly<Record<string, Output>>;
  };
  readonly outputFiles: readonly { readonly contents: Uint8Array }[];
}

interface Output {
  readonly bytes: number;
  readonly entryPoint?: string;
  readonly imports: readonly {
    readonly path: string;
    readonly kind: string;
    readonly external?: boolean;
  }[];
}

interface Bundler {
  build(options: object): Promise<Built>;
}

const BUNDLER = join(root, "tools/bundler/node_modules/esbuild/lib/main.js");
for (
  const [path, how] of [
    [join(root, "npm", "package.json"), "npm run build"],
    [BUNDLER, "node scripts/setup.mjs"],
  ] as const
) {
  if (existsSync(path)) continue;
  console.log(`FAILED: ${path} is missing, see \`${how}\``);
  process.exit(1);
}
const { default: esbuild } = await import(pathToFileURL(BUNDLER).href) as {
  default: Bundler;
};

const rows: string[][] = [];
let failed = 0;
for (const [code, ceilingKb] of IMPORTS) {
  const [onNode, onBun, onDeno] = await Promise.all(
    Object.values(CONDITIONS).map((conditions) => sizeOf(code, conditions)),
  );
  const isTooLarge = onNode!.atOnce > ceilingKb;
  if (isTooLarge) failed++;
  const { atOnce, gzipped, later } = onNode!;
  rows.push([
    code,
    ...[atOnce, gzipped, later, onBun!.atOnce, onDeno!.atOnce]
      .map((kb) => kb.toFixed(1)),
    `${ceilingKb}`,
    isTooLarge ? "TOO LARGE" : "ok",
  ]);
}
const head = ["import", "Node", "gzipped", "later", "Bun", "Deno", "ceiling"];
console.log(table([[...head, ""], ...rows]));
console.log("Minified by esbuild, in kB; the ceiling is of Node.");
if (failed > 0) process.exitCode = 1;

interface Size {
  /** What the program loads as it starts, in kB. */
  readonly atOnce: number;
  /** The same, gzipped. */
  readonly gzipped: number;
  /** What comes by `import()`, in kB. */
  readonly later: number;
}

async function sizeOf(
  code: string,
  conditions: readonly string[],
): Promise<Size> {
  const [, names = ""] = /\{ (.*) \}/.exec(code) ?? [];
  const { metafile, outputFiles } = await esbuild.build({
    stdin: {
      contents: `${code};\nconsole.log(${names});`,
      // Where the package finds itself by its name.
      resolveDir: join(root, "npm"),
    },
    bundle: true,
    minify: true,
    splitting: true,
    format: "esm",
    // With its own conditions no others are added.
    platform: "neutral",
    external: ["node:*"],
    conditions: [...conditions, "import"],
    outdir: "out",
    write: false,
    metafile: true,
  });
  const outputs = Object.entries(metafile.outputs);
  const isFirst = loadedAtOnce(metafile.outputs);
  const kb = (bytes: number) => bytes / 1000;
  const gzipped = outputs
    .map(([name], i) =>
      isFirst(name) ? gzipSync(outputFiles[i]!.contents).length : 0
    );
  const bytes = (wanted: boolean) =>
    outputs.filter(([name]) => isFirst(name) === wanted)
      .reduce((sum, [, output]) => sum + output.bytes, 0);
  return {
    atOnce: kb(bytes(true)),
    gzipped: kb(gzipped.reduce((sum, each) => sum + each, 0)),
    later: kb(bytes(false)),
  };
}

/** What the entry imports, directly or not; the rest comes by `import()`. */
function loadedAtOnce(
  outputs: Readonly<Record<string, Output>>,
): (name: string) => boolean {
  const found = new Set<string>();
  const visit = (name: string): void => {
    if (found.has(name)) return;
    found.add(name);
    for (const { path, kind, external } of outputs[name]?.imports ?? []) {
      if (kind === "import-statement" && external !== true) visit(path);
    }
  };
  for (const [name, { entryPoint }] of Object.entries(outputs)) {
    // What is loaded later is an entry point, too.
    if (entryPoint === "<stdin>") visit(name);
  }
  return (name) => found.has(name);
}
