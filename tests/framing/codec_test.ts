import assert from "node:assert/strict";
import {
  type Codec,
  decoderOf,
  delimited,
  fixedLength,
  framed,
  jsonLines,
  lengthPrefixed,
  lines,
  mapCodec,
  netstring,
  typeTagged,
  untilEof,
} from "../../src/framing/mod.ts";
import { concat } from "../../src/byte_queue.ts";
import { type ByteSearch, byteSearch } from "../../src/byte_search.ts";
import { DelimitedDecoder } from "../../src/framing/codecs/delimited.ts";
import { test } from "../harness.ts";
import { foreign } from "./codec_cases.ts";
import { MemoryStream } from "./memory_stream.ts";
import { decode, hex, show, utf8 } from "./support.ts";

type AnyCodec = Codec<unknown, never>;

const TEXTS = { decode: String, encode: (text: string) => text };

const BAD_OPTIONS: [string, () => unknown, typeof Error][] = [
  ["fixedLength(0)", () => fixedLength(0), RangeError],
  ["fixedLength(1.5)", () => fixedLength(1.5), RangeError],
  ["fixedLength('1')", () => fixedLength("1" as never), TypeError],
  ["delimited('')", () => delimited(""), TypeError],
  ["delimited([])", () => delimited([]), TypeError],
  ["delimited(['a', ''])", () => delimited(["a", ""]), TypeError],
  ["a negative limit", () => lines({ maxLength: -1 }), RangeError],
  [
    "a limit that is no number",
    () => netstring({ maxLength: NaN }),
    RangeError,
  ],
  [
    "another onOversize",
    () => netstring({ onOversize: "drop" as never }),
    TypeError,
  ],
  ["another encoding", () => lines({ encoding: "utf16" as never }), TypeError],
  ["another newline", () => lines({ newline: "\r" as never }), TypeError],
  [
    "another header",
    () => lengthPrefixed({ header: "u33" as never }),
    TypeError,
  ],
  ["no digits", () => lengthPrefixed({ header: { digits: 0 } }), RangeError],
  ["16 digits", () => lengthPrefixed({ header: { digits: 16 } }), RangeError],
  ["a negative offset", () => lengthPrefixed({ offset: -1 }), RangeError],
  ["a negative strip", () => lengthPrefixed({ strip: -1 }), RangeError],
  ["half an adjustment", () => lengthPrefixed({ adjustment: 0.5 }), RangeError],
  ["tags of 0 bytes", () => typeTagged({ tagBytes: 0, types: {} }), RangeError],
  ["tags of 5 bytes", () => typeTagged({ tagBytes: 5, types: {} }), RangeError],
  ["a tag too large", () => typeTagged({ types: { 256: 1 } }), RangeError],
  ["a negative size", () => typeTagged({ types: { 1: -1 } }), RangeError],
  ["a named tag", () => typeTagged({ types: { a: 1 } as never }), RangeError],
  [
    "another unknown",
    () => typeTagged({ types: {}, unknown: "x" as never }),
    TypeError,
  ],
];

/** Each codec as a caller makes it who is not held by the types. */
const LOOSE: [string, (options: never) => unknown, given: object][] = [
  ["delimited", (options) => delimited(";", options), {}],
  ["lines", (options) => lines(options), {}],
  ["jsonLines", (options) => jsonLines(options), {}],
  ["netstring", (options) => netstring(options), {}],
  ["untilEof", (options) => untilEof(options), {}],
  ["lengthPrefixed", (options) => lengthPrefixed(options), {}],
  ["typeTagged", (options) => typeTagged(options), { types: { 1: 1 } }],
  ["decoderOf", (options) => decoderOf(() => 1, options), {}],
  [
    "framed",
    (options) => framed(new MemoryStream(), lines(), options),
    { rest: new Uint8Array(1) },
  ],
];

for (const [name, make, given] of LOOSE) {
  const withOptions = (options: unknown) => () => make(options as never);

  test(`${name} throws TypeError when it is given an option it does not know`, () => {
    for (const option of ["maxlength", "timeout", "max_length", "Encoding"]) {
      const throws = withOptions({ ...given, [option]: 1 });
      assert.throws(throws, { name: "TypeError", message: RegExp(option) });
    }
    withOptions(given)();
  });

  test(`${name} throws TypeError when its options are no plain object`, () => {
    const wrong = [null, 5, "maxLength", [], new Map(), () => {}];
    for (const options of [...wrong, new AbortController()]) {
      assert.throws(withOptions(options), {
        name: "TypeError",
        message: /^Options must be/,
      });
    }
  });
}

test("jsonLines knows no options of lines", () => {
  for (const options of [{ encoding: "latin1" }, { newline: "\r\n" }]) {
    assert.throws(() => jsonLines(options as never), TypeError);
  }
});

test("a header that is no header is refused by what there is", () => {
  for (const header of ["u33", 4, null, true, [], "toString"]) {
    assert.throws(() => lengthPrefixed({ header: header as never }), {
      name: "TypeError",
      message: /u8.*u16.*u24.*u32.*u64.*varint.*digits/,
    });
  }
  const header = { digits: 5, digit: 4 };
  assert.throws(() => lengthPrefixed({ header }), {
    name: "TypeError",
    message: /digit"/,
  });
});

const MAX = Number.MAX_SAFE_INTEGER;
type LayoutOptions = NonNullable<Parameters<typeof lengthPrefixed>[0]>;

const UNCOUNTABLE: LayoutOptions[] = [
  { header: "u64", maxLength: MAX },
  { header: "u64", maxLength: MAX - 7 },
  { header: "varint", maxLength: MAX },
  { header: "varint", maxLength: MAX - 9 },
  { header: "u64", offset: 100, maxLength: MAX - 107 },
  { header: "u64", adjustment: -100, maxLength: MAX - 99 },
  { header: "u64", includesHeader: true, maxLength: MAX - 7 },
  { header: "u64", includesHeader: true, adjustment: -9, maxLength: MAX - 16 },
  { header: "u64", adjustment: -MAX, maxLength: 1 },
  { header: "u64", adjustment: -MAX, maxLength: Infinity, offset: MAX - 7 },
  { header: "u8", offset: MAX },
  { header: "u8", offset: MAX - 1, maxLength: 1 },
  { header: "u8", adjustment: MAX, maxLength: MAX },
];

for (const options of UNCOUNTABLE) {
  test(
    `lengthPrefixed throws RangeError when frames pass the safe integers: ${
      JSON.stringify(options)
    }`,
    () => {
      assert.throws(() => lengthPrefixed(options), {
        name: "RangeError",
        message: /maxLength/,
      });
    },
  );
}

const COUNTABLE: LayoutOptions[] = [
  { header: "u64", maxLength: MAX - 8 },
  { header: "varint", maxLength: MAX - 10 },
  { header: "u64", offset: 100, maxLength: MAX - 108 },
  { header: "u64", adjustment: -100, maxLength: MAX - 100 },
  { header: "u64", includesHeader: true, adjustment: -9, maxLength: MAX - 17 },
  { header: "u8", maxLength: MAX },
  { header: { digits: 15 }, maxLength: MAX },
  { header: "u64", maxLength: Infinity },
  { header: "u32", maxLength: Infinity, adjustment: -MAX },
];

for (const options of COUNTABLE) {
  test(
    `lengthPrefixed takes a limit that can be counted: ${
      JSON.stringify(options)
    }`,
    () => {
      assert.deepEqual(lengthPrefixed(options).decoder().push(utf8("")), []);
    },
  );
}

test("without a limit a length that cannot be counted is too long, however it is adjusted", () => {
  const beyond = hex("00 20 00 00 00 00 00 01"); // 2**53 + 1
  for (const adjustment of [0, -5, 5, 1 - MAX]) {
    const options = { header: "u64", adjustment, maxLength: Infinity } as const;
    for (const offset of [0, 3]) {
      const codec = lengthPrefixed({ ...options, offset });
      const start = Uint8Array.from([...new Uint8Array(offset), ...beyond]);
      for (let place = 0; place <= start.length; place++) {
        const { error } = decode(codec, [
          start.slice(0, place),
          start.slice(place),
        ]);
        assert.match(error ?? "none", /^FrameTooLongError/);
      }
    }
  }
  const varint = hex("ff".repeat(9) + "01"); // 2**64 - 1
  const codec = lengthPrefixed({ header: "varint", maxLength: Infinity });
  assert.match(decode(codec, [varint]).error ?? "none", /^FrameTooLongError/);
});

const WRONG_KINDS: [string, () => unknown][] = [
  ["lines: maxLength", () => lines({ maxLength: "9" as never })],
  ["lines: maxLength null", () => lines({ maxLength: null as never })],
  ["keepDelimiter", () => delimited(";", { keepDelimiter: "no" as never })],
  ["littleEndian", () => lengthPrefixed({ littleEndian: 1 as never })],
  ["includesHeader", () => lengthPrefixed({ includesHeader: null as never })],
  ["offset", () => lengthPrefixed({ offset: "1" as never })],
  ["strip", () => lengthPrefixed({ strip: null as never })],
  ["no types", () => typeTagged({} as never)],
  ["types of null", () => typeTagged({ types: null as never })],
  ["a type that is no codec", () => typeTagged({ types: { 1: {} as never } })],
  ["a type not called", () => typeTagged({ types: { 1: lines as never } })],
  ["a type of null", () => typeTagged({ types: { 1: null as never } })],
  ["mapCodec of no codec", () => mapCodec({} as never, TEXTS)],
  [
    "mapCodec without encode",
    () => mapCodec(lines(), { decode: String } as never),
  ],
  ["mapCodec without anything", () => mapCodec(lines(), undefined as never)],
];

for (const [name, make] of WRONG_KINDS) {
  test(`a codec throws a TypeError that says what it wants: ${name}`, () => {
    assert.throws(make, (error: Error) => {
      assert.equal(error.name, "TypeError");
      assert.doesNotMatch(error.message, /undefined or null|Cannot|reading/);
      return true;
    });
  });
}

for (const [name, make, error] of BAD_OPTIONS) {
  test(`a codec throws ${error.name} when it is given ${name}`, () => {
    assert.throws(make, error);
  });
}

const REFUSED: [string, AnyCodec, unknown, typeof Error][] = [
  ["a message of another size", fixedLength(2), "abc", RangeError],
  ["its delimiter within", delimited("ab"), "xaby", TypeError],
  ["an earlier end of its delimiter", delimited("aa"), "xa", TypeError],
  ["another delimiter within", delimited(["\n", ";"]), "a;b", TypeError],
  [
    "no delimiter where it is kept",
    delimited(";", { keepDelimiter: true }),
    "a",
    TypeError,
  ],
  [
    "two delimiters where it is kept",
    delimited(";", { keepDelimiter: true }),
    "a;b;",
    TypeError,
  ],
  ["a newline", lines(), "a\nb", TypeError],
  ["a return at the end of a line", lines(), "a\r", TypeError],
  ["a lone surrogate", lines(), "\ud800", TypeError],
  ["no latin1", lines({ encoding: "latin1" }), "€", TypeError],
  ["bytes for a line", lines(), utf8("a"), TypeError],
  [
    "more than a u8 counts",
    lengthPrefixed({ header: "u8" }),
    "x".repeat(256),
    RangeError,
  ],
  [
    "more than two digits count",
    lengthPrefixed({ header: { digits: 2 } }),
    "x".repeat(100),
    RangeError,
  ],
  ["more than the limit", lengthPrefixed({ maxLength: 3 }), "abcd", RangeError],
  [
    "a netstring above the limit",
    netstring({ maxLength: 3 }),
    "abcd",
    RangeError,
  ],
  ["a line above the limit", lines({ maxLength: 3 }), "éé", RangeError],
  ["a whole above the limit", untilEof({ maxLength: 3 }), "abcd", RangeError],
  ["a negative length", lengthPrefixed({ adjustment: 3 }), "ab", RangeError],
  [
    "a message without its header",
    lengthPrefixed({ strip: 0 }),
    "ab",
    RangeError,
  ],
  [
    "a message with a wrong length",
    lengthPrefixed({ header: "u8", strip: 0 }),
    "\x05a",
    RangeError,
  ],
  [
    "an unknown tag",
    typeTagged({ types: { 1: 1 } }),
    { tag: 2, value: "a" },
    TypeError,
  ],
  ["a value of another size", typeTagged({ types: { 1: 1 } }), {
    tag: 1,
    value: "",
  }, RangeError],
  ["a value where none is", typeTagged({ types: { 1: 0 } }), {
    tag: 1,
    value: "a",
  }, RangeError],
  ["what JSON cannot say", jsonLines(), undefined, TypeError],
];

for (const [name, codec, message, error] of REFUSED) {
  test(`encode throws ${error.name} when it is given ${name}`, () => {
    assert.throws(() => codec.encoder().encode(message as never), error);
  });
}

interface Bad {
  readonly name: string;
  readonly codec: AnyCodec;
  readonly bytes: string;
  readonly frames?: unknown[];
  readonly error: string;
}

const BAD_BYTES: Bad[] = [
  {
    name: "a header above the limit",
    codec: lengthPrefixed(),
    bytes: "\x00\x10\x00\x01",
    error: "FrameTooLongError 1048577",
  },
  {
    name: "a 64-bit header above 2**53",
    codec: lengthPrefixed({ header: "u64" }),
    bytes: "\x7f".repeat(8),
    error: "FrameTooLongError 9187201950435738000",
  },
  {
    name: "a length below its adjustment",
    codec: lengthPrefixed({ header: "u8", adjustment: -3 }),
    bytes: "\x02ab",
    error: "CorruptFrameError",
  },
  {
    name: "a length below its own field",
    codec: lengthPrefixed({ header: "u16", includesHeader: true }),
    bytes: "\x00\x01",
    error: "CorruptFrameError",
  },
  {
    name: "a frame shorter than strip",
    codec: lengthPrefixed({ header: "u8", strip: 4 }),
    bytes: "\x02ab",
    error: "CorruptFrameError",
  },
  {
    name: "digits that are none",
    codec: lengthPrefixed({ header: { digits: 3 } }),
    bytes: "01x",
    error: "CorruptFrameError",
  },
  {
    name: "a netstring with a leading zero",
    codec: netstring(),
    bytes: "1:a,01:b,",
    frames: ["b:a"],
    error: "CorruptFrameError",
  },
  {
    name: "a netstring without a length",
    codec: netstring(),
    bytes: ":a,",
    error: "CorruptFrameError",
  },
  {
    name: "a netstring without its comma",
    codec: netstring(),
    bytes: "1:a;",
    error: "CorruptFrameError",
  },
  {
    name: "a netstring whose digits exceed the limit",
    codec: netstring({ maxLength: 99 }),
    bytes: "100",
    error: "FrameTooLongError 100",
  },
  {
    name: "a line above the limit",
    codec: lines({ maxLength: 3 }),
    bytes: "abc\r\nabcd",
    frames: ["abc"],
    error: "FrameTooLongError 4",
  },
  {
    name: "a delimiter too late",
    codec: delimited("--", { maxLength: 2 }),
    bytes: "ab--abc--",
    frames: ["b:ab"],
    error: "FrameTooLongError 3",
  },
  {
    name: "a whole above the limit",
    codec: untilEof({ maxLength: 2 }),
    bytes: "abc",
    error: "FrameTooLongError 3",
  },
  {
    name: "an unknown tag",
    codec: typeTagged({ types: { 97: 1 } }),
    bytes: "abx",
    frames: [{ tag: 97, value: "b:b" }],
    error: "CorruptFrameError",
  },
  {
    name: "a line that is no JSON",
    codec: jsonLines(),
    bytes: "1\n{\n",
    frames: [1],
    error: "CorruptFrameError",
  },
  {
    name: "an empty line that is no JSON",
    codec: jsonLines(),
    bytes: "1\n\n",
    frames: [1],
    error: "CorruptFrameError",
  },
  {
    name: "half a frame at the end",
    codec: fixedLength(3),
    bytes: "abcd",
    frames: ["b:abc"],
    error: "IncompleteFrameError b:d",
  },
  {
    name: "half a header at the end",
    codec: lengthPrefixed({ header: "u16" }),
    bytes: "\x00",
    error: "IncompleteFrameError b:\x00",
  },
  {
    name: "a tag without its value at the end",
    codec: typeTagged({ types: { 97: 2 } }),
    bytes: "ax",
    error: "IncompleteFrameError b:ax",
  },
  {
    name: "a tag alone at the end",
    codec: typeTagged({ types: { 97: lines() } }),
    bytes: "a",
    error: "IncompleteFrameError b:a",
  },
  {
    name: "no delimiter at the end",
    codec: delimited(";"),
    bytes: "a;b",
    frames: ["b:a"],
    error: "IncompleteFrameError b:b",
  },
];

for (const { name, codec, bytes, frames = [], error } of BAD_BYTES) {
  test(`a decoder gives what is ahead of ${name}, then its error`, () => {
    const outcome = decode(codec, [utf8(bytes)]);
    assert.deepEqual(outcome.frames, frames);
    assert.equal(outcome.error, error);
  });
}

test("push gives the frames ahead; every later call throws the same error", () => {
  const decoder = netstring().decoder();
  assert.deepEqual(decoder.push(utf8("1:a,x")).map(show), ["b:a"]);
  const errors = [
    () => decoder.push(utf8("1:b,")),
    () => decoder.push(utf8("")),
    () => decoder.end(),
  ].map((call) => {
    try {
      call();
    } catch (error) {
      return error;
    }
  });
  assert.equal((errors[0] as Error).name, "CorruptFrameError");
  assert.ok(errors.every((error) => error === errors[0]));
  assert.equal(decoder.buffered, 0);
});

test("a varint of more than 10 bytes or 64 bits is corrupt, a padded one is not", () => {
  const codec = lengthPrefixed({ header: "varint", maxLength: Infinity });
  for (const bytes of ["80".repeat(10) + "00", "ff".repeat(9) + "02"]) {
    assert.equal(decode(codec, [hex(bytes)]).error, "CorruptFrameError");
  }
  assert.deepEqual(decode(codec, [hex("81 80 00 61")]).frames, ["b:a"]);
});

for (const header of ["varint", "u32"] as const) {
  test(`${header} lengths of every width give the same frames whole and cut`, () => {
    const sizes = [0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 3];
    const codec = lengthPrefixed({ header, maxLength: 4_000_000 });
    const messages = sizes.map((size, i) => new Uint8Array(size).fill(i));
    const stream = concat(messages.map((each) => codec.encoder().encode(each)));
    const whole = codec.decoder().push(stream);
    assert.deepEqual(whole.map((frame) => frame.length), sizes);
    assert.ok(whole.every((frame, i) => frame.every((byte) => byte === i)));
    // Cut within every length and behind it.
    let at = 0;
    for (const [i, { length }] of messages.entries()) {
      const header = codec.encoder().encode(messages[i]!).length - length;
      for (let cut = at; cut <= at + header; cut++) {
        const decoder = codec.decoder();
        const frames = [
          ...decoder.push(stream.slice(0, cut)),
          ...decoder.push(stream.slice(cut)),
        ];
        assert.deepEqual(frames.map((frame) => frame.length), sizes);
      }
      at += header + length;
    }
  });
}

test("a varint above 28 bits is too long, and is discarded where told", () => {
  const start = hex("80 80 80 80 01 61 61 61");
  const strict = lengthPrefixed({ header: "varint" });
  assert.equal(decode(strict, [start]).error, `FrameTooLongError ${2 ** 28}`);
  const lenient = lengthPrefixed({ header: "varint", onOversize: "discard" });
  const decoder = lenient.decoder();
  assert.deepEqual(decoder.push(start), []);
  assert.equal(decoder.discarded, 1);
  assert.equal(decoder.need, 2 ** 28 - 3);
});

test("end may be called again, and push after it is a TypeError", () => {
  const decoder = lines().decoder();
  decoder.push(utf8("a"));
  assert.deepEqual(decoder.end(), ["a"]);
  assert.deepEqual(decoder.end(), []);
  assert.throws(() => decoder.push(utf8("b")), TypeError);
});

const NEEDS: [string, AnyCodec, string, number | undefined][] = [
  ["fixedLength at its beginning", fixedLength(4), "", 4],
  ["fixedLength within a frame", fixedLength(4), "616263646566", 2],
  ["a header", lengthPrefixed({ header: "u32" }), "", 4],
  ["half a header", lengthPrefixed({ header: "u32" }), "00", 3],
  [
    "a header behind an offset",
    lengthPrefixed({ header: "u8", offset: 3 }),
    "0000",
    2,
  ],
  ["digits", lengthPrefixed({ header: { digits: 5 } }), "3030", 3],
  ["a varint", lengthPrefixed({ header: "varint" }), "80", 1],
  ["a body", lengthPrefixed({ header: "u8" }), "0561", 4],
  ["a netstring", netstring(), "", 3],
  ["a netstring's colon and all", netstring(), "35", 7],
  ["a netstring's body", netstring(), "353a61", 5],
  ["a tag", typeTagged({ tagBytes: 2, types: { 1: 5 } }), "00", 1],
  ["a tag's value", typeTagged({ types: { 1: 5 } }), "0161", 4],
  [
    "a mapped frame",
    mapCodec(fixedLength(3), {
      decode: String,
      encode: (text: string) => text,
    }),
    "61",
    2,
  ],
  ["a delimiter", delimited("ab"), "61", undefined],
  ["a line", lines(), "61", undefined],
  ["the end", untilEof(), "61", undefined],
];

for (const [name, codec, bytes, need] of NEEDS) {
  test(`need tells how much must come for ${name}`, () => {
    const decoder = codec.decoder();
    decoder.push(hex(bytes));
    assert.equal(decoder.need, need);
  });
}

const DISCARDS: [string, AnyCodec, string, unknown[], number][] = [
  [
    "lengthPrefixed",
    lengthPrefixed({ header: "u8", maxLength: 2, onOversize: "discard" }),
    "\x01a\x05abcde\x02bc\x03xyz\x00",
    ["b:a", "b:bc", "b:"],
    2,
  ],
  [
    "netstring",
    netstring({ maxLength: 2, onOversize: "discard" }),
    "1:a,12:abcdefghijkl,2:bc,",
    ["b:a", "b:bc"],
    1,
  ],
  [
    "delimited",
    delimited(["--", ";"], { maxLength: 2, onOversize: "discard" }),
    "a--abc--bc;----abcd-e;x;",
    ["b:a", "b:bc", "b:", "b:", "b:x"],
    2,
  ],
  [
    "lines",
    lines({ maxLength: 2, onOversize: "discard" }),
    "a\nabc\r\nbc\r\nabcdef\nx",
    ["a", "bc", "x"],
    2,
  ],
  [
    "a line that the end cuts",
    lines({ maxLength: 2, onOversize: "discard" }),
    "a\nabcdef",
    ["a"],
    1,
  ],
  [
    "a body that the end cuts",
    lengthPrefixed({ header: "u8", maxLength: 2, onOversize: "discard" }),
    "\x09abc",
    [],
    1,
  ],
  ["untilEof", untilEof({ maxLength: 2, onOversize: "discard" }), "abc", [], 1],
  [
    "jsonLines",
    jsonLines({ maxLength: 2, onOversize: "discard" }),
    "1\n[1]\n2\n",
    [1, 2],
    1,
  ],
  [
    "typeTagged",
    typeTagged({
      types: { 97: netstring({ maxLength: 2, onOversize: "discard" }), 98: 1 },
    }),
    "a1:x,a3:abc,bya2:zz,",
    [{ tag: 97, value: "b:x" }, { tag: 98, value: "b:y" }, {
      tag: 97,
      value: "b:zz",
    }],
    1,
  ],
  [
    "a foreign decoder",
    mapCodec(foreign(netstring({ maxLength: 2, onOversize: "discard" })), {
      decode: show,
      encode: String,
    }),
    "1:a,3:abc,2:bc,",
    ["b:a", "b:bc"],
    1,
  ],
];

for (const [name, codec, bytes, frames, discarded] of DISCARDS) {
  test(`${name} drops over-long frames whole, counts them and stays in step`, () => {
    const stream = utf8(bytes);
    const singly = Array.from(stream, (byte) => Uint8Array.of(byte));
    for (const chunks of [[stream], singly]) {
      const outcome = decode(codec, chunks.map((chunk) => chunk.slice()));
      assert.deepEqual(outcome.frames, frames);
      assert.deepEqual([outcome.error, outcome.discarded], [
        undefined,
        discarded,
      ]);
    }
  });
}

test("lengths of every width are read either way round", () => {
  for (const header of ["u8", "u16", "u32", "u64"] as const) {
    for (const littleEndian of [false, true]) {
      const codec = lengthPrefixed({ header, littleEndian });
      const width = Number(header.slice(1)) / 8;
      const head = new Uint8Array(width);
      head[littleEndian ? 0 : width - 1] = 3;
      const bytes = concat([head, utf8("abc")]);
      const { frames } = decode(codec, [bytes]);
      assert.deepEqual(frames, [show(utf8("abc"))], header);
    }
  }
});

test("a netstring that is dropped must end with its comma too", () => {
  const codec = netstring({ maxLength: 2, onOversize: "discard" });
  for (const chunks of [["3:abc;1:a,"], ["3:ab", "c", ";"]]) {
    const { error } = decode(codec, chunks.map(utf8));
    assert.equal(error, "CorruptFrameError");
  }
});

test("typeTagged skips unknown tags alone when it is told to", () => {
  const codec = typeTagged({ types: { 1: 1 }, unknown: "skip" });
  const { frames } = decode(codec, [hex("07 01 61 08 09 01 01 07")]);
  assert.deepEqual(frames, [{ tag: 1, value: "b:a" }, {
    tag: 1,
    value: "b:\x01",
  }]);
});

test("typeTagged types its messages by their tags", () => {
  const codec = typeTagged({ types: { 1: 2, 2: lines() } });
  const [message] = codec.decoder().push(hex("02 68 69 0a"));
  assert.ok(message);
  // These lines are checked by the compiler.
  const text: string | undefined = message.tag === 2
    ? message.value
    : undefined;
  assert.equal(text, "hi");
  // @ts-expect-error: tag 2 is a line of text
  assert.throws(() => codec.encoder().encode({ tag: 2, value: 7 }), TypeError);
});

test("lines survive a character cut at every byte, and U+FEFF", () => {
  const text = "\ufeffa€😀\u00a0z";
  const bytes = utf8(`${text}\n${text}`);
  const { frames } = decode(
    lines(),
    Array.from(bytes, (b) => Uint8Array.of(b)),
  );
  assert.deepEqual(frames, [text, text]);
});

test("lines give what is ahead of bytes that are no UTF-8", () => {
  const { frames, error } = decode(lines(), [
    Uint8Array.of(97, 10, 98, 13, 10, 0xc3, 10, 0x28, 10),
  ]);
  assert.deepEqual(frames, ["a", "b"]);
  assert.equal(error, "CorruptFrameError");
});

test("a lone return at the end is no line", () => {
  assert.deepEqual(decode(lines(), [utf8("a\r")]).frames, ["a"]);
  assert.deepEqual(decode(lines(), [utf8("a\n\r")]).frames, ["a"]);
});

/** Counts the bytes that are copied while `work` runs. */
function countCopies(work: () => void): { copied: number } {
  const proto = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array;
  const { set } = proto;
  const count = { copied: 0 };
  proto.set = function (this: Uint8Array, source: ArrayLike<number>, at = 0) {
    count.copied += source.length;
    set.call(this, source, at);
  };
  try {
    work();
  } finally {
    Object.assign(proto, { set });
  }
  return count;
}

/** A search that counts the bytes it looks at. */
function counting(search: ByteSearch): ByteSearch & { searched: number } {
  return {
    searched: 0,
    pending: (state) => search.pending(state),
    find(bytes, from, state) {
      const end = search.find(bytes, from, state);
      this.searched += (end < 0 ? bytes.length : end) - from;
      return end;
    },
  };
}

const NEEDLES = [["\n"], ["\r\n"], ["\r\n", "\n"], ["\r\r\n"], ["\n", "x\n"]];

for (const needles of NEEDLES) {
  const name = JSON.stringify(needles);
  test(`1 MiB before ${name}, fed byte by byte, is searched once and copied once more`, () => {
    const size = 1_048_576;
    const search = counting(byteSearch(needles.map(utf8)));
    const limits = { maxLength: 2 * size, discards: false };
    const decoder = new DelimitedDecoder(search, limits, false);
    const byte = utf8("a");
    const tail = utf8("a\r\r\n");
    const { copied } = countCopies(() => {
      for (let i = 0; i < size; i++) decoder.push(byte);
      assert.equal(decoder.push(tail).length, 1);
    });
    assert.equal(search.searched, size + tail.length);
    // Growing by doubling copies each byte once more on average.
    assert.ok(copied <= 2 * size, `${copied} bytes were copied`);
  });
}

test("a body of 1 MiB fed byte by byte is copied twice at most", () => {
  const size = 1_048_576;
  const decoder = lengthPrefixed().decoder();
  const { copied } = countCopies(() => {
    decoder.push(hex("00100000"));
    const byte = Uint8Array.of(1);
    for (let i = 1; i < size; i++) decoder.push(byte);
    assert.equal(decoder.need, 1);
    assert.equal(decoder.push(byte)[0]?.length, size);
  });
  assert.ok(copied <= 2 * size, `${copied} bytes were copied`);
});

test("a decoder takes no memory for what is announced and does not come", () => {
  const before = Uint8Array;
  const sizes: number[] = [];
  // Every array that is made is seen here.
  globalThis.Uint8Array = new Proxy(before, {
    construct(target, args) {
      if (typeof args[0] === "number") sizes.push(args[0]);
      return Reflect.construct(target, args);
    },
  });
  try {
    const decoder = lengthPrefixed({ maxLength: 2 ** 31 }).decoder();
    decoder.push(hex("7fffffff"));
    decoder.push(hex("01".repeat(100)));
    assert.equal(decoder.buffered, 104);
  } finally {
    globalThis.Uint8Array = before;
  }
  assert.ok(Math.max(...sizes) <= 512, `${Math.max(...sizes)} bytes taken`);
});

test("frames within one chunk are views of it, not copies", () => {
  const chunk = utf8("1:a,2:bc,");
  for (const frame of netstring().decoder().push(chunk)) {
    assert.equal(frame.buffer, chunk.buffer);
    assert.equal(Object.getPrototypeOf(frame), Uint8Array.prototype);
  }
});

test("encodeInto leaves a writer that can be taken back after a failure", async () => {
  const stream = new MemoryStream();
  const f = framed(stream, typeTagged({ types: { 1: 1 } }));
  await assert.rejects(f.send({ tag: 1, value: "too long" }), RangeError);
  await f.send({ tag: 1, value: "x" });
  await f.flush();
  assert.deepEqual(stream.writes, [[2]]);
});
