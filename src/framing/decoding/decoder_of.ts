/**
 * A decoder made of one function, for codecs written anywhere.
 *
 * @module
 */

import { show } from "../../address.ts";
import { slice } from "../../bytes.ts";
import type { Bytes } from "../../contracts.ts";
import {
  checkCount,
  checkLimits,
  type Decoder,
  type FrameLimits,
} from "../codec.ts";
import { MeasuredDecoder } from "./measured_decoder.ts";

/** What a frame consists of. */
export interface FrameShape {
  /** Bytes in front of the message. */
  readonly header: number;
  /** Bytes of the message, which `maxLength` bounds. */
  readonly payload: number;
  /** Bytes behind the message; default 0. */
  readonly trailer?: number;
}

/**
 * Tells the shape of the frame that begins with `bytes`, of which there is one
 * at least and may be more than the frame. If they are too few to tell, it
 * gives a number: so many bytes of the frame are needed at least.
 *
 * It is asked again when they have come, so it must not keep what it saw. What
 * it throws ends the decoder: a `CorruptFrameError` for bytes that begin no
 * frame.
 */
export type MeasureFrame = (bytes: Uint8Array) => FrameShape | number;

/**
 * A decoder of a function that tells how long a frame is. The messages are the
 * frames without header and trailer: views of the chunks where a chunk has the
 * whole frame, copies else. {@linkcode mapCodec} makes something else of them.
 *
 * @example Packets of a type, a length of one byte and a body; see `encoderOf`
 * ```ts
 * import { decoderOf } from "@anysock/anysock/framing";
 *
 * const decoder = decoderOf((bytes) => {
 *   const length = bytes[1];
 *   return length === undefined ? 2 : { header: 2, payload: length };
 * });
 * console.log(decoder.push(new Uint8Array([7, 2, 104]))); // nothing yet
 * console.log(decoder.need); // 1
 * console.log(decoder.push(new Uint8Array([105])).length); // 1
 * ```
 *
 * @throws {RangeError} if `maxLength` is out of range
 * @throws {TypeError} if an option is of the wrong kind
 */
export function decoderOf(
  measure: MeasureFrame,
  limits: FrameLimits = {},
): Decoder<Bytes> {
  if (typeof measure !== "function") {
    throw new TypeError(`measure is a function: ${show(measure)}`);
  }
  return new ShapeDecoder(measure, limits);
}

class ShapeDecoder extends MeasuredDecoder {
  readonly #measure: MeasureFrame;
  readonly #trim: [number, number] = [0, 0];

  constructor(measure: MeasureFrame, limits: FrameLimits) {
    super(checkLimits(limits));
    this.#measure = measure;
  }

  protected override measure(
    bytes: Uint8Array,
    start: number,
    end: number,
  ): number {
    const shape = this.#measure(slice(bytes, start, end));
    if (typeof shape === "number") {
      checkCount(shape, "What a frame needs", end - start + 1);
      return -shape;
    }
    const { header, payload, trailer = 0 } = shape;
    checkCount(header, "header", 0);
    checkCount(trailer, "trailer", 0);
    // Before it is asked whether it can be counted: the peer wrote it.
    const countable = Number.MAX_SAFE_INTEGER - header - trailer;
    if (payload > Math.min(this.limits.maxLength, countable)) {
      this.tooLong(payload);
    } else checkCount(payload, "payload", 0);
    const total = header + payload + trailer;
    if (total === 0) throw new RangeError("A frame has one byte at least");
    this.#trim[0] = header;
    this.#trim[1] = trailer;
    return total;
  }

  protected override least(bytes: Uint8Array, size: number): number {
    return size === 0 ? 1 : super.least(bytes, size);
  }

  protected override trim(): [number, number] {
    return this.#trim;
  }
}
