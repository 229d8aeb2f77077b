/**
 * Every codec in every shape that the property tests go through: how to make
 * messages for it, and bytes that are likely to be interesting to it.
 */

import {
  type Codec,
  delimited,
  fixedLength,
  type FrameLimits,
  jsonLines,
  type LengthHeader,
  lengthPrefixed,
  lines,
  mapCodec,
  netstring,
  typeTagged,
  untilEof,
} from "../../src/framing/mod.ts";
import type * as FastCheck from "fast-check";
import { fc, texts } from "./fast_check.ts";
import { packets } from "./outside_codecs.ts";
import { utf8 } from "./support.ts";

/** A codec and what it is tested with. */
export interface CodecCase {
  readonly name: string;
  /** The codec with a small limit, so that garbage reaches it. */
  readonly make: (limits: FrameLimits) => Codec<unknown, never>;
  /** A message that the codec takes. */
  readonly message: FastCheck.Arbitrary<unknown>;
  /** Bytes that look like the codec's own. */
  readonly noise: FastCheck.Arbitrary<Uint8Array>;
  /** Bytes of a frame that are no payload and may be held with it. */
  readonly overhead: number;
  /** All messages of a stream are one. */
  readonly isWhole?: boolean;
}

/** The limit of the codecs under test. */
export const MAX_LENGTH = 40;

const bytes = fc.uint8Array({ maxLength: MAX_LENGTH - 8 });

function noise(...likely: string[]): FastCheck.Arbitrary<Uint8Array> {
  const pieces = fc.oneof(
    fc.constantFrom(...likely).map(utf8),
    fc.uint8Array({ maxLength: 3 }),
  );
  return fc.array(pieces, { maxLength: 60 }).map((list) =>
    Uint8Array.from(list.flatMap((piece) => [...piece]))
  );
}

function smallNoise(): FastCheck.Arbitrary<Uint8Array> {
  const byte = fc.oneof(fc.integer({ min: 0, max: 4 }), fc.nat(255));
  return fc.array(byte, { maxLength: 120 }).map((list) =>
    Uint8Array.from(list)
  );
}

const HEADERS: LengthHeader[] = [
  "u8",
  "u16",
  "u24",
  "u32",
  "u64",
  "varint",
  { digits: 1 },
  { digits: 5 },
];
const WIDTHS: Record<string, number> = {
  u8: 1,
  u16: 2,
  u24: 3,
  u32: 4,
  u64: 8,
  varint: 1,
};

function prefixedCases(): CodecCase[] {
  const cases: CodecCase[] = [];
  for (const header of HEADERS) {
    const width = typeof header === "string" ? WIDTHS[header]! : header.digits;
    for (const littleEndian of [false, true]) {
      for (const offset of [0, 3]) {
        for (const adjustment of [0, 2, -1]) {
          for (const includesHeader of [false, true]) {
            cases.push(prefixedCase({
              header,
              littleEndian,
              offset,
              adjustment,
              includesHeader,
            }, width));
          }
        }
      }
    }
  }
  return cases;
}

type Layout = Parameters<typeof lengthPrefixed>[0] & { header: LengthHeader };

function prefixedCase(layout: Layout, width: number): CodecCase {
  // A length of one digit says at most 9, whatever it counts.
  const most = JSON.stringify(layout.header).includes(":1}") ? 5 : 30;
  return {
    name: `lengthPrefixed(${JSON.stringify(layout)})`,
    make: (limits) => lengthPrefixed({ ...layout, ...limits }),
    // A length is never below 0, so an adjustment needs as many bytes.
    message: fc.uint8Array({ minLength: 2, maxLength: most }),
    noise: typeof layout.header === "object"
      ? noise("0", "1", "4", "00003", "00041", "x")
      : smallNoise(),
    overhead: (layout.offset ?? 0) + Math.max(width, 10),
  };
}

const DELIMITERS: (string | string[])[] = [
  "\n",
  "\r\n",
  "\r\r\n",
  "aab",
  "aaa",
  ["\n", ";"],
  ["ab", "b", "cab"],
  ["\r\n", "\n"],
  ["bc", "abcd"],
];

function delimitedCases(): CodecCase[] {
  return DELIMITERS.flatMap((delimiter) =>
    [false, true].map((keepDelimiter) => {
      const first = typeof delimiter === "string" ? delimiter : delimiter[0]!;
      const text = fc.string({
        unit: fc.constantFrom("x", "y", "z"),
        maxLength: 20,
      });
      return {
        name: `delimited(${JSON.stringify(delimiter)}, ${keepDelimiter})`,
        make: (limits: FrameLimits) =>
          delimited(delimiter, { ...limits, keepDelimiter }),
        message: text.map((each) => utf8(keepDelimiter ? each + first : each)),
        noise: noise("a", "b", "c", "d", "aa", "\r", "\n", ";", "ab", "\r\n"),
        overhead: 4,
      };
    })
  );
}

const line = texts(8).filter((text) => !/[\r\n]/.test(text));

/** All of them. */
export const CASES: readonly CodecCase[] = [
  {
    name: "fixedLength(7)",
    make: () => fixedLength(7),
    message: fc.uint8Array({ minLength: 7, maxLength: 7 }),
    noise: smallNoise(),
    overhead: 0,
  },
  ...prefixedCases(),
  ...delimitedCases(),
  {
    name: "lines()",
    make: lines,
    message: line,
    noise: noise("a", "\n", "\r", "\r\n", "é", "€", "\ufeff", "\xff", "abcdef"),
    overhead: 2,
  },
  {
    name: "lines(latin1)",
    make: (limits) => lines({ ...limits, encoding: "latin1", newline: "\r\n" }),
    message: fc.string({
      unit: fc.nat(255).map((code) => String.fromCharCode(code)),
      maxLength: 30,
    }).filter((text) => !/[\r\n]/.test(text)),
    noise: noise("a", "\n", "\r", "\r\n", "é", "abcdef"),
    overhead: 2,
  },
  {
    name: "netstring()",
    make: netstring,
    message: bytes,
    noise: noise("0:,", "1:a,", "12", ":", ",", "0", "41:", "3:abc,", "99"),
    overhead: 20,
  },
  {
    name: "typeTagged(1)",
    make: (limits) =>
      typeTagged({
        unknown: "skip",
        types: {
          0: 0,
          1: 3,
          2: lengthPrefixed({ ...limits, header: "u8" }),
          3: delimited("\x04", limits),
          // Known by its three public members only.
          4: foreign(lengthPrefixed({ ...limits, header: "u8" })),
        },
      }),
    message: fc.oneof(
      fc.constant({ tag: 0, value: new Uint8Array(0) }),
      fc.record({
        tag: fc.constant(1),
        value: fc.uint8Array({ minLength: 3, maxLength: 3 }),
      }),
      fc.record({ tag: fc.constantFrom(2, 4), value: bytes }),
      fc.record({ tag: fc.constant(3), value: fc.constant(utf8("abc")) }),
    ),
    noise: smallNoise(),
    overhead: 4,
  },
  {
    name: "typeTagged(2, error)",
    make: (limits) =>
      typeTagged({ tagBytes: 2, types: { 1: lines(limits), 258: 2 } }),
    message: fc.oneof(
      fc.record({ tag: fc.constant(1), value: line }),
      fc.record({
        tag: fc.constant(258),
        value: fc.uint8Array({ minLength: 2, maxLength: 2 }),
      }),
    ),
    noise: noise("\0\x01a\n", "\x01\x02ab", "\0\x01", "a", "\r\n"),
    overhead: 6,
  },
  {
    name: "untilEof()",
    make: untilEof,
    message: bytes,
    noise: smallNoise(),
    overhead: 0,
    isWhole: true,
  },
  {
    name: "jsonLines()",
    make: jsonLines,
    message: fc.oneof(fc.integer(), fc.boolean(), fc.constant({ a: ["é"] })),
    noise: noise("1", "{", "}", "\n", '"', "a", "\r\n", "null", "[]"),
    overhead: 2,
  },
  {
    name: "mapCodec(netstring)",
    make: (limits) =>
      mapCodec(netstring(limits), {
        decode: (frame: Uint8Array) => [...frame].join(),
        encode: (text: string) =>
          Uint8Array.from(text === "" ? [] : text.split(","), Number),
      }),
    message: fc.array(fc.nat(255), { maxLength: 30 }).map((list) =>
      list.join()
    ),
    noise: noise("0:,", "1:a,", ":", ",", "41:", "3:abc,"),
    overhead: 20,
  },
  {
    name: "decoderOf(…)",
    make: packets,
    message: bytes,
    noise: noise("~", "\0", "~\0", "~\0\x02ab\n", "~\0\x29", "a"),
    overhead: 4,
  },
  {
    name: "a decoder from elsewhere",
    make: (limits) =>
      mapCodec(foreign(netstring(limits)), {
        decode: (frame) => frame,
        encode: (frame: Uint8Array) => frame,
      }),
    message: bytes,
    noise: noise("0:,", "1:a,", "12", ":", ",", "0", "41:", "3:abc,", "99"),
    overhead: 20,
  },
];

/** A codec whose decoder has the public members and no others. */
export function foreign<Out, In>(codec: Codec<Out, In>): Codec<Out, In> {
  return {
    encoder: () => codec.encoder(),
    decoder() {
      const inner = codec.decoder();
      return {
        push: (chunk) => inner.push(chunk),
        end: () => inner.end(),
        get buffered() {
          return inner.buffered;
        },
        get need() {
          return inner.need;
        },
        get discarded() {
          return inner.discarded ?? 0;
        },
      };
    },
  };
}
