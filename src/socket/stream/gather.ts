/**
 * Many pieces in few writes.
 *
 * @module
 */

import { concat } from "../../byte_queue.ts";

/** At most so many accepted bytes are unwritten. */
export const WRITE_MARK_BYTES = 65_536;

/** Chunks from this size on are worth a write of their own. */
const LARGE_CHUNK_BYTES = 16_384;

/** All of them in one array; one alone as it is. */
export function concatIfMany(chunks: readonly Uint8Array[]): Uint8Array {
  return chunks.length === 1 ? chunks[0] as Uint8Array : concat(chunks);
}

/**
 * Fewer, larger writes: runs of small chunks become one array of at most the
 * mark, large ones go as they are. The copy is cheaper than a system call:
 * 16 KiB take 0.2–0.3 µs, a write 2 µs and more.
 */
export function gather(chunks: readonly Uint8Array[]): readonly Uint8Array[] {
  if (chunks.length === 1 && chunks[0]?.length !== 0) return chunks;
  const writes: Uint8Array[] = [];
  let run: Uint8Array[] = [];
  let runBytes = 0;
  const endRun = () => {
    if (runBytes > 0) writes.push(concatIfMany(run));
    run = [];
    runBytes = 0;
  };
  for (const chunk of chunks) {
    if (runBytes + chunk.length > WRITE_MARK_BYTES) endRun();
    if (chunk.length >= LARGE_CHUNK_BYTES) {
      endRun();
      writes.push(chunk);
    } else if (chunk.length > 0) {
      run.push(chunk);
      runBytes += chunk.length;
    }
  }
  endRun();
  return writes;
}
