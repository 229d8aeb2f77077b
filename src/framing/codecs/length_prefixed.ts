/**
 * Messages that are preceded by their length.
 *
 * @module
 */

import { COPIES_SHORT, toBytes } from "../../bytes.ts";
import type { Bytes, BytesLike } from "../../contracts.ts";
import { CorruptFrameError } from "../../errors.ts";
import { type Codec, encoderOf } from "../codec.ts";
import { MeasuredDecoder } from "../decoding/measured_decoder.ts";
import { DROPPED, NONE } from "../decoding/pull_decoder.ts";
import { encodeMessage } from "./length_encoding.ts";
import { type LengthField, lengthField } from "./length_field.ts";
import {
  checkLayout,
  type Layout,
  type LengthPrefixedOptions,
} from "./length_layout.ts";

/**
 * Every message is preceded by its length: a number, a varint or ASCII digits.
 *
 * An encoder writes zeros for what `strip` takes off, and the length. What
 * `strip` leaves is part of the message; a length that is left must be right.
 *
 * @example The socket HOWTO's five digits
 * ```ts
 * import { lengthPrefixed } from "@anysock/anysock/framing";
 *
 * const codec = lengthPrefixed({ header: { digits: 5 } });
 * const frame = codec.encoder().encode("hello"); // 00005hello
 * console.log(codec.decoder().push(frame).length); // 1
 * ```
 *
 * @throws {RangeError} if an option is out of range
 * @throws {TypeError} if an option is of the wrong kind
 */
export function lengthPrefixed(
  options: LengthPrefixedOptions = {},
): Codec<Bytes, BytesLike> {
  const layout = checkLayout(options);
  const field = lengthField(layout.header, layout.little);
  const encoder = encoderOf<BytesLike>((message, out) =>
    encodeMessage(toBytes(message), out, field, layout)
  );
  return {
    decoder: () => new LengthPrefixedDecoder(layout),
    encoder: () => encoder,
  };
}

/** The loop for a usual layout, if it is one. */
function cutterFor(layout: Layout): CutFrames | undefined {
  if (!layout.isPlain) return undefined;
  if (layout.header === "varint") return cutVarintFrames;
  return layout.header === "u32" && !layout.little ? cutU32Frames : undefined;
}

/** Cuts the stream by the lengths in it. */
class LengthPrefixedDecoder extends MeasuredDecoder {
  readonly #layout: Layout;
  readonly #field: LengthField;
  readonly #cutFrames: CutFrames | undefined;
  readonly #trim: [number, number] = [0, 0];

  constructor(layout: Layout) {
    super(layout.limits);
    this.#layout = layout;
    this.#field = lengthField(layout.header, layout.little);
    this.#cutFrames = cutterFor(layout);
  }

  protected override measure(
    bytes: Uint8Array,
    start: number,
    end: number,
  ): number {
    const { offset, adjustment, includesHeader, strip } = this.#layout;
    const field = this.#field;
    const at = start + offset;
    if (end <= at) return -(offset + 1);
    const length = field.read(bytes, at, end);
    // One byte more may be enough to tell that the length is bad.
    if (length < 0) return -(end - start + 1);
    const head = offset + field.width;
    const body = length + adjustment - (includesHeader ? field.width : 0);
    if (body < 0 || (strip !== undefined && strip > head + body)) {
      throw new CorruptFrameError(
        `A length of ${length} is too small for its frame`,
      );
    }
    this.#trim[0] = strip ?? head;
    if (body > this.limits.maxLength) this.tooLong(body);
    return head + body;
  }

  /** Adds all frames of the chunk. */
  override drain(out: Bytes[]): void {
    while (!this.isFresh) {
      const frame = this.next();
      if (frame === NONE) return;
      if (frame !== DROPPED) out.push(frame);
    }
    const cutFrames = this.#cutFrames;
    if (cutFrames !== undefined) {
      const { maxLength } = this.limits;
      this.at = cutFrames(this.chunk, this.at, maxLength, out);
    } else this.#drainWhole(out);
    // What straddles the chunk's end, and what is wrong.
    super.drain(out);
  }

  /**
   * Adds the frames that are whole and right. Most are: so this loop has all
   * it needs in local variables, and costs half of asking frame by frame.
   */
  #drainWhole(out: Bytes[]): void {
    const { chunk } = this;
    const field = this.#field;
    const { offset, adjustment, includesHeader, strip } = this.#layout;
    const { maxLength } = this.limits;
    const { byteOffset, length: end } = chunk;
    const buffer = chunk.buffer as ArrayBuffer;
    let at = this.at;
    for (;;) {
      const length = field.read(chunk, at + offset, end);
      if (length < 0) break;
      const { width } = field;
      const head = at + offset + width;
      const body = length + adjustment - (includesHeader ? width : 0);
      const next = head + body;
      const start = strip === undefined ? head : at + strip;
      if (body < 0 || body > maxLength || next > end || start > next) break;
      out.push(frameAt(chunk, buffer, byteOffset + start, next - start));
      at = next;
    }
    this.at = at;
  }

  protected override least(bytes: Uint8Array, size: number): number {
    const { offset } = this.#layout;
    if (size <= offset) return offset + this.#field.least;
    this.measure(bytes, 0, size);
    return offset + this.#field.width;
  }

  protected override trim(): [number, number] {
    return this.#trim;
  }
}

/**
 * A frame of the chunk, which begins at `offset` of its buffer. Not by
 * `subarray`, which takes a third longer on Node.
 */
type FrameAt = (
  chunk: Uint8Array,
  buffer: ArrayBuffer,
  offset: number,
  length: number,
) => Bytes;

const viewAt: FrameAt = (_chunk, buffer, offset, length) =>
  new Uint8Array(buffer, offset, length);

/** Up to this size a copy is cheaper than a view, where it ever is. */
const COPIED_BYTES = 32;

const copyShortAt: FrameAt = (chunk, buffer, offset, length) => {
  if (length > COPIED_BYTES) return viewAt(chunk, buffer, offset, length);
  const start = offset - chunk.byteOffset;
  const copy = new Uint8Array(length);
  for (let i = 0; i < length; i++) copy[i] = chunk[start + i]!;
  return copy;
};

const frameAt = COPIES_SHORT ? copyShortAt : viewAt;

// ---- the usual layouts

/**
 * The frames that most protocols have, a length and so many bytes, are cut by
 * a loop of their own for each of the usual lengths: Bun decodes 6 % faster by
 * these than by the one loop for every layout.
 *
 * Adds the whole frames of `chunk` from `from` on, and gives where the first
 * begins that is not whole, or too long, or bad.
 */
type CutFrames = (
  chunk: Uint8Array,
  from: number,
  maxLength: number,
  out: Bytes[],
) => number;

/** The length has 32 bits, the high byte first. */
const cutU32Frames: CutFrames = (chunk, from, maxLength, out) => {
  const { byteOffset, length: end } = chunk;
  const buffer = chunk.buffer as ArrayBuffer;
  let at = from;
  for (let start = at + 4; start <= end; start = at + 4) {
    const length = ((chunk[at]! << 24) | (chunk[at + 1]! << 16) |
      (chunk[at + 2]! << 8) | chunk[at + 3]!) >>> 0;
    const next = start + length;
    if (length > maxLength || next > end) break;
    out.push(frameAt(chunk, buffer, byteOffset + start, length));
    at = next;
  }
  return at;
};

/** The bits of a varint that the loop reads: more is above any limit. */
const VARINT_BITS = 28;

/** The length is a varint: seven bits a byte, the low ones first. */
const cutVarintFrames: CutFrames = (chunk, from, maxLength, out) => {
  const { byteOffset, length: end } = chunk;
  const buffer = chunk.buffer as ArrayBuffer;
  let at = from;
  while (at < end) {
    let start = at + 1;
    let byte = chunk[at]!;
    let length = byte & 0x7f;
    for (let bits = 7; byte >= 0x80 && bits < VARINT_BITS; bits += 7) {
      if (start === end) return at;
      byte = chunk[start++]!;
      length |= (byte & 0x7f) << bits;
    }
    const next = start + length;
    if (byte >= 0x80 || length > maxLength || next > end) break;
    out.push(frameAt(chunk, buffer, byteOffset + start, length));
    at = next;
  }
  return at;
};
