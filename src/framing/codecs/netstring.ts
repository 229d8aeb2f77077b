/**
 * D. J. Bernstein's netstrings.
 *
 * @module
 */

import { toBytes } from "../../bytes.ts";
import type { Bytes, BytesLike } from "../../contracts.ts";
import { CorruptFrameError } from "../../errors.ts";
import {
  checkLimits,
  checkPayload,
  type Codec,
  encoderOf,
  type FrameLimits,
} from "../codec.ts";
import { digitAt } from "./length_field.ts";
import { MeasuredDecoder } from "../decoding/measured_decoder.ts";

const COLON = 0x3a;
const COMMA = 0x2c;
const ZERO = 0x30;

/** More digits could not be counted exactly. */
const MOST_DIGITS = 15;

/**
 * Every message is written as its length in decimal digits, a colon, the
 * bytes, and a comma: `5:hello,`. Leading zeros are not allowed.
 *
 * @example
 * ```ts
 * import { netstring } from "@anysock/anysock/framing";
 *
 * const frame = netstring().encoder().encode("hello"); // 5:hello,
 * const [message] = netstring().decoder().push(frame);
 * console.log(new TextDecoder().decode(message)); // hello
 * ```
 *
 * @throws {RangeError} if `maxLength` is out of range
 */
export function netstring(
  options: FrameLimits = {},
): Codec<Bytes, BytesLike> {
  const limits = checkLimits(options);
  const encoder = encoderOf<BytesLike>((message, out) => {
    const bytes = toBytes(message);
    checkPayload(bytes.length, limits);
    out.utf8(`${bytes.length}:`).bytes(bytes).u8(COMMA);
  });
  return {
    decoder: () => new NetstringDecoder(limits),
    encoder: () => encoder,
  };
}

class NetstringDecoder extends MeasuredDecoder {
  readonly #trim: [number, number] = [0, 1];

  protected override measure(
    bytes: Uint8Array,
    start: number,
    end: number,
  ): number {
    let length = 0;
    for (let at = start; at < end; at++) {
      if (bytes[at] === COLON && at > start) {
        if (length > this.limits.maxLength) this.tooLong(length);
        this.#trim[0] = at + 1 - start;
        return at + 1 - start + length + 1;
      }
      length = length * 10 + digitAt(bytes, at);
      const hasLeadingZero = bytes[start] === ZERO && at > start;
      if (hasLeadingZero || at - start === MOST_DIGITS) {
        throw new CorruptFrameError("A netstring's length is not canonical");
      }
      // It only gets longer: told before the colon comes.
      if (length > this.limits.maxLength && !this.limits.discards) {
        this.tooLong(length);
      }
    }
    return -(end - start + 1);
  }

  protected override least(bytes: Uint8Array, size: number): number {
    if (size === 0) return 3;
    let length = 0;
    for (let at = 0; at < size; at++) length = length * 10 + digitAt(bytes, at);
    // The shortest frame that goes on so: a colon, the bytes, and a comma.
    return size + 1 + length + 1;
  }

  protected override trim(): [number, number] {
    return this.#trim;
  }

  protected override checkLast(last: number): void {
    if (last !== COMMA) {
      throw new CorruptFrameError(
        `A netstring ends with a comma: byte ${last}`,
      );
    }
  }
}
