/**
 * A copy of the project whose files may be changed.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { findRuntime } from "../../tests/runtimes.ts";
import { root, run } from "../lib.ts";
import { NODE_CACHE, nodeFiles, QUICK } from "../test/runner.ts";
import { type Mutant, mutated } from "./mutants.ts";

/** How tests go on a copy: `"killed"` says that one of them failed. */
export type Fate = "killed" | "timeout" | "survived";

/** Dependencies, and what was compiled for Node 20, which stays as it is. */
const LINKED = [
  "node_modules",
  "tools/runtimes/node_modules",
  "tools/oldest/node_modules",
  "examples/integrations/node_modules",
  "bench/node_modules",
];

/** Besides what the tests take: a start, and other work of the machine. */
const SPARE_MS = 12_000;
const PATIENCE = 3;

/** Quick: less is tried at random, for there are many changes. */
const ENV: Readonly<Record<string, string>> = {
  NO_COLOR: "1",
  ...QUICK,
  ...NODE_CACHE,
};

/** One copy; a change at a time is made in it. */
export class Sandbox {
  readonly #folder: string;

  /** Copies all that git knows, and what is new. */
  constructor(name: string) {
    this.#folder = join(root, ".build", "mutate", name);
    rmSync(this.#folder, { recursive: true, force: true });
    const args = ["ls-files", "--cached", "--others", "--exclude-standard"];
    const listed = execFileSync("git", args, { cwd: root, encoding: "utf8" });
    for (const file of listed.split("\n")) {
      const from = join(root, file);
      if (file === "" || !existsSync(from)) continue;
      const to = join(this.#folder, file);
      mkdirSync(dirname(to), { recursive: true });
      copyFileSync(from, to);
    }
    for (const path of LINKED.filter((each) => existsSync(join(root, each)))) {
      symlinkSync(join(root, path), join(this.#folder, path));
    }
    symlinkSync(join(root, ".build"), join(this.#folder, ".build"));
  }

  /** Makes the change, asks the batches until one notices it, and undoes it. */
  async try(
    mutant: Mutant,
    batches: readonly { files: readonly string[]; seconds: number }[],
  ): Promise<{ fate: Fate; by: string }> {
    const path = join(this.#folder, mutant.file);
    const text = readFileSync(join(root, mutant.file), "utf8");
    writeFileSync(path, mutated(text, mutant));
    try {
      for (const { files, seconds } of batches) {
        const found = await this.#run(files, seconds);
        if (found.fate !== "survived") return found;
      }
      return { fate: "survived", by: "" };
    } finally {
      writeFileSync(path, text);
    }
  }

  /** Runs tests in one process. */
  async #run(
    files: readonly string[],
    seconds: number,
  ): Promise<{ fate: Fate; by: string }> {
    const node = findRuntime("node26");
    if (typeof node === "string") throw new Error(node);
    const timeoutMs = SPARE_MS + PATIENCE * 1000 * seconds;
    const start = performance.now();
    const args = ["--test-reporter=tap", ...nodeFiles(files, true)];
    const { code, output } = await run(node.command, args, {
      cwd: this.#folder,
      env: ENV,
      timeoutMs,
    });
    if (code === 0) return { fate: "survived", by: "" };
    if (performance.now() - start > timeoutMs) {
      return { fate: "timeout", by: files.join(" ") };
    }
    const failed = /^\s*not ok \d+ - (.*)$/m.exec(output)?.[1];
    return { fate: "killed", by: failed ?? output.trim().slice(0, 200) };
  }
}
