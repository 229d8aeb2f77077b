/**
 * Byte order: host to network order and back, Python's `struct`, and cursors
 * that read and write bytes.
 *
 * @example A header and its payload
 * ```ts
 * import { ByteReader, pack, unpack } from "@anysock/anysock/byteorder";
 *
 * const packet = pack("!BH5s", 1, 5, "hello");
 * const [kind, length] = unpack("!BH", packet.subarray(0, 3));
 *
 * const reader = new ByteReader(packet);
 * console.log(kind === reader.u8(), length === reader.u16()); // true true
 * console.log(reader.utf8(length)); // hello
 * ```
 *
 * @module
 */

export {
  calcSize,
  iterUnpack,
  pack,
  packInto,
  Struct,
  type StructBuffer,
  unpack,
  unpackFrom,
} from "./pack.ts";
export type {
  FormatInputs,
  FormatRepeat,
  FormatValues,
  Packable,
  StructInput,
  StructValue,
  Unpacked,
} from "./format_types.ts";
export { htonl, htonll, htons, ntohl, ntohll, ntohs } from "./swap.ts";
export { ByteReader } from "./reader.ts";
export { ByteWriter } from "./writer.ts";
export { inetAton, inetNtoa, inetNtop, inetPton } from "./inet.ts";
