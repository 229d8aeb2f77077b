/**
 * Messages whose first bytes tell their type, and the type their length.
 *
 * @module
 */

import type { ByteWriter } from "../../byteorder/mod.ts";
import { toBytes } from "../../bytes.ts";
import type { Bytes, BytesLike } from "../../contracts.ts";
import { checkCount, type Codec, type Encoder, encoderOf } from "../codec.ts";
import { fixedLength } from "./fixed_length.ts";
import { PullDecoder } from "../decoding/window_decoder.ts";
import { TypeTaggedDecoder } from "./type_tagged_decoder.ts";

/** What follows each tag: so many bytes, or a frame of a codec. */
export interface TaggedTypes {
  /** What follows this tag. */
  readonly [tag: number]: number | Codec<unknown, never>;
}

/** What `typeTagged` can be told. */
export interface TypeTaggedOptions<Types extends TaggedTypes> {
  /** Bytes of the tag, a big-endian number: 1 to 4; 1 unless told. */
  readonly tagBytes?: number;
  /** What follows each tag. */
  readonly types: Types;
  /**
   * What becomes of a tag that is not in `types`: `"error"` (a
   * `CorruptFrameError`) unless told; `"skip"` skips the tag alone.
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
  const { tagBytes = 1, unknown = "error" } = options;
  checkCount(tagBytes, "tagBytes", 1);
  if (tagBytes > 4) throw new RangeError(`tagBytes is 1 to 4: ${tagBytes}`);
  if (unknown !== "error" && unknown !== "skip") {
    throw new TypeError(`unknown is "error" or "skip": ${String(unknown)}`);
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
  const types = new Map<number, Codec<unknown, never>>();
  for (const [text, entry] of Object.entries(given)) {
    const tag = Number(text);
    checkCount(tag, "A tag", 0);
    if (tag >= 256 ** tagBytes) {
      throw new RangeError(
        `A tag of ${tagBytes} bytes is too small for ${tag}`,
      );
    }
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
