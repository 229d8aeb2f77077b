/**
 * Codecs by the names that the command line has for them.
 *
 * @module
 */

import type { Bytes, BytesLike } from "../mod.ts";
import {
  type Codec,
  delimited,
  fixedLength,
  lengthPrefixed,
  netstring,
} from "../src/framing/mod.ts";
import type { Given, Option } from "./command.ts";
import { UsageError } from "./exit.ts";

/** Frames of bytes. */
export type ByteCodec = Codec<Bytes, BytesLike>;

const HEADERS = ["u8", "u16", "u24", "u32", "u64"] as const;

const NAMED: Readonly<Record<string, () => ByteCodec>> = {
  lines: () => delimited(["\n", "\r\n"]),
  crlf: () => delimited("\r\n"),
  netstring: () => netstring(),
  varint: () => lengthPrefixed({ header: "varint" }),
  ...Object.fromEntries(HEADERS.flatMap((header) => [
    [header, () => lengthPrefixed({ header })],
    [`${header}le`, () => lengthPrefixed({ header, littleEndian: true })],
  ])),
};

/** The names of the codecs, as completions offer them. */
export const FRAME_NAMES: readonly string[] = [...Object.keys(NAMED), "fixed:"];

/** What a help says of the codecs. */
export const FRAMES_HELP: string = `Codecs: lines, crlf, ${
  HEADERS.join(", ")
} (the length in front, high byte
first; u16le and its like low byte first), varint, netstring, fixed:BYTES.`;

/** The option `--frame`. */
export const FRAME: Option = {
  value: "CODEC",
  short: "f",
  help: "in messages: lines, u32, u16le, netstring, …",
};

/**
 * The codec that `--frame` names.
 *
 * @throws {UsageError}
 */
export function codecOf(given: Given): ByteCodec | undefined {
  const name = given.text("frame");
  if (name === undefined) return undefined;
  const bytes = /^fixed:(\d+)$/.exec(name)?.[1];
  if (bytes !== undefined) return fixed(Number(bytes));
  const make = Object.hasOwn(NAMED, name) ? NAMED[name] : undefined;
  if (make !== undefined) return make();
  throw new UsageError(
    `--frame is one of ${Object.keys(NAMED).join(", ")}, fixed:N: ` +
      JSON.stringify(name),
  );
}

function fixed(length: number): ByteCodec {
  try {
    return fixedLength(length);
  } catch (error) {
    throw new UsageError(`--frame fixed: ${(error as Error).message}`);
  }
}

/** The lines of what is read: a last one need not end. */
export async function* linesOf(
  input: AsyncIterable<Uint8Array>,
): AsyncGenerator<Bytes> {
  const decoder = delimited(["\n", "\r\n"], { maxLength: Infinity }).decoder();
  for await (const chunk of input) yield* decoder.push(chunk);
  if (decoder.buffered > 0) yield* decoder.push(new Uint8Array([10]));
}
