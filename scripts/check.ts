/**
 * Runs the gates: `npm run check`, see its `--help`. Exits 1 if one fails.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { deno, filesUnder, inTurn, reasonOf, root, run, table } from "./lib.ts";
import { denoManifest } from "./npm_manifest.ts";

interface Gate {
  readonly name: string;
  readonly command: readonly string[];
  /** The gate that has to be through before. */
  readonly after?: string;
}

/** How many gates run at a time. */
const JOBS = 2;

const entries = Object.values(denoManifest().exports);
const sources = ["mod.ts", ...filesUnder("src")];
/** What imports a package by its name; "types: integrations" looks at it. */
const byNodeModules =
  /^(examples\/cluster_chat|(examples|tests)\/integrations|bench\/adapters\/libraries)\//;
const programs = ["cli", "tests", "examples", "scripts", "bench"]
  .filter((folder) => existsSync(join(root, folder)))
  .flatMap((folder) => filesUnder(folder))
  // Deno knows neither the globals of Bun nor our npm package; the rest is of JSR.
  .filter((file) => !/^tests\/(types|jsr)\/|build_npm_dnt\.ts$/.test(file))
  .filter((file) => !byNodeModules.test(file));
const documents = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"]
  .filter((file) => existsSync(join(root, file)));

const gates: readonly Gate[] = [
  { name: "format", command: [deno, "fmt", "--check"] },
  { name: "lint", command: [deno, "lint"] },
  { name: "manifests", command: script("check_manifests") },
  { name: "import rule", command: script("check_imports") },
  { name: "exported names", command: script("check_exports") },
  { name: "types: tsc", command: tsc("tsconfig.json") },
  ...bunTypes(),
  ...libraryTypes(),
  { name: "types: deno", command: [deno, "check", ...sources, ...programs] },
  {
    // Against what is declared of @std: JSR cannot be reached everywhere.
    name: "types: jsr",
    command: [
      deno,
      "check",
      "--config=tests/jsr/declared/deno.json",
      ...filesUnder("tests/jsr", "_test.ts"),
    ],
  },
  { name: "doc lint", command: [deno, "doc", "--lint", ...entries] },
  {
    name: "doc examples",
    command: [deno, "check", "--doc", ...sources],
  },
  ...documents.map((file) => ({
    name: `examples in ${file}`,
    command: [deno, "check", "--doc-only", file],
  })),
  {
    name: "publish to JSR",
    command: [deno, "publish", "--dry-run", "--allow-dirty"],
  },
  { name: "conformance", command: [...script("conformance"), "--check"] },
  { name: "npm build", command: script("build_npm") },
  {
    name: "npm package",
    command: script("check_npm"),
    after: "npm build",
  },
  {
    name: "npm of dnt's layout",
    command: script("check_dnt"),
    after: "npm build",
  },
  {
    name: "bundle sizes",
    command: script("bundle_sizes"),
    after: "npm build",
  },
];

const HELP = `Usage: npm run check -- [part of a gate's name…]

Runs every gate, two at a time, or those whose name contains one of the parts:
\`npm run check -- lint "types: deno"\`. The exit code is 1 if one fails, 2 if
no gate has such a name or an option is wrong.

  --help  this text

The gates:
${gates.map(({ name }) => `  ${name}`).join("\n")}`;

const chosen = choose(process.argv.slice(2));
if (typeof chosen === "string") console.log(chosen);
else if (chosen) await runAll(chosen);

/** The gates to run, or a text to print instead; complains about the rest. */
function choose(args: string[]): readonly Gate[] | string | undefined {
  try {
    const { values, positionals: parts } = parseArgs({
      args,
      allowPositionals: true,
      options: { help: { type: "boolean", default: false } },
    });
    if (values.help) return HELP;
    for (const part of parts) {
      if (gates.some(({ name }) => name.includes(part))) continue;
      throw new RangeError(`No gate has "${part}" in its name`);
    }
    return gates.filter(({ name }) =>
      parts.length === 0 || parts.some((part) => name.includes(part))
    );
  } catch (error) {
    console.error(`${reasonOf(error)}\nSee --help.`);
    process.exitCode = 2;
    return undefined;
  }
}

async function runAll(gates: readonly Gate[]): Promise<void> {
  const rows = new Map<Gate, string[]>();
  const ends = new Map<string, Promise<unknown>>();
  let failed = 0;
  const pass = async (at: number, gate: Gate): Promise<void> => {
    console.log(`[${at}/${gates.length}] ${gate.name}`);
    const start = performance.now();
    const [program = "", ...args] = gate.command;
    const env = { NO_COLOR: "1" };
    const { code, output } = await run(program, args, { env });
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    rows.set(gate, [gate.name, code === 0 ? "ok" : "FAILED", seconds]);
    if (code === 0) return;
    failed++;
    console.log(`--- ${gate.name}\n${output.trimEnd()}`);
  };
  await inTurn(JOBS, [...gates.entries()], async ([i, gate]) => {
    const end = (ends.get(gate.after ?? "") ?? Promise.resolve())
      .then(() => pass(i + 1, gate));
    ends.set(gate.name, end);
    await end;
  });
  const cells = gates.flatMap((gate) => [rows.get(gate) ?? []]);
  console.log(`\n${table([["gate", "result", "s"], ...cells])}`);
  console.log(`${gates.length - failed} gates passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
}

function script(name: string): string[] {
  return [process.execPath, join(root, "scripts", `${name}.ts`)];
}

function tsc(project: string): string[] {
  const bin = join(root, "node_modules", "typescript", "bin", "tsc");
  return [process.execPath, bin, "--noEmit", "-p", project];
}

/** Of what imports libraries by name, where those are installed. */
function libraryTypes(): Gate[] {
  const modules = join(root, "examples", "integrations", "node_modules");
  if (!existsSync(modules)) {
    console.log("no libraries in examples/integrations: types not checked");
    return [];
  }
  const config = "tests/integrations/tsconfig.json";
  return [{ name: "types: integrations", command: tsc(config) }];
}

/** The check of the drivers' own types against Bun's, where there is one. */
function bunTypes(): Gate[] {
  const folder = "tests/types/bun";
  if (filesUnder(folder).length === 0) return [];
  return [{ name: "types: bun", command: tsc(`${folder}/tsconfig.json`) }];
}
