/** Small helpers of the framing tests. */

import type { Codec, Decoder } from "../../src/framing/mod.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("latin1");

/** Bytes from hexadecimal digits; whatever else is in the text is ignored. */
export function hex(text: string): Uint8Array<ArrayBuffer> {
  const pairs = text.replace(/[^0-9a-f]/gi, "").match(/../g) ?? [];
  return Uint8Array.from(pairs, (pair) => parseInt(pair, 16));
}

/** The UTF-8 bytes of text. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/** A frame in a form that `deepEqual` shows well: bytes as text. */
export function show(frame: unknown): unknown {
  if (frame instanceof Uint8Array) return `b:${decoder.decode(frame)}`;
  if (typeof frame === "object" && frame !== null && "value" in frame) {
    return { ...frame, value: show(frame.value) };
  }
  return frame;
}

/** What a decoder made of a stream. */
export interface Outcome {
  /** The frames, shown. */
  readonly frames: unknown[];
  /** The error's name and, of an incomplete frame, its bytes. */
  readonly error: string | undefined;
  /** How many frames were dropped. */
  readonly discarded: number;
  /** The most bytes that the decoder ever held. */
  readonly held: number;
}

/** Cuts bytes at the given places, in any order. */
export function cut(
  bytes: Uint8Array,
  places: readonly number[],
): Uint8Array[] {
  const sorted = [...places].sort((a, b) => a - b);
  const ends = [...sorted, bytes.length];
  return ends.map((end, i) => bytes.slice(sorted[i - 1] ?? 0, end));
}

/** Gives a stream to a new decoder, chunk by chunk, to its end. */
export function decode(
  codec: Codec<unknown, never>,
  chunks: readonly Uint8Array[],
): Outcome {
  const decoder: Decoder<unknown> = codec.decoder();
  const frames: unknown[] = [];
  let error: string | undefined;
  let held = 0;
  try {
    for (const chunk of chunks) {
      frames.push(...decoder.push(chunk).map(show));
      held = Math.max(held, decoder.buffered);
    }
    frames.push(...decoder.end().map(show));
  } catch (thrown) {
    error = describe(thrown);
  }
  return { frames, error, discarded: decoder.discarded ?? 0, held };
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const partial = "partial" in error ? ` ${show(error.partial)}` : "";
  const seen = "seen" in error ? ` ${error.seen}` : "";
  return `${error.name}${seen}${partial}`;
}
