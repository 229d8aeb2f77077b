/**
 * Loads test files into one process of Node, or one isolate of Deno, where each
 * would load all modules anew; each is an argument, a path.
 *
 * @module
 */

import { resolve } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

async function load(files: readonly string[]): Promise<void> {
  for (const file of files) await import(pathToFileURL(resolve(file)).href);
}

const loading = load(process.argv.slice(2));
// Deno takes what has been declared once the module has been loaded. On Node
// tests run one after the other, and the first of them waits for all: else
// those that came first are taken for all that will come.
if ("Deno" in globalThis) await loading;
else test("every file loads", () => loading);
