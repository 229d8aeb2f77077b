/**
 * The architecture as rules: who may import whom, and who may name a runtime.
 *
 * @module
 */

import { posix } from "node:path";
import { importsOf, readSource, type Source } from "./source_text.ts";

/** A place where a rule is broken. */
export interface Breach {
  /** The file, from the repository's root. */
  readonly file: string;
  /** The line, counted from 1. */
  readonly line: number;
  /** What is wrong. */
  readonly rule: string;
}

/** The areas of the sources; the first pattern that fits decides. */
const AREAS: readonly (readonly [area: string, pattern: RegExp])[] = [
  ["mod.ts", /^mod\.ts$/],
  ["platform", /^src\/runtime\/platform(_tables)?\.ts$/],
  ["seam", /^src\/runtime\/seam\//],
  ["detection", /^src\/runtime\/detect\.ts$/],
  ["drivers", /^src\/runtime\//],
  ["byteorder", /^src\/byteorder\//],
  ["framing", /^src\/framing\//],
  ["names", /^src\/names\//],
  ["polling", /^src\/polling\//],
  ["posix", /^src\/posix\//],
  ["server", /^src\/server\//],
  ["node", /^src\/node\//],
  ["wintertc", /^src\/wintertc\//],
  ["tls", /^src\/tls\//],
  ["shm", /^src\/shm\//],
  // fromNodeSocket() and its like are about one runtime each, by name.
  ["adopt", /^src\/socket\/adopt\.ts$/],
  ["socket", /^src\/socket\//],
  ["simulation", /^src\/simulation\//],
  ["testing", /^src\/testing\//],
  ["ground", /^src\/[^/]+\.ts$/],
];

const ALL = AREAS.map(([area]) => area).filter((area) => area !== "mod.ts");

/**
 * What each area may import besides itself; `ARCHITECTURE.md` says the same,
 * and a test compares them.
 */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "mod.ts": ["socket", "names", "byteorder", "detection", "seam", "ground"],
  testing: ALL,
  // Adapters: a library that knows node:net or WinterTC speaks through them.
  node: ["socket", "server", "names", "byteorder", "seam", "ground"],
  wintertc: ["socket", "ground"],
  server: ["socket", "detection", "seam", "ground"],
  socket: ["adopt", "detection", "seam", "ground"],
  adopt: ["socket", "drivers", "seam", "ground"],
  simulation: ["drivers", "seam", "ground"],
  names: ["byteorder", "detection", "seam", "ground"],
  framing: ["byteorder", "ground"],
  polling: ["ground"],
  shm: ["ground"],
  byteorder: ["ground"],
  posix: ["drivers", "detection", "seam", "ground", "platform"],
  detection: ["drivers", "seam", "ground"],
  drivers: ["tls", "seam", "ground", "platform"],
  tls: ["seam", "ground"],
  seam: ["ground"],
  ground: ["platform"],
  platform: [],
};

/** The files that may name a runtime's globals and modules. */
const MAY_NAME_RUNTIMES =
  /^src\/(node\/|posix\/|simulation\/(bubble|environment|globals|rejections|line_hash)\b|runtime\/(deno|bun|node|detect|platform)\b)/;

const GLOBALS = /(?<![\w$#.])(Deno|Bun|process)(?![\w$])/g;
const OF_GLOBAL_THIS = /\bglobalThis\s*(?:\?\.|\.)\s*(Deno|Bun|process)\b/g;

/** The area of a file, `undefined` where no rule knows it. */
export function areaOf(file: string): string | undefined {
  return AREAS.find(([, pattern]) => pattern.test(file))?.[0];
}

/** Every breach in one file; `file` is its path from the repository's root. */
export function breachesIn(file: string, text: string): Breach[] {
  const source = readSource(text);
  const found = importsOf(source).flatMap((each) => {
    const rule = importRule(file, each.specifier);
    return rule ? [{ file, line: each.line, rule }] : [];
  });
  if (/^(mod\.ts|src\/)/.test(file)) {
    found.push(...runtimeNames(file, source));
    if (posix.basename(file) === "mod.ts") {
      found.push(...notReExports(file, source));
    }
  }
  return found;
}

function importRule(file: string, specifier: string): string | undefined {
  if (/^examples\//.test(file)) return exampleRule(file, specifier);
  if (/^cli\//.test(file)) return programRule(file, specifier);
  const area = areaOf(file);
  if (!/^(mod\.ts|src\/)/.test(file)) return undefined;
  if (!area) return `no rule knows where ${file} belongs`;
  if (specifier.startsWith("node:")) return undefined;
  if (!specifier.startsWith(".")) {
    return `src has no dependency, no "${specifier}"`;
  }
  const target = posix.join(posix.dirname(file), specifier);
  const other = areaOf(target);
  if (!other) return `${area} may not import ${target}`;
  if (other === area || MAY_IMPORT[area]?.includes(other)) return undefined;
  return `${area} may not import ${other} (${target})`;
}

/** The program is a user like others: it knows what everybody can import. */
function programRule(file: string, specifier: string): string | undefined {
  if (specifier.startsWith("node:")) return undefined;
  if (!specifier.startsWith(".")) {
    return `the program has no dependency, no "${specifier}"`;
  }
  const target = posix.join(posix.dirname(file), specifier);
  const isOurs = /^(cli\/.*|mod|src\/[^/]+\/mod)\.ts$/.test(target);
  return isOurs ? undefined : `the program may not import ${target}`;
}

/** Examples in a package of their own, from which ours has no name. */
const OWN_PACKAGE = /^examples\/(cluster_chat|integrations)\//;

function exampleRule(file: string, specifier: string): string | undefined {
  const target = posix.join(posix.dirname(file), specifier);
  if (!specifier.startsWith(".") || /^examples\//.test(target)) {
    return undefined;
  }
  const isEntry = /^(mod|src\/[^/]+\/mod)\.ts$/.test(target);
  if (isEntry && OWN_PACKAGE.test(file)) return undefined;
  return `examples import the package by its name, not ${target}`;
}

function runtimeNames(file: string, source: Source): Breach[] {
  if (MAY_NAME_RUNTIMES.test(file)) return [];
  const names = [
    ...source.code.matchAll(GLOBALS),
    ...source.code.matchAll(OF_GLOBAL_THIS),
  ].map((match) => ({
    file,
    line: source.code.slice(0, match.index).split("\n").length,
    rule: `only a driver may name ${match[1]}`,
  }));
  const modules = source.literals
    .filter(({ text }) => text.startsWith("node:"))
    .map(({ text, line }) => ({
      file,
      line,
      rule: `only a driver may name ${text}`,
    }));
  return [...names, ...modules];
}

/** A mod.ts consists of `export … from "…"` and nothing else. */
function notReExports(file: string, source: Source): Breach[] {
  const others = source.code.matchAll(
    /(?:^|;)\s*(?!\s|;|$|export\s+(?:type\s+)?(?:\{[^}]*\}|\*(?:\s+as\s+\w+)?)\s*from\s*"")/g,
  );
  return [...others].map((match) => {
    const at = match.index + match[0].length;
    const line = source.code.slice(0, at).split("\n").length;
    return { file, line, rule: "a mod.ts only re-exports" };
  });
}

/**
 * The files of the project that a file imports, for their types alone, too:
 * who reads one of a ring has to read them all.
 */
export function filesImportedBy(file: string, text: string): string[] {
  return importsOf(readSource(text))
    .filter(({ specifier }) => specifier.startsWith("."))
    .map(({ specifier }) => posix.join(posix.dirname(file), specifier));
}

/**
 * The rings of files that need one another, each as its files in order;
 * `imports` gives the files that a file imports.
 */
export function findCycles(
  imports: Readonly<Record<string, readonly string[]>>,
): string[][] {
  const done = new Set<string>();
  const cycles: string[][] = [];
  const visit = (file: string, trail: readonly string[]): void => {
    const at = trail.indexOf(file);
    if (at >= 0) return void cycles.push([...trail.slice(at), file]);
    if (done.has(file)) return;
    for (const next of imports[file] ?? []) visit(next, [...trail, file]);
    done.add(file);
  };
  for (const file of Object.keys(imports)) visit(file, []);
  return cycles;
}
