/**
 * The decoder of messages whose first bytes tell their type.
 *
 * @module
 */

import { concat } from "../../byte_queue.ts";
import type { Bytes } from "../../contracts.ts";
import { CorruptFrameError, IncompleteFrameError } from "../../errors.ts";
import type { Codec } from "../codec.ts";
import { exactDecoder } from "../decoding/push_adapter.ts";
import {
  DROPPED,
  NONE,
  PullDecoder,
  type Pulled,
} from "../decoding/window_decoder.ts";

/** Reads a tag, then hands over to the decoder of its type. */
export class TypeTaggedDecoder<Message> extends PullDecoder<Message> {
  readonly #types: ReadonlyMap<number, Codec<unknown, never>>;
  readonly #tagBytes: number;
  readonly #skips: boolean;
  /** The decoders made so far; each rests at the end of a frame. */
  readonly #decoders = new Map<number, PullDecoder<unknown>>();
  #chunk: Uint8Array = new Uint8Array(0);
  #at = 0;
  #tag = 0;
  /** How many bytes of the tag have come. */
  #seen = 0;
  /** The decoder of the value, once the tag is complete. */
  #value: PullDecoder<unknown> | undefined;
  #discarded = 0;
  /** What the value's decoder had dropped when the value began. */
  #discardedBefore = 0;

  /** Made by codecs. */
  constructor(
    types: ReadonlyMap<number, Codec<unknown, never>>,
    tagBytes: number,
    skips: boolean,
  ) {
    super();
    this.#types = types;
    this.#tagBytes = tagBytes;
    this.#skips = skips;
  }

  override get buffered(): number {
    const inside = this.#value?.buffered ??
      this.#chunk.length - this.#at;
    return this.#seen + inside;
  }

  override get need(): number | undefined {
    return this.#value ? this.#value.need : this.#tagBytes - this.#seen;
  }

  override get discarded(): number {
    return this.#discarded;
  }

  override get position(): number {
    return this.#at;
  }

  override feed(chunk: Uint8Array, from: number): void {
    this.#chunk = chunk;
    this.#at = from;
    this.#value?.feed(chunk, from);
  }

  override next(): Pulled<Message> {
    const value = this.#value ?? this.#readTag();
    if (value === undefined) return NONE;
    const frame = value.next();
    this.#at = frame === NONE ? this.#chunk.length : value.position;
    if (frame === NONE) return NONE;
    const tag = this.#tag;
    this.#startTag();
    if (frame !== DROPPED) return tagged(tag, frame);
    this.#discarded++;
    return DROPPED;
  }

  #startTag(): void {
    this.#tag = this.#seen = 0;
    this.#value = undefined;
  }

  /** Reads the tag and gives the decoder of its value, ready to go on. */
  #readTag(): PullDecoder<unknown> | undefined {
    while (this.#at < this.#chunk.length) {
      this.#tag = this.#tag * 256 + this.#chunk[this.#at++]!;
      if (++this.#seen < this.#tagBytes) continue;
      const value = this.#decoderOf(this.#tag);
      if (value !== undefined) {
        value.feed(this.#chunk, this.#at);
        this.#discardedBefore = value.discarded;
        return this.#value = value;
      }
      if (!this.#skips) {
        throw new CorruptFrameError(`No type has the tag ${this.#tag}`);
      }
      this.#startTag();
    }
    return undefined;
  }

  #decoderOf(tag: number): PullDecoder<unknown> | undefined {
    const known = this.#decoders.get(tag);
    if (known !== undefined) return known;
    const codec = this.#types.get(tag);
    if (codec === undefined) return undefined;
    const decoder = exactDecoder(codec);
    this.#decoders.set(tag, decoder);
    return decoder;
  }

  #tagSeen(): Bytes {
    const bytes = new Uint8Array(this.#seen);
    for (let i = 0, tag = this.#tag; i < this.#seen; i++, tag /= 256) {
      bytes[this.#seen - 1 - i] = tag & 0xff;
    }
    return bytes;
  }

  override take(): Bytes {
    const inside = this.#value?.take() ?? this.#chunk.slice(this.#at);
    const bytes = concat([this.#tagSeen(), inside]);
    this.#startTag();
    this.feed(new Uint8Array(0), 0);
    return bytes;
  }

  override finish(out: Message[]): void {
    if (this.#seen === 0) return;
    const frames: unknown[] = [];
    this.#finishValue(frames);
    for (const value of frames) out.push(tagged(this.#tag, value));
  }

  /** What the end of the stream makes of the value that is under way. */
  #finishValue(frames: unknown[]): void {
    const value = this.#value;
    const tag = this.#tagSeen();
    if (value === undefined) throw new IncompleteFrameError(tag);
    try {
      value.finish(frames);
    } catch (error) {
      if (!(error instanceof IncompleteFrameError)) throw error;
      throw new IncompleteFrameError(concat([tag, error.partial]));
    }
    if (frames.length > 0) return;
    if (value.discarded === this.#discardedBefore) {
      throw new IncompleteFrameError(tag);
    }
    this.#discarded++;
  }
}

/** The values have the types that the table of types tells. */
function tagged<Message>(tag: number, value: unknown): Message {
  return { tag, value } as Message;
}
