/**
 * A folder of its own for a test that needs files or Unix sockets.
 *
 * @module
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Calls `fn` with the path of a new, empty folder and removes it afterwards.
 * The path is short enough for Unix sockets, which end at 107 bytes.
 */
export async function withTempDir<T>(
  fn: (dir: string) => T | Promise<T>,
): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), "anysock-"));
  try {
    return await fn(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
