/** The libraries that ours is compared with, where each runtime finds them. */

import { spawnSync } from "node:child_process";
import { existsSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "../../tests/runtimes.ts";

/** The libraries are those of bench/package-lock.json. */
export function installRivals(): void {
  const bench = join(repositoryRoot(), "bench");
  if (!existsSync(join(bench, "node_modules"))) {
    const { status, stderr } = spawnSync("npm", ["ci"], {
      cwd: bench,
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`npm ci in bench failed:\n${stderr}`);
  }
}

/** Node 20 runs what was compiled and looks for the libraries beside that. */
export function showRivalsToCompiled(): void {
  const link = join(repositoryRoot(), ".build/bench/node_modules");
  if (!existsSync(link)) symlinkSync("../../bench/node_modules", link);
}
