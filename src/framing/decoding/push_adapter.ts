/**
 * Decoders written elsewhere, asked for one frame at a time.
 *
 * @module
 */

import { concat } from "../../byte_queue.ts";
import { NO_BYTES, slice } from "../../bytes.ts";
import type { Bytes } from "../../contracts.ts";
import { checkMembers, type Codec, type Decoder } from "../codec.ts";
import { NONE, PullDecoder, type Pulled } from "./pull_decoder.ts";

/** A decoder of the codec that can be asked for one frame at a time. */
export function pullDecoder<T>(codec: Codec<T, never>): PullDecoder<T> {
  const decoder = codec.decoder();
  if (decoder instanceof PullDecoder) return decoder;
  checkMembers(decoder, "A decoder", ["push", "end"]);
  return new PushAdapter(codec, decoder);
}

/**
 * Only the members of {@linkcode Decoder} are known here. An exact one never
 * gives the decoder more than it `need`s, so it stops at the end of each frame.
 * The other gives it whole chunks and remembers them: when bytes are to be
 * handed back, a new decoder tells where the last frame ended.
 */
class PushAdapter<T> extends PullDecoder<T> {
  readonly #codec: Codec<T, never>;
  readonly #decoder: Decoder<T>;
  #isExact = false;
  #chunk: Uint8Array = NO_BYTES;
  #at = 0;
  /** Whether the decoder was asked for an error after its last frame. */
  #isSettled = true;
  #frames: T[] = [];
  #given = 0;
  /** The bytes behind the last frame that came before `#frames`. */
  readonly #history = new Tail();

  constructor(codec: Codec<T, never>, decoder: Decoder<T>) {
    super();
    this.#codec = codec;
    this.#decoder = decoder;
  }

  override stopBehindFrames(): this {
    this.#isExact = true;
    return this;
  }

  override get buffered(): number {
    return this.#decoder.buffered + this.#chunk.length - this.#at;
  }

  override get need(): number | undefined {
    return this.#decoder.need;
  }

  override get discarded(): number {
    return this.#decoder.discarded ?? 0;
  }

  override get position(): number {
    return this.#at;
  }

  override feed(chunk: Uint8Array, from: number): void {
    this.#chunk = chunk;
    this.#at = from;
  }

  override next(): Pulled<T> {
    for (;;) {
      if (this.#given < this.#frames.length) {
        return this.#frames[this.#given++]!;
      }
      if (this.#at < this.#chunk.length) this.#step();
      else if (!this.#isSettled) this.#settle();
      else return NONE;
    }
  }

  #step(): void {
    const left = this.#chunk.length - this.#at;
    const size = this.#isExact
      ? Math.min(left, Math.max(1, this.#decoder.need ?? 1))
      : left;
    const part = slice(this.#chunk, this.#at, this.#at + size);
    this.#at += size;
    this.#remember(part);
    this.#isSettled = false;
    this.#accept(this.#decoder.push(part));
  }

  /** An error that follows the last frame comes out of one more call. */
  #settle(): void {
    this.#isSettled = true;
    const frames = this.#decoder.push(new Uint8Array(0));
    if (frames.length > 0) this.#accept(frames);
  }

  #accept(frames: T[]): void {
    this.#frames = frames;
    this.#given = 0;
  }

  #remember(part: Uint8Array): void {
    this.#history.cut(this.#decoder.buffered);
    this.#history.push(part);
  }

  override finish(out: T[]): void {
    for (const frame of this.#decoder.end()) out.push(frame);
  }

  override take(): Bytes {
    const behind = slice(this.#chunk, this.#at, this.#chunk.length);
    const inside = this.#given === this.#frames.length
      ? this.#history.last(this.#decoder.buffered)
      : this.#replay();
    this.feed(NO_BYTES, 0);
    return concat([inside, behind]);
  }

  /** The bytes behind the frames given. */
  #replay(): Uint8Array {
    const bytes = this.#history.whole();
    const again = new PushAdapter(this.#codec, this.#codec.decoder())
      .stopBehindFrames();
    again.feed(bytes, 0);
    for (let i = 0; i < this.#given; i++) again.next();
    return bytes.subarray(again.position);
  }
}

/**
 * The last bytes that came, in the chunks they came in: a frame of many pieces
 * must not be copied with each of them.
 */
class Tail {
  #chunks: Uint8Array[] = [];
  #length = 0;

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** Forgets all but the last `size` bytes. */
  cut(size: number): void {
    let index = 0;
    let surplus = this.#length - size;
    for (; surplus > 0; index++) {
      const chunk = this.#chunks[index] ?? NO_BYTES;
      if (chunk.length > surplus) break;
      surplus -= chunk.length;
    }
    this.#chunks.splice(0, index);
    if (surplus > 0) this.#chunks[0] = this.#chunks[0]!.subarray(surplus);
    this.#length = Math.min(this.#length, size);
  }

  /** The last `size` bytes. */
  last(size: number): Uint8Array {
    this.cut(size);
    return this.whole();
  }

  whole(): Uint8Array {
    const [only, second] = this.#chunks;
    return only !== undefined && second === undefined
      ? only
      : concat(this.#chunks);
  }
}
