/**
 * Messages that all have the same length.
 *
 * @module
 */

import { toBytes } from "../../bytes.ts";
import type { Bytes, BytesLike } from "../../contracts.ts";
import { checkCount, type Codec, encoderOf, type Limits } from "../codec.ts";
import { MeasuredDecoder } from "../decoding/measured_decoder.ts";

/**
 * Every message is exactly `size` bytes.
 *
 * @example
 * ```ts
 * import { fixedLength } from "@anysock/anysock/framing";
 *
 * const decoder = fixedLength(2).decoder();
 * console.log(decoder.push(new Uint8Array([1, 2, 3, 4, 5]))); // [1, 2], [3, 4]
 * console.log(decoder.need); // 1
 * ```
 *
 * @throws {RangeError} unless `size` is an integer above 0
 */
export function fixedLength(size: number): Codec<Bytes, BytesLike> {
  checkCount(size, "size", 1);
  const encoder = encoderOf<BytesLike>((message, out) => {
    const bytes = toBytes(message);
    if (bytes.length !== size) {
      throw new RangeError(
        `Every message is ${size} bytes long: ${bytes.length}`,
      );
    }
    out.bytes(bytes);
  });
  return {
    decoder: () => new FixedLengthDecoder(size),
    encoder: () => encoder,
  };
}

/** The size of a frame is its own limit. */
const NO_LIMITS: Limits = { maxLength: Infinity, discards: false };
const NOTHING: [number, number] = [0, 0];

/** Cuts the stream into equal pieces. */
class FixedLengthDecoder extends MeasuredDecoder {
  readonly #size: number;

  /** Made by codecs. */
  constructor(size: number) {
    super(NO_LIMITS);
    this.#size = size;
  }

  protected override measure(): number {
    return this.#size;
  }

  protected override trim(): [number, number] {
    return NOTHING;
  }

  /** So many more bytes are needed. */
  override get need(): number {
    return this.#size - this.held.length;
  }
}
