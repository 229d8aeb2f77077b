/**
 * How a file over a connection is made and read.
 *
 * @module
 */

import type { WaitOptions } from "../../contracts.ts";
import { checkCount } from "../../arguments.ts";

/** What a file is for: reading, writing, or both. */
export type FileMode = "r" | "w" | "rw";

/** How a file is made. */
export interface FileOptions {
  /** Reads give and writes take text in this encoding. Bytes without. */
  readonly encoding?: "utf-8";
  /**
   * So many bytes of small writes are gathered; default 8,192, which is
   * Python's `io.DEFAULT_BUFFER_SIZE`. `0` sends each write at once.
   */
  readonly bufferSize?: number;
}

/** Options of reads whose length only the peer knows. */
export interface FileReadOptions extends WaitOptions {
  /** At most so many bytes; over it `LimitOverrunError`, and they stay. */
  readonly maxBytes?: number;
}

/** How many bytes a read may take: as told, or `other`. */
export function toLimit(
  options: FileReadOptions | undefined,
  other: number,
): number {
  return checkCount(options?.maxBytes ?? other, "maxBytes");
}
