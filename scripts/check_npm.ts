/**
 * Judges the package in `npm/`, whoever built it: its types and source maps,
 * publint, attw, a strict consumer under the oldest and the newest TypeScript,
 * and an import of the packed tarball on every runtime (and `require()` on
 * Node).
 *
 * @module
 */

import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import {
  findRuntime,
  kindOf,
  OLDEST,
  type RuntimeName,
  RUNTIMES,
} from "../tests/runtimes.ts";
import { deno, filesUnder, root, run } from "./lib.ts";
import { denoManifest, NPM_NAME, readJson } from "./npm_manifest.ts";

if (!existsSync(join(root, "npm", "package.json"))) {
  console.log("FAILED: npm/ is not built, see `npm run build`");
  process.exit(1);
}
/** A program that uses what the package exports as its types allow. */
const CONSUMER = "tests/types/npm/consumer.ts";

/** The compilers whose users are served. */
const COMPILERS: Readonly<Record<string, string>> = {
  "5.4": "tools/typescript/node_modules/typescript-5.4",
  "5.5": "tools/typescript/node_modules/typescript-5.5",
  "6.0": "node_modules/typescript",
};

/** How a declaration begins in the types. */
const DECLARATION =
  /^(?:declare )?(?:abstract )?(?:class|const|function|interface|type) (\w+)/gm;

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
  say("source maps", faultsOfMaps());
  say("links", faultsOfLinks());
  say("types", faultsOfTypes());
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
  for (const [version, tsc] of Object.entries(COMPILERS)) {
    const compiler = [process.execPath, join(root, tsc, "bin", "tsc")];
    await gate(`strict consumer, TypeScript ${version}`, compiler, ["-p", "."]);
    const withNode = ["-p", "tsconfig.node.json"];
    await gate(`… of ./node, TypeScript ${version}`, compiler, withNode);
  }
  await gate("deno check", [deno], ["check", "use.ts", "consumer.ts"]);
  for (const name of [...RUNTIMES, ...OLDEST]) await useOn(name);
  await checkStack();
}

/** Says how a step went, and counts it if something is wrong. */
function say(name: string, faults: readonly string[]): void {
  if (faults.length > 0) failed++;
  console.log(`${faults.length === 0 ? "ok    " : "FAILED"} ${name}`);
  for (const fault of faults) console.log(fault);
}

/** Every map holds its sources, named as they lie in the repository. */
function faultsOfMaps(): string[] {
  return filesUnder("npm", ".map").flatMap((file) => {
    const { sources, sourcesContent = [] } = readJson(file) as {
      sources: string[];
      sourcesContent?: (string | null)[];
    };
    return sources.flatMap((source, i) => {
      const path = relative("npm", join(dirname(file), source));
      if (!existsSync(join(root, path))) return [`${file} names ${path}`];
      return sourcesContent[i] ? [] : [`${file} lacks the text of ${path}`];
    });
  });
}

/** What the documents in the package link to is in the package. */
function faultsOfLinks(): string[] {
  return filesUnder("npm", ".md").flatMap((file) => {
    const text = readFileSync(join(root, file), "utf8");
    const targets = [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
      .map(([, target]) => target!)
      .filter((target) => !/^[a-z]+:/.test(target));
    return targets
      .filter((target) => !existsSync(join(root, dirname(file), target)))
      .map((target) => `${file} links to ${target}`);
  });
}

/** Types hold no word for us alone, and no name that cannot be imported. */
function faultsOfTypes(): string[] {
  const files = filesUnder("npm", ".d.ts");
  const texts = files.map((file) => readFileSync(join(root, file), "utf8"));
  const exported = new Set(
    texts.filter((_, i) => !files[i]!.includes("/shared/")).flatMap(exportsOf),
  );
  return files.flatMap((file, i) => {
    const names = [...texts[i]!.matchAll(DECLARATION)].map(([, name]) => name!);
    return [
      ...(texts[i]!.includes("@internal") ? [`${file} has @internal`] : []),
      ...names.filter((name) => !exported.has(name))
        .map((name) => `${file} declares ${name}, which no entry exports`),
    ];
  });
}

/** The names that the types of an entry point export. */
function exportsOf(text: string): string[] {
  return [...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)]
    .flatMap(([, names]) => names!.split(","))
    .map((name) => name.trim().replace(/^\w+ as /, ""));
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
  const json = /^\[$[^]*^\]$/m.exec(packed.output)?.[0];
  if (json === undefined) throw new Error(`npm pack: ${packed.output}`);
  const [{ filename, entryCount, unpackedSize, size }] = JSON.parse(json);
  console.log(`${entryCount} files, ${unpackedSize} bytes, ${size} packed`);
  return join(dir, filename);
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
  // A Duplex has no type without those of Node.
  const plain = names.flatMap((name, i) => name.endsWith("/node") ? [] : [i]);
  const typed = [
    ...plain.map((i) => imports[i]!),
    `export const counts: number[] = [${
      plain.map((i) => counts[i]).join(", ")
    }];`,
  ];
  const version = `require("${NPM_NAME}/package.json").version`;
  // Which drivers there are is decided by the conditions of the runtime.
  const driver = `console.log("driver", m0.currentRuntime().name);`;
  write("use.ts", [...imports, say, driver]);
  write("typed.ts", typed);
  write("typed_node.ts", [
    `import type { Duplex } from "node:stream";`,
    `import { NodeSocket } from "${NPM_NAME}/node";`,
    `export const duplex: Duplex = new NodeSocket().setNoDelay();`,
  ]);
  write("use.mjs", [...imports, say, driver]);
  write("use.cjs", [
    ...requires,
    say,
    driver,
    `console.log("version", ${version});`,
  ]);
  write("stack.mjs", [
    `import { parseAddress } from "${NPM_NAME}";`,
    `parseAddress(1);`,
  ]);
  write("handler.mjs", [
    `export default (connection) => connection.sendAll("served");`,
  ]);
  write("workers.mjs", [
    `import { connect } from "${NPM_NAME}";`,
    `import { serve } from "${NPM_NAME}/server";`,
    `const handler = new URL("./handler.mjs", import.meta.url);`,
    `const server = await serve("127.0.0.1:0", handler, { workers: 1 });`,
    `const client = await connect(server.address);`,
    `console.log(new TextDecoder().decode(await client.recv()));`,
    `await client.close();`,
    `await server.stop();`,
  ]);
  cpSync(join(root, CONSUMER), join(dir, "consumer.ts"));
  const compilerOptions = {
    module: "nodenext",
    target: "es2022",
    lib: ["es2022", "dom", "dom.iterable"],
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    types: [] as string[],
  };
  const files = ["typed.ts", "consumer.ts"];
  write("tsconfig.json", [JSON.stringify({ compilerOptions, files })]);
  write("tsconfig.node.json", [JSON.stringify({
    compilerOptions: {
      ...compilerOptions,
      types: ["node"],
      typeRoots: [join(modules, "@types")],
    },
    files: ["typed_node.ts"],
  })]);
}

function write(name: string, lines: readonly string[]): void {
  writeFileSync(join(dir, name), lines.join("\n") + "\n");
}

async function useOn(name: RuntimeName): Promise<void> {
  const runtime = findRuntime(name);
  if (typeof runtime === "string") {
    if (OLDEST.includes(name)) return console.log(`skipped ${runtime}`);
    failed++;
    return console.log(`FAILED import on ${name}: ${runtime}`);
  }
  const command = [runtime.command, ...runtime.args];
  const script = kindOf(name) === "node" ? "use.mjs" : "use.ts";
  const output = await gate(`import on ${name}`, command, [script]);
  // An entry point without exports would be an empty promise.
  if (!/^exports( [1-9]\d*,?)+$/m.test(output)) {
    say(`import on ${name}`, [output]);
  }
  if (!new RegExp(`^driver ${kindOf(name)}$`, "m").test(output)) {
    say(`driver of ${name}`, [output]);
  }
  // What a worker begins with is a file that nothing imports.
  const served = await gate(`workers on ${name}`, command, ["workers.mjs"]);
  if (!/^served$/m.test(served)) say(`workers on ${name}`, [served]);
  const program = join("node_modules", NPM_NAME, programFile());
  const told = await gate(`program on ${name}`, command, [
    program,
    "--version",
  ]);
  if (told.trim() !== `${NPM_NAME} ${denoManifest().version}`) {
    say(`program on ${name}`, [told]);
  }
  const example = join("node_modules", NPM_NAME, "examples", "my_socket.mjs");
  const done = await gate(`example on ${name}`, command, [example]);
  if (!/^100000 times "c"$/m.test(done)) say(`example on ${name}`, [done]);
  if (kindOf(name) === "node") {
    await gate(`require on ${name}`, command, ["use.cjs"]);
  }
}

/** What npm starts by the name of the package. */
function programFile(): string {
  const { bin } = readJson("npm/package.json") as {
    bin: Record<string, string>;
  };
  return bin[NPM_NAME] ?? "";
}

/** The maps are true: what fails in the package is shown in our sources. */
async function checkStack(): Promise<void> {
  const { code, output } = await run(
    process.execPath,
    ["--enable-source-maps", "stack.mjs"],
    { cwd: dir },
  );
  const isMapped = code !== 0 && /\bsrc\/address\.ts:\d+/.test(output);
  say("stack traces name our sources", isMapped ? [] : [output]);
}
