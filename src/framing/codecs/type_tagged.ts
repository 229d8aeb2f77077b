/**
 * Messages whose first bytes tell their type, and the type their length.
 *
 * @module
 */

import { show } from "../../address.ts";
import type { ByteWriter } from "../../byteorder/mod.ts";
import { concat } from "../../byte_queue.ts";
import { NO_BYTES, slice, toBytes } from "../../bytes.ts";
import type { Bytes, BytesLike } from "../../contracts.ts";
import { checkOptions } from "../../deadline.ts";
import { CorruptFrameError, IncompleteFrameError } from "../../errors.ts";
import {
  checkCodec,
  checkCount,
  type Codec,
  type Encoder,
  encoderOf,
} from "../codec.ts";
import {
  DROPPED,
  NONE,
  PullDecoder,
  type Pulled,
} from "../decoding/pull_decoder.ts";
import { pullDecoder } from "../decoding/push_adapter.ts";
import { fixedLength } from "./fixed_length.ts";

/** What follows each tag: so many bytes, or a frame of a codec. */
export interface TaggedTypes {
  /** What follows this tag. */
  readonly [tag: number]: number | Codec<unknown, never>;
}

/** What `typeTagged` can be told. */
export interface TypeTaggedOptions<Types extends TaggedTypes> {
  /** Bytes of the tag, a big-endian number: 1 to 4; default 1. */
  readonly tagBytes?: number;
  /** What follows each tag. */
  readonly types: Types;
  /**
   * What becomes of a tag that is not in `types`: `"error"`, the default, is a
   * `CorruptFrameError`; `"skip"` skips the tag alone.
   */
  readonly unknown?: "error" | "skip";
}

/** A received message of one of the types. */
export type TaggedMessage<Types extends TaggedTypes> = {
  [Tag in keyof Types & number]: {
    /** Which type. */
    readonly tag: Tag;
    /** The bytes, or what the type's codec made of them. */
    readonly value: Types[Tag] extends Codec<infer Out, never> ? Out : Bytes;
  };
}[keyof Types & number];

/** A message of one of the types to be sent. */
export type TaggedInput<Types extends TaggedTypes> = {
  [Tag in keyof Types & number]: {
    /** Which type. */
    readonly tag: Tag;
    /** The bytes, or what the type's codec encodes. */
    readonly value: Types[Tag] extends Codec<infer _, infer In> ? In
      : BytesLike;
  };
}[keyof Types & number];

/**
 * The socket HOWTO's "make the first character of the message an indicator of
 * message type, and have the type determine the length".
 *
 * @example
 * ```ts
 * import { lengthPrefixed, typeTagged } from "@anysock/anysock/framing";
 *
 * const codec = typeTagged({
 *   types: { 1: 4, 2: lengthPrefixed({ header: "u16" }) },
 * });
 * const frame = codec.encoder().encode({ tag: 2, value: "hi" });
 * const [message] = codec.decoder().push(frame); // 02 00 02 68 69
 * console.log(message?.tag, message?.value.length); // 2 2
 * ```
 *
 * @throws {RangeError} if a tag or a size is out of range
 * @throws {TypeError} if an option is of the wrong kind
 */
export function typeTagged<const Types extends TaggedTypes>(
  options: TypeTaggedOptions<Types>,
): Codec<TaggedMessage<Types>, TaggedInput<Types>> {
  checkOptions(options, ["types", "tagBytes", "unknown"]);
  const { tagBytes = 1, unknown = "error" } = options;
  checkCount(tagBytes, "tagBytes", 1);
  if (tagBytes > 4) throw new RangeError(`tagBytes is 1 to 4: ${tagBytes}`);
  if (unknown !== "error" && unknown !== "skip") {
    throw new TypeError(`unknown is "error" or "skip": ${show(unknown)}`);
  }
  const types = checkTypes(options.types, tagBytes);
  const encoders = new Map<number, Encoder<never>>();
  for (const [tag, codec] of types) encoders.set(tag, codec.encoder());
  const encoder = encoderOf<TaggedInput<Types>>((message, out) =>
    encodeTagged(message, out, encoders, tagBytes)
  );
  return {
    decoder: () =>
      new TypeTaggedDecoder<TaggedMessage<Types>>(
        types,
        tagBytes,
        unknown === "skip",
      ),
    encoder: () => encoder,
  };
}

function checkTypes(
  given: TaggedTypes,
  tagBytes: number,
): Map<number, Codec<unknown, never>> {
  if (typeof given !== "object" || given === null) {
    throw new TypeError(`types are an object, { 1: … }: ${show(given)}`);
  }
  const types = new Map<number, Codec<unknown, never>>();
  for (const [text, entry] of Object.entries(given)) {
    const tag = Number(text);
    checkCount(tag, "A tag", 0);
    if (tag >= 256 ** tagBytes) {
      throw new RangeError(
        `A tag of ${tagBytes} bytes is too small for ${tag}`,
      );
    }
    if (typeof entry !== "number") checkCodec(entry);
    types.set(tag, typeof entry === "number" ? sized(entry) : entry);
  }
  return types;
}

function encodeTagged(
  message: { readonly tag: number; readonly value: unknown },
  out: ByteWriter,
  encoders: ReadonlyMap<number, Encoder<never>>,
  tagBytes: number,
): void {
  const { tag, value } = message;
  const encoder = encoders.get(tag);
  if (encoder === undefined) {
    throw new TypeError(`No type has the tag ${String(tag)}`);
  }
  for (let i = tagBytes - 1; i >= 0; i--) out.u8((tag >>> (8 * i)) & 0xff);
  // The caller's type is the one that the tag's codec takes.
  encoder.encodeInto(value as never, out);
}

/** Reads a tag, then hands over to the decoder of its type. */
class TypeTaggedDecoder<Message> extends PullDecoder<Message> {
  readonly #types: ReadonlyMap<number, Codec<unknown, never>>;
  readonly #tagBytes: number;
  readonly #skips: boolean;
  /** The decoders made so far; each rests at the end of a frame. */
  readonly #decoders = new Map<number, PullDecoder<unknown>>();
  #chunk: Uint8Array = NO_BYTES;
  #at = 0;
  #tag = 0;
  /** How many bytes of the tag have come. */
  #seen = 0;
  /** The decoder of the value, once the tag is complete. */
  #value: PullDecoder<unknown> | undefined;
  #discarded = 0;
  /** What the value's decoder had dropped when the value began. */
  #discardedBefore = 0;

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
    const decoder = pullDecoder(codec).stopBehindFrames();
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
    const inside = this.#value?.take() ??
      slice(this.#chunk, this.#at, this.#chunk.length);
    const bytes = concat([this.#tagSeen(), inside]);
    this.#startTag();
    this.feed(NO_BYTES, 0);
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

/** A codec of exactly `size` bytes, of none as well. */
function sized(size: number): Codec<Bytes, BytesLike> {
  checkCount(size, "A size", 0);
  return size > 0 ? fixedLength(size) : EMPTY;
}

const EMPTY: Codec<Bytes, BytesLike> = {
  encoder: () =>
    encoderOf((message) => {
      const { length } = toBytes(message);
      if (length > 0) {
        throw new RangeError(`The message is 0 bytes long: ${length}`);
      }
    }),
  decoder: () => new EmptyDecoder(),
};

/** Finds a frame of no bytes wherever it looks. */
class EmptyDecoder extends PullDecoder<Bytes> {
  #at = 0;

  override readonly buffered = 0;
  override readonly need = 0;
  override readonly discarded = 0;

  override get position(): number {
    return this.#at;
  }

  override feed(_chunk: Uint8Array, from: number): void {
    this.#at = from;
  }

  override next(): Bytes {
    return new Uint8Array(0);
  }

  override finish(out: Bytes[]): void {
    out.push(this.next());
  }

  override take(): Bytes {
    return this.next();
  }
}
