/**
 * The file system as `node:fs` gives it, and the paths of listeners in it.
 *
 * @module
 */

import type { Address, HostAndPort } from "../../contracts.ts";
import type { FileCalls } from "../own_path.ts";
import { claimPath, type PathClaim } from "../path_claim.ts";
import { builtin } from "./builtins.ts";
import { fsModule } from "./native.ts";
import { mayMakeSocketAt } from "./permission.ts";

/** The part of `process` that is used. */
interface Process {
  /** To the process that has forked this one. */
  readonly channel?: unknown;
  cwd(): string;
}

function host(): Process {
  // dnt-shim-ignore
  return (globalThis as unknown as { process: Process }).process;
}

const NODE_FILES: FileCalls = {
  lstat: (path) => fsModule().lstatSync(path, { bigint: true }),
  create(path): void {
    const { openSync, closeSync } = fsModule();
    closeSync(openSync(path, "wx"));
  },
  rename: (from, to) => fsModule().renameSync(from, to),
  unlink: (path) => fsModule().unlinkSync(path),
  cwd: () => host().cwd(),
};

/** Like `claimPath`; the workers of a cluster share one path, and none owns it. */
export function claimNodePath(
  address: Address | HostAndPort,
): PathClaim | undefined {
  if (!("path" in address) || isClusterWorker()) return undefined;
  return claimPath(NODE_FILES, address, mayMakeSocketAt);
}

/** A thread may not even ask. */
function hasChannel(): boolean {
  try {
    return host().channel !== undefined;
  } catch {
    return false;
  }
}

function isClusterWorker(): boolean {
  if (!hasChannel()) return false;
  return builtin<{ readonly isWorker: boolean }>("node:cluster").isWorker;
}
