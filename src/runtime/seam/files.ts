/**
 * The part of the seam that opens files, for `sendFile`.
 *
 * @module
 */

import { Fault } from "./fault.ts";

/**
 * A regular file, open to be read from front to back. What fails, fails with a
 * Fault.
 */
export interface RawFile {
  /** Fills the front of `buffer`; gives the count, 0 at the end. */
  read(buffer: Uint8Array): Promise<number>;
  /** Releases the descriptor. */
  close(): Promise<void>;
}

/**
 * Throws for what is no regular file: opening a FIFO waits for a writer, and
 * nobody can call that off.
 */
export function demandRegular(isFile: boolean, isDirectory: boolean): void {
  if (isDirectory) throw new Fault("EISDIR");
  if (!isFile) throw new Fault("EINVAL", undefined, "it is no regular file");
}
