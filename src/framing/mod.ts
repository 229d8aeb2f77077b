/**
 * Framing: messages out of a byte stream. A stream has no messages of its own:
 * they are fixed in length, or end with a delimiter, or say how long they are,
 * or end with the connection.
 *
 * @example Lines over a socket
 * ```ts
 * import { connect, listen } from "@anysock/anysock";
 * import { framed, lines } from "@anysock/anysock/framing";
 *
 * const listener = await listen("127.0.0.1:0");
 * const client = framed(await connect(listener.getSockName()), lines());
 * const server = framed((await listener.accept())[0], lines());
 *
 * await client.send("hello");
 * await client.send("bye");
 * for await (const line of server) {
 *   console.log(line); // hello, then bye
 *   if (line === "bye") break;
 * }
 * await Promise.all([client.close(), server.close(), listener.close()]);
 * ```
 *
 * @example Without a socket: a codec is pure
 * ```ts
 * import { lengthPrefixed } from "@anysock/anysock/framing";
 *
 * const codec = lengthPrefixed({ header: "u16" });
 * const decoder = codec.decoder();
 * console.log(decoder.push(new Uint8Array([0, 2, 104]))); // nothing yet
 * console.log(decoder.need); // 1
 * console.log(decoder.push(new Uint8Array([105])).length); // 1
 * ```
 *
 * @example A codec of one's own, which works wherever the others do
 * ```ts
 * import {
 *   type Bytes,
 *   type BytesLike,
 *   type Codec,
 *   decoderOf,
 *   encoderOf,
 *   toBytes,
 * } from "@anysock/anysock/framing";
 *
 * function packets(): Codec<Bytes, BytesLike> {
 *   const encoder = encoderOf<BytesLike>((message, out) => {
 *     const bytes = toBytes(message);
 *     out.u8(0x7e).u8(bytes.length).bytes(bytes);
 *   });
 *   const decoder = () =>
 *     decoderOf((bytes) =>
 *       bytes.length < 2 ? 2 : { header: 2, payload: bytes[1]! }
 *     );
 *   return { decoder, encoder: () => encoder };
 * }
 *
 * const frame = packets().encoder().encode("hi"); // 7e 02 68 69
 * console.log(packets().decoder().push(frame).length); // 1
 * ```
 *
 * Inside the package the codec to copy from is `codecs/fixed_length.ts`.
 *
 * @module
 */

export {
  type Codec,
  type Decoder,
  DEFAULT_MAX_LENGTH,
  type Encoder,
  encoderOf,
  type FrameLimits,
} from "./codec.ts";
export {
  decoderOf,
  type FrameShape,
  type MeasureFrame,
} from "./decoding/decoder_of.ts";
export { fixedLength } from "./codecs/fixed_length.ts";
export { delimited, type DelimitedOptions } from "./codecs/delimited.ts";
export { lines, type LinesOptions } from "./codecs/lines.ts";
export type { TextEncoding } from "./codecs/text.ts";
export { lengthPrefixed } from "./codecs/length_prefixed.ts";
export type { LengthPrefixedOptions } from "./codecs/length_layout.ts";
export type { LengthHeader } from "./codecs/length_field.ts";
export { netstring } from "./codecs/netstring.ts";
export {
  type TaggedInput,
  type TaggedMessage,
  type TaggedTypes,
  typeTagged,
  type TypeTaggedOptions,
} from "./codecs/type_tagged.ts";
export { untilEof } from "./codecs/until_eof.ts";
export { jsonLines, type JsonValue } from "./codecs/json_lines.ts";
export { mapCodec, type Mapping } from "./codecs/map_codec.ts";
export {
  framed,
  type FramedOptions,
  type FramedSocket,
  type Released,
} from "./framed.ts";
export { toBytes } from "../bytes.ts";
export type { Clock, Timer } from "../clock.ts";
export type { Bytes, BytesLike, ByteStream } from "../contracts.ts";
export {
  CorruptFrameError,
  FrameTooLongError,
  IncompleteFrameError,
} from "../errors.ts";
