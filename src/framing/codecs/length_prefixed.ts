/**
 * Messages that are preceded by their length.
 *
 * @module
 */

import { toBytes } from "../../bytes.ts";
import type { Bytes, BytesLike } from "../../contracts.ts";
import { CorruptFrameError } from "../../errors.ts";
import {
  checkCount,
  checkLimits,
  type Codec,
  encoderOf,
  type FrameLimits,
} from "../codec.ts";
import {
  type LengthField,
  lengthField,
  type LengthHeader,
} from "./length_field.ts";
import { encodeMessage, type Layout } from "./length_encoding.ts";
import { MeasuredDecoder } from "../decoding/measured_decoder.ts";
import { DROPPED, NONE } from "../decoding/window_decoder.ts";
import {
  type CutFrames,
  cutU32Frames,
  cutVarintFrames,
} from "./plain_frames.ts";

/**
 * Where the length stands and what it counts:
 *
 * ```text
 * offset bytes | length field | the bytes that follow
 * ```
 *
 * So many bytes follow the field: the length, plus `adjustment`, minus the
 * field's own width if `includesHeader`.
 */
export interface LengthPrefixedOptions extends FrameLimits {
  /** How the length is written; `"u32"` unless told. */
  readonly header?: LengthHeader;
  /** Whether the low byte of the length comes first; not unless told. */
  readonly littleEndian?: boolean;
  /** Bytes in front of the length field; 0 unless told. */
  readonly offset?: number;
  /** Is added to the length; may be negative; 0 unless told. */
  readonly adjustment?: number;
  /** Whether the length counts its own field; not unless told. */
  readonly includesHeader?: boolean;
  /**
   * How many bytes of the frame's beginning are no part of the message; those
   * in front of the field and the field itself unless told. 0 keeps them all.
   */
  readonly strip?: number;
}

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

function checkLayout(options: LengthPrefixedOptions): Layout {
  const { header = "u32", offset = 0, adjustment = 0, strip } = options;
  checkCount(offset, "offset", 0);
  checkCount(adjustment, "adjustment", Number.MIN_SAFE_INTEGER);
  if (strip !== undefined) checkCount(strip, "strip", 0);
  const little = options.littleEndian ?? false;
  lengthField(header, little);
  const includesHeader = options.includesHeader ?? false;
  return {
    header,
    little,
    offset,
    adjustment,
    includesHeader,
    strip,
    isPlain: offset === 0 && adjustment === 0 && !includesHeader &&
      strip === undefined,
    limits: checkLimits(options),
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
    const { buffer, byteOffset, length: end } = chunk;
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
      out.push(
        new Uint8Array(buffer as ArrayBuffer, byteOffset + start, next - start),
      );
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
