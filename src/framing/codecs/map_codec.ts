/**
 * Codecs made of other codecs by a pair of functions.
 *
 * @module
 */

import type { Bytes } from "../../contracts.ts";
import { CorruptFrameError } from "../../errors.ts";
import { checkCodec, checkMembers, type Codec, encoderOf } from "../codec.ts";
import {
  DROPPED,
  NONE,
  PullDecoder,
  type Pulled,
} from "../decoding/pull_decoder.ts";
import { pullDecoder } from "../decoding/push_adapter.ts";

/** How the messages of a codec become others, and back. */
export interface Mapping<Out, In, NewOut, NewIn = NewOut> {
  /** Makes a message of a frame; what it throws is a `CorruptFrameError`. */
  decode(frame: Out): NewOut;
  /** Makes a frame of a message; what it throws, `encode` throws. */
  encode(message: NewIn): In;
}

/**
 * A codec whose messages are made of those of another.
 *
 * @example Numbers in netstrings
 * ```ts
 * import { mapCodec, netstring } from "@anysock/anysock/framing";
 *
 * const numbers = mapCodec(netstring(), {
 *   decode: (bytes) => Number(new TextDecoder().decode(bytes)),
 *   encode: (value: number) => String(value),
 * });
 * const frame = numbers.encoder().encode(1998); // 4:1998,
 * console.log(numbers.decoder().push(frame)); // 1998
 * ```
 *
 * @throws {TypeError} if `codec` is none or a function is missing
 */
export function mapCodec<Out, In, NewOut, NewIn = NewOut>(
  codec: Codec<Out, In>,
  mapping: Mapping<Out, In, NewOut, NewIn>,
): Codec<NewOut, NewIn> {
  checkCodec(codec);
  checkMembers(mapping, "A mapping", ["decode", "encode"]);
  const inner = codec.encoder();
  const encoder = encoderOf<NewIn>((message, out) =>
    inner.encodeInto(mapping.encode(message), out)
  );
  return {
    decoder: () =>
      new MapDecoder(pullDecoder(codec), (frame) => mapping.decode(frame)),
    encoder: () => encoder,
  };
}

class MapDecoder<Old, New> extends PullDecoder<New> {
  readonly #inner: PullDecoder<Old>;
  readonly #map: (frame: Old) => New;

  constructor(inner: PullDecoder<Old>, map: (frame: Old) => New) {
    super();
    this.#inner = inner;
    this.#map = map;
  }

  override get buffered(): number {
    return this.#inner.buffered;
  }

  override get need(): number | undefined {
    return this.#inner.need;
  }

  override get discarded(): number {
    return this.#inner.discarded;
  }

  override get position(): number {
    return this.#inner.position;
  }

  override feed(chunk: Uint8Array, from: number): void {
    this.#inner.feed(chunk, from);
  }

  override take(): Bytes {
    return this.#inner.take();
  }

  override stopBehindFrames(): this {
    this.#inner.stopBehindFrames();
    return this;
  }

  override next(): Pulled<New> {
    const frame = this.#inner.next();
    if (frame === NONE) return NONE;
    return frame === DROPPED ? DROPPED : this.#decode(frame);
  }

  override drain(out: New[]): void {
    let frames: Old[] = [];
    let failure: unknown;
    try {
      frames = this.#inner.begin();
      this.#inner.drain(frames);
    } catch (error) {
      failure = error;
    }
    // The frames ahead of a bad one come first.
    for (const frame of frames) out.push(this.#decode(frame));
    if (failure !== undefined) throw failure;
  }

  override finish(out: New[]): void {
    const frames: Old[] = [];
    this.#inner.finish(frames);
    for (const frame of frames) out.push(this.#decode(frame));
  }

  #decode(frame: Old): New {
    try {
      return this.#map(frame);
    } catch (cause) {
      if (cause instanceof CorruptFrameError) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new CorruptFrameError(`No message: ${reason}`, { cause });
    }
  }
}
