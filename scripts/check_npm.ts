/**
 * Judges the package in `npm/`, whoever built it: its source maps, publint,
 * attw, a strict TypeScript consumer, and an import of the packed tarball on every runtime
 * (and `require()` on Node).
 *
 * @module
 */

import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { findRuntime, RUNTIMES } from "../tests/runtimes.ts";
import { deno, filesUnder, root, run } from "./lib.ts";
import { denoManifest, NPM_NAME, readJson } from "./npm_manifest.ts";

if (!existsSync(join(root, "npm", "package.json"))) {
  console.log("FAILED: npm/ is not built, see `npm run build`");
  process.exit(1);
}
const modules = join(root, "node_modules");
const dir = mkdtempSync(join(tmpdir(), "anysock-npm-"));
let failed = 0;
try {
  await judge();
} finally {
  rmSync(dir, { recursive: true, force: true });
}
if (failed > 0) process.exitCode = 1;

async function judge(): Promise<void> {
  const tarball = await pack();
  checkSourceMaps();
  await gate("publint", node("publint/src/cli.js"), ["--strict", tarball]);
  await gate("attw", node("@arethetypeswrong/cli/dist/index.js"), [
    tarball,
    ...["--profile", "esm-only", "--no-emoji", "--format", "ascii", "-q"],
  ]);
  writeFileSync(join(dir, "package.json"), `{"type":"module"}`);
  await gate("npm install", ["npm"], [
    ...["install", "--no-save", "--ignore-scripts", "--offline", tarball],
  ]);
  writeConsumers();
  await gate("strict consumer", node("typescript/bin/tsc"), ["-p", "."]);
  await gate("deno check", [deno], ["check", "use.ts"]);
  for (const name of RUNTIMES) await useOn(name);
}

/** Every source that a map names lies in the package. */
function checkSourceMaps(): void {
  const lost = filesUnder("npm", ".map").flatMap((file) => {
    const { sources } = readJson(file) as { sources: string[] };
    return sources
      .map((source) => join(dirname(file), source))
      .filter((path) =>
        !path.startsWith("npm") || !existsSync(join(root, path))
      )
      .map((path) => `${file} names ${path}`);
  });
  if (lost.length > 0) failed++;
  console.log(`${lost.length === 0 ? "ok    " : "FAILED"} source maps`);
  if (lost.length > 0) console.log(lost.join("\n"));
}

function node(script: string): string[] {
  return [process.execPath, join(modules, script)];
}

/** Runs one step in the consumer's folder and says how it went. */
async function gate(
  name: string,
  command: readonly string[],
  args: readonly string[],
): Promise<string> {
  const [program = "", ...before] = command;
  const done = await run(program, [...before, ...args], {
    cwd: dir,
    timeoutMs: 120_000,
  });
  if (done.code !== 0) failed++;
  console.log(`${done.code === 0 ? "ok    " : "FAILED"} ${name}`);
  if (done.code !== 0) console.log(done.output);
  return done.output;
}

async function pack(): Promise<string> {
  const packed = await run("npm", [
    ...["pack", "--json", "--pack-destination", dir, join(root, "npm")],
  ], { cwd: join(root, "npm") });
  const name = /"filename":\s*"([^"]+)"/.exec(packed.output)?.[1];
  if (!name) throw new Error(`npm pack: ${packed.output}`);
  return join(dir, name.replace(/^@/, "").replace("/", "-"));
}

/** Files that import every entry point and say how much each exports. */
function writeConsumers(): void {
  const { exports } = readJson("npm/package.json") as {
    exports: Record<string, unknown>;
  };
  const keys = Object.keys(exports).filter((key) => key !== "./package.json");
  const ours = Object.keys(denoManifest().exports);
  if (keys.join() !== ours.join()) {
    throw new Error(`npm exports ${keys.join()}, deno.json ${ours.join()}`);
  }
  const names = keys.map((key) => NPM_NAME + key.slice(1));
  const imports = names.map((name, i) => `import * as m${i} from "${name}";`);
  const requires = names.map((name, i) => `const m${i} = require("${name}");`);
  const counts = names.map((_, i) => `Object.keys(m${i}).length`);
  const say = `console.log("exports", ${counts.join(", ")});`;
  const typed = `export const counts: number[] = [${counts.join(", ")}];`;
  write("use.ts", [...imports, typed, say]);
  write("use.mjs", [...imports, say]);
  write("use.cjs", [...requires, say]);
  write("tsconfig.json", [JSON.stringify({
    compilerOptions: {
      module: "nodenext",
      target: "es2022",
      lib: ["es2022", "dom", "dom.iterable"],
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      types: [],
    },
    files: ["use.ts"],
  })]);
}

function write(name: string, lines: readonly string[]): void {
  writeFileSync(join(dir, name), lines.join("\n") + "\n");
}

async function useOn(name: (typeof RUNTIMES)[number]): Promise<void> {
  const runtime = findRuntime(name);
  if (typeof runtime === "string") {
    failed++;
    return console.log(`FAILED import on ${name}: ${runtime}`);
  }
  const command = [runtime.command, ...runtime.args];
  const script = name === "deno" || name === "bun" ? "use.ts" : "use.mjs";
  const output = await gate(`import on ${name}`, command, [script]);
  // An entry point without exports would be an empty promise.
  if (!/^exports( [1-9]\d*,?)+$/m.test(output)) {
    failed++;
    console.log(`FAILED import on ${name}: ${output}`);
  }
  if (name.startsWith("node")) {
    await gate(`require on ${name}`, command, ["use.cjs"]);
  }
}
