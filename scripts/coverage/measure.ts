/**
 * Runs files of tests in one process of a runtime, and asks it which lines of
 * `src` ran. Programs that the tests start are counted, too, where they are of
 * the same runtime: the environment tells Deno and Node to note what they run.
 * Bun notes it for tests alone.
 *
 * @module
 */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findRuntime, kindOf, type RuntimeName } from "../../tests/runtimes.ts";
import { type Finished, root, run } from "../lib.ts";
import { DENO_TEST, nodeFiles } from "../test/runner.ts";
import { readLcov } from "./lcov.ts";
import { addHits, type Hits } from "./lines.ts";
import { linesRun, type V8Script } from "./v8.ts";

const MOST_MS = 20 * 60_000;

/** What ran, and whether every test passed. */
export interface Measured {
  readonly hits: Hits;
  readonly finished: Finished;
}

type Env = Readonly<Record<string, string>>;

/** Runs files of tests on a runtime. */
export async function measure(
  name: RuntimeName,
  files: readonly string[],
  env: Env,
): Promise<Measured> {
  const runtime = findRuntime(name);
  if (typeof runtime === "string") throw new Error(runtime);
  const { command, runsTypeScript } = runtime;
  const folder = mkdtempSync(join(tmpdir(), "anysock-coverage-"));
  const start = (args: readonly string[], more: Env = {}) =>
    run(command, args, {
      env: { NO_COLOR: "1", ...env, ...more },
      timeoutMs: MOST_MS,
    });
  try {
    if (kindOf(name) === "deno") {
      const args = [...DENO_TEST, ...files];
      const finished = await start(args, { DENO_COVERAGE_DIR: folder });
      const shown = ["coverage", "--lcov", "--quiet", "--include=/src/"];
      const { output } = await start([...shown, folder]);
      return { hits: readLcov(output, root), finished };
    }
    if (kindOf(name) === "bun") {
      const how = ["--coverage", "--coverage-reporter=lcov"];
      const paths = files.map((file) => `./${file}`);
      const args = ["test", ...how, `--coverage-dir=${folder}`, ...paths];
      const finished = await start(args);
      const text = readFileSync(join(folder, "lcov.info"), "utf8");
      return { hits: readLcov(text, root), finished };
    }
    const finished = await start(
      ["--test-reporter=dot", ...nodeFiles(files, runsTypeScript)],
      { NODE_V8_COVERAGE: folder },
    );
    const hits: Hits = new Map();
    for (const report of readdirSync(folder)) {
      addHits(hits, readV8(join(folder, report)));
    }
    return { hits, finished };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readV8(path: string): Hits {
  const hits: Hits = new Map();
  const { result } = JSON.parse(readFileSync(path, "utf8"));
  for (const { url, functions } of result as readonly V8Script[]) {
    if (!url.startsWith("file://")) continue;
    const file = fileURLToPath(url).slice(root.length + 1);
    if (!/^(?:\.build\/)?src\//.test(file)) continue;
    const text = readFileSync(join(root, file), "utf8");
    addHits(hits, new Map([[file, linesRun(text, functions)]]));
  }
  return hits;
}
