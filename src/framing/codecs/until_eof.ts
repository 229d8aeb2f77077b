/**
 * One message: all that comes until the end of the stream.
 *
 * @module
 */

import { toBytes } from "../../bytes.ts";
import type { Bytes, BytesLike } from "../../contracts.ts";
import {
  checkLimits,
  checkPayload,
  type Codec,
  encoderOf,
  type FrameLimits,
} from "../codec.ts";
import { NONE, type Pulled } from "../decoding/pull_decoder.ts";
import { WindowDecoder } from "../decoding/window_decoder.ts";

/**
 * The message is everything until the end of the stream: the fourth way of the
 * socket HOWTO. It may be empty. The sender ends it by shutting down the
 * connection; several messages sent are one message received.
 *
 * @example
 * ```ts
 * import { untilEof } from "@anysock/anysock/framing";
 *
 * const decoder = untilEof().decoder();
 * decoder.push(new Uint8Array([1, 2]));
 * decoder.push(new Uint8Array([3]));
 * console.log(decoder.end()); // [1, 2, 3]
 * ```
 *
 * @throws {RangeError} if `maxLength` is out of range
 */
export function untilEof(options: FrameLimits = {}): Codec<Bytes, BytesLike> {
  const limits = checkLimits(options);
  const encoder = encoderOf<BytesLike>((message, out) => {
    const bytes = toBytes(message);
    checkPayload(bytes.length, limits);
    out.bytes(bytes);
  });
  return {
    decoder: () => new UntilEofDecoder(limits),
    encoder: () => encoder,
  };
}

class UntilEofDecoder extends WindowDecoder<Bytes> {
  /** Only the end of the stream helps. */
  override get need(): undefined {
    return undefined;
  }

  override next(): Pulled<Bytes> {
    const size = this.buffered;
    const { maxLength } = this.limits;
    if (this.dropped > 0) this.feed(this.chunk, this.chunk.length);
    else if (size > maxLength) {
      this.tooLong(maxLength + 1);
      this.take();
    } else if (this.at < this.chunk.length) this.stash(maxLength);
    return NONE;
  }

  override finish(out: Bytes[]): void {
    if (this.dropped === 0) out.push(this.take());
  }
}
