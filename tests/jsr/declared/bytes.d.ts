/** What is used of `jsr:@std/bytes`, for where JSR cannot be reached. */

export function concat(
  buffers: Iterable<Uint8Array>,
): Uint8Array<ArrayBuffer>;
export function endsWith(source: Uint8Array, suffix: Uint8Array): boolean;
export function equals(a: Uint8Array, b: Uint8Array): boolean;
export function indexOfNeedle(
  source: Uint8Array,
  needle: Uint8Array,
  start?: number,
): number;
export function startsWith(source: Uint8Array, prefix: Uint8Array): boolean;
