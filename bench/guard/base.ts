/** The older tree that this one is compared with. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repositoryRoot } from "../../tests/runtimes.ts";

/**
 * The commit that a text names, or that of the newest release.
 *
 * @throws {RangeError} when there is none
 */
export function baseCommit(text: string): string {
  const name = text === "" ? newestRelease() : text;
  const { status, stdout } = git("rev-parse", "--verify", `${name}^{commit}`);
  if (status === 0) return stdout.toString().trim();
  throw new RangeError(`--base: there is no commit ${JSON.stringify(name)}`);
}

function newestRelease(): string {
  const { stdout } = git("tag", "--list", "v*", "--sort=-v:refname");
  const [newest = ""] = stdout.toString().split("\n");
  if (newest !== "") return newest;
  throw new RangeError("There is no release yet: say --base COMMIT");
}

/** Calls with a folder that holds a commit's files, and removes it again. */
export async function withTree<T>(
  commit: string,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "anysock-base-"));
  try {
    const { stdout } = git("archive", commit);
    const { status, stderr } = spawnSync("tar", ["-x", "-C", folder], {
      input: stdout,
    });
    if (status !== 0) throw new Error(`tar: ${stderr}`);
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function git(...args: readonly string[]) {
  return spawnSync("git", args, {
    cwd: repositoryRoot(),
    maxBuffer: 1 << 28,
  });
}
