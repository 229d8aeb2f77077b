/**
 * Programs of the documents, and how they are run.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { repositoryRoot } from "../runtimes.ts";

/** A program of a page. */
export interface Block {
  /** The page's path. */
  readonly page: string;
  /** Where on the page it begins. */
  readonly line: number;
  /** What it is. */
  readonly code: string;
}

/** Those that import us; the others are pieces, which pages explain. */
export function* programsOf(page: string): Generator<Block> {
  for (const block of blocksOf(page)) {
    if (/ from "anysock/.test(block.code)) yield block;
  }
}

/** All that is TypeScript; with `ignore` those that no gate checks. */
export function* blocksOf(page: string, ignore = ""): Generator<Block> {
  const text = readFileSync(join(repositoryRoot(), page), "utf8");
  const blocks = new RegExp(`^\`\`\`ts${ignore}\\n([^]*?)^\`\`\`$`, "gm");
  for (const found of text.matchAll(blocks)) {
    const [, code = ""] = found;
    const line = text.slice(0, found.index).split("\n").length + 1;
    yield { page, line, code };
  }
}

/** What the comments behind `console.log(…)` say that it prints. */
export function promised(code: string): string[] {
  return Array.from(
    code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm),
    ([, text = ""]) => text.trim(),
  );
}

/** Where an entry point of the package is, compiled or not. */
export function entryUrl(specifier: string): string {
  const folder = specifier === "anysock" ? "" : `src${specifier.slice(7)}/`;
  const here = import.meta.url;
  const ending = here.slice(here.lastIndexOf("."));
  return new URL(`../../${folder}mod${ending}`, here).href;
}

/** The code with the package's names replaced by where its entries are. */
export function withEntries(code: string): string {
  return code.replace(
    /( from )"(anysock(?:\/[a-z]+)?)"/g,
    (_, from: string, name: string) => `${from}"${entryUrl(name)}"`,
  );
}

/** A module that this runtime can load; Node 20 knows no types. */
export async function writeModule(
  dir: string,
  code: string,
  name = "program",
): Promise<string> {
  const resolved = withEntries(code);
  const isCompiled = import.meta.url.endsWith(".js");
  const path = join(dir, `${name}${isCompiled ? ".mjs" : ".mts"}`);
  await writeFile(path, isCompiled ? await stripTypes(resolved) : resolved);
  return pathToFileURL(path).href;
}

async function stripTypes(code: string): Promise<string> {
  const { default: ts } = await import("typescript");
  const compilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    verbatimModuleSyntax: true,
  };
  return ts.transpileModule(code, { compilerOptions }).outputText;
}
