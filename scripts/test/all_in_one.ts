/**
 * Loads test files into one process of Node; each is an argument, a path.
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

// Tests run one after the other, and the first of them waits for all: else
// Node takes those that came first for all that will come.
const loading = load(process.argv.slice(2));
test("every file loads", () => loading);
