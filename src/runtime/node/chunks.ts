/**
 * Memory on its way into sockets and out of them.
 *
 * @module
 */

import type { Bytes } from "../../contracts.ts";
import { bufferModule } from "./native.ts";

/** The chunk as the only view of its memory; pooled ones are copied. */
export function alone(chunk: Uint8Array): Bytes {
  if (!isAlone(chunk)) return new Uint8Array(chunk);
  // A Buffer is no plain array: its `slice()` is no copy.
  return chunk.constructor === Uint8Array
    ? chunk
    : new Uint8Array(chunk.buffer);
}

/** Whether a chunk is all of its memory. */
export function isAlone(chunk: Uint8Array): chunk is Bytes {
  const { buffer } = chunk;
  return buffer instanceof ArrayBuffer && chunk.length === buffer.byteLength;
}

/** V8 keeps typed arrays of up to so many bytes in its heap. */
const IN_HEAP_BYTES = 64;

/**
 * Streams ask for the `buffer` of what they write, and that moves a short
 * array out of the heap: 0.25 µs, and a sweep later. A pooled copy costs 0.05.
 */
export function outOfHeap(data: Uint8Array): Uint8Array {
  // A Buffer lies outside already, most often in the pool.
  const isOut = data.length > IN_HEAP_BYTES || data.constructor !== Uint8Array;
  return isOut ? data : bufferModule().Buffer.from(data);
}
