/** The streams that are decoded, cut into chunks of 64 KiB. */

/** What is decoded. */
export interface DecodeCase {
  /** Its name in the results. */
  readonly name: string;
  /** Bytes of payload in a frame. */
  readonly payload: number;
  /** How its frames are told apart. */
  readonly kind: "u32" | "varint" | "line";
}

/** All that is measured. */
export const DECODE_CASES: readonly DecodeCase[] = [
  { name: "u32, 32 B", payload: 32, kind: "u32" },
  { name: "u32, 1 KiB", payload: 1_024, kind: "u32" },
  { name: "varint, 32 B", payload: 32, kind: "varint" },
  { name: "varint, 1 KiB", payload: 1_024, kind: "varint" },
  { name: "lines, 32 B", payload: 32, kind: "line" },
];

const CHUNK_BYTES = 65_536;

/** One frame of a case. */
export function frameOf({ kind, payload }: DecodeCase): Uint8Array {
  const body = new Uint8Array(payload).fill(0x61);
  if (kind === "line") {
    body[payload - 1] = 0x0a;
    return body;
  }
  const head = kind === "u32"
    ? [0, 0, payload >> 8, payload & 0xff]
    : payload < 128
    ? [payload]
    : [(payload & 0x7f) | 0x80, payload >> 7];
  return Uint8Array.from([...head, ...body]);
}

/**
 * Chunks of 64 KiB that hold whole frames in the end, but mostly not at the
 * borders between them; to be gone through again and again.
 */
export function chunksOf(
  frame: Uint8Array,
): { chunks: readonly Uint8Array[]; frames: number } {
  let count = 1;
  while ((count * CHUNK_BYTES) % frame.length !== 0 && count < 1_100) count++;
  // A stream that never comes out even would make one border too many.
  const bytes = count < 1_100 ? count * CHUNK_BYTES : 1_100 * CHUNK_BYTES;
  const frames = Math.floor(bytes / frame.length);
  const stream = new Uint8Array(frames * frame.length);
  for (let i = 0; i < frames; i++) stream.set(frame, i * frame.length);
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < stream.length; at += CHUNK_BYTES) {
    // Memory of its own, as what a socket receives.
    chunks.push(stream.slice(at, at + CHUNK_BYTES));
  }
  return { chunks, frames };
}
