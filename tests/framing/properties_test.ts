import type * as FastCheck from "fast-check";
import assert from "node:assert/strict";
import type { FrameLimits } from "../../src/framing/mod.ts";
import { test } from "../harness.ts";
import { isQuick } from "../quick.ts";
import { RUNTIMES, thisRuntime } from "../runtimes.ts";
import { CASES, type CodecCase, MAX_LENGTH } from "./codec_cases.ts";
import { fc } from "./fast_check.ts";
import { cut, decode, type Outcome, show } from "./support.ts";

/**
 * As many runs as each property gets: the same ones every time, and others on
 * each runtime, so that all of them together are many.
 */
const OPTIONS = {
  seed: 1998 + RUNTIMES.indexOf(thisRuntime()),
  numRuns: Number(process.env["FAST_CHECK_RUNS"] ?? (isQuick ? 10 : 15)),
};

function check<T>(property: FastCheck.IPropertyWithHooks<T>): void {
  fc.assert(property, OPTIONS);
}

const ERRORS =
  /^(FrameTooLongError|IncompleteFrameError|CorruptFrameError)( |$)/;
const LIMITS: FrameLimits[] = [
  { maxLength: MAX_LENGTH },
  { maxLength: MAX_LENGTH, onOversize: "discard" },
];

function encodeAll(each: CodecCase, limits: FrameLimits, messages: unknown[]) {
  const encoder = each.make(limits).encoder();
  const frames = messages.map((message) => encoder.encode(message as never));
  return Uint8Array.from(frames.flatMap((frame) => [...frame]));
}

/** The outcome without what depends on the cuts. */
function lasting({ frames, error, discarded }: Outcome) {
  return { frames, error, discarded };
}

function singleBytes(stream: Uint8Array): Uint8Array[] {
  return Array.from(stream, (byte) => Uint8Array.of(byte));
}

function everyCut(each: CodecCase, limits: FrameLimits, stream: Uint8Array) {
  const codec = each.make(limits);
  const whole = decode(codec, [stream.slice()]);
  const want = lasting(whole);
  for (let place = 0; place <= stream.length; place++) {
    const chunks = cut(stream, [place]);
    assert.deepEqual(lasting(decode(codec, chunks)), want, `cut at ${place}`);
  }
  const one = decode(codec, singleBytes(stream));
  assert.deepEqual(lasting(one), want, "byte by byte");
  return whole;
}

for (const each of CASES) {
  test(`${each.name} decodes what it encodes, however it is cut`, () => {
    const messages = fc.array(each.message, { maxLength: 5 });
    check(fc.property(messages, (list) => {
      const limits = LIMITS[0]!;
      const count = each.isWhole ? 1 : 5;
      const sent = list.slice(0, count);
      const stream = encodeAll(each, limits, sent);
      const { frames, error } = everyCut(each, limits, stream);
      assert.equal(error, undefined);
      const want = each.isWhole && sent.length === 0 ? ["b:"] : sent.map(show);
      assert.deepEqual(frames, want);
    }));
  });

  test(`${each.name} makes the same of any bytes, however they are cut`, () => {
    for (const limits of LIMITS) {
      check(fc.property(
        each.noise,
        fc.array(fc.nat(200), { maxLength: 8 }),
        (stream, places) => {
          const whole = everyCut(each, limits, stream);
          const within = places.filter((place) => place <= stream.length);
          const some = decode(each.make(limits), cut(stream, within));
          assert.deepEqual(lasting(some), lasting(whole));
          if (whole.error !== undefined) assert.match(whole.error, ERRORS);
          const held = decode(each.make(limits), singleBytes(stream)).held;
          assert.ok(held <= MAX_LENGTH + each.overhead, `${held} are held`);
        },
      ));
    }
  });
}
