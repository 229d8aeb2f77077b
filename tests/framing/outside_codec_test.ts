import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { socketPair } from "../../mod.ts";
import { importsOf, readSource } from "../../scripts/source_text.ts";
import {
  decoderOf,
  framed,
  mapCodec,
  typeTagged,
} from "../../src/framing/mod.ts";
import { test } from "../harness.ts";
import { repositoryRoot } from "../runtimes.ts";
import { MemoryStream } from "./memory_stream.ts";
import { packets, slip } from "./outside_codecs.ts";
import { decode, hex, show, utf8 } from "./support.ts";

test("the outside codecs import entry points alone", () => {
  const path = join(repositoryRoot(), "tests/framing/outside_codecs.ts");
  const imports = importsOf(readSource(readFileSync(path, "utf8")));
  assert.equal(imports.length, 2);
  for (const { specifier } of imports) assert.match(specifier, /\/mod\.ts$/);
});

for (const make of [packets, slip]) {
  test(`a codec from outside, ${make.name}, serves both ends of a socket`, async () => {
    const [a, b] = await socketPair();
    await using left = framed(a, make());
    await using right = framed(b, make());
    await left.sendMany([utf8("one"), utf8(""), hex("c0 db")]);
    await left.flush();
    const received: unknown[] = [];
    for await (const message of right) {
      received.push(show(message));
      if (received.length === 3) break;
    }
    assert.deepEqual(received, ["b:one", "b:", "b:\xc0\xdb"]);
  });

  test(`a codec from outside, ${make.name}, is a part of others`, () => {
    const texts = mapCodec(make(), {
      decode: (bytes: Uint8Array) => new TextDecoder().decode(bytes),
      encode: (text: string) => utf8(text),
    });
    const codec = typeTagged({ types: { 1: texts, 2: 1 } });
    const encoder = codec.encoder();
    const stream = Uint8Array.from([
      ...encoder.encode({ tag: 1, value: "a" }),
      ...encoder.encode({ tag: 2, value: "b" }),
      ...encoder.encode({ tag: 1, value: "" }),
    ]);
    for (
      const chunks of [
        [stream],
        Array.from(stream, (b) => Uint8Array.of(b)),
      ]
    ) {
      assert.deepEqual(decode(codec, chunks).frames, [
        { tag: 1, value: "a" },
        { tag: 2, value: "b:b" },
        { tag: 1, value: "" },
      ]);
    }
  });

  test(`release behind a message of ${make.name} gives what follows it`, async () => {
    const stream = new MemoryStream();
    const encoder = make().encoder();
    const first = encoder.encode(utf8("first"));
    const second = encoder.encode(utf8("second"));
    stream.arrive(Uint8Array.from([...first, ...second, 7]));
    const f = framed(stream, make());
    assert.equal(show(await f.recv()), "b:first");
    assert.deepEqual([...(await f.release()).rest], [...second, 7]);
  });
}

test("decoderOf judges the limit before the message comes, or discards it", () => {
  const long = hex("7e ff ff 00 00");
  assert.equal(
    decode(packets({ maxLength: 9 }), [long]).error,
    "FrameTooLongError 65535",
  );
  const discards = packets({ maxLength: 2, onOversize: "discard" });
  const { frames, discarded } = decode(discards, [
    hex("7e 00 03 61"),
    hex("62 63 0a 7e 00 01 64 0a"),
  ]);
  assert.deepEqual([frames, discarded], [["b:d"], 1]);
});

test("decoderOf says what it needs, and what is left at the end", () => {
  const decoder = packets().decoder();
  assert.equal(decoder.need, 1);
  decoder.push(hex("7e"));
  assert.equal(decoder.need, 2);
  decoder.push(hex("00 05 61"));
  assert.equal(decoder.need, 5);
  assert.equal(
    decode(packets(), [hex("7e 00 05 61")]).error,
    "IncompleteFrameError b:~\x00\x05a",
  );
  assert.equal(decode(packets(), [utf8("x")]).error, "CorruptFrameError");
});

const BAD_SHAPES: [string, unknown, string][] = [
  ["no byte at all", { header: 0, payload: 0 }, "RangeError"],
  ["a negative header", { header: -1, payload: 2 }, "RangeError"],
  ["half a payload", { header: 0, payload: 0.5 }, "RangeError"],
  ["a payload of NaN", { header: 0, payload: NaN }, "RangeError"],
  ["a payload that is none", { header: 1, payload: "1" }, "TypeError"],
  ["a need of what is there", 2, "RangeError"],
  ["a need without end", Infinity, "RangeError"],
];

for (const [name, shape, error] of BAD_SHAPES) {
  test(`decoderOf throws ${error} when it is told of ${name}`, () => {
    const decoder = decoderOf(() => shape as number);
    decoder.push(hex("01 02"));
    assert.throws(() => decoder.push(hex("03")), { name: error });
  });
}

test("decoderOf refuses a length beyond all counting as too long", () => {
  for (const maxLength of [1, Number.MAX_SAFE_INTEGER, Infinity]) {
    for (const payload of [2 ** 60, Number.MAX_SAFE_INTEGER]) {
      const decoder = decoderOf(() => ({ header: 1, payload }), { maxLength });
      decoder.push(hex("01"));
      assert.throws(() => decoder.end(), { name: "FrameTooLongError" });
    }
  }
});

test("decoderOf throws TypeError without a function and for other options", () => {
  assert.throws(() => decoderOf(undefined as never), TypeError);
  const limits = { maxLength: "1" as never };
  assert.throws(() => decoderOf(() => 1, limits), TypeError);
});
