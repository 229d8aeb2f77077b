/** The queue of received bytes, against one plain array. */

import assert from "node:assert/strict";
import type { Arbitrary } from "fast-check";
import { ByteQueue, concat, newScan } from "../../src/byte_queue.ts";
import { fc, texts } from "../framing/fast_check.ts";
import { test } from "../harness.ts";

/** Numbered bytes, so that a lost or doubled one shows. */
function numbered(from: number, size: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: size }, (_, i) => (from + i) & 255);
}

interface Step {
  readonly kind: "push" | "shift" | "take" | "drop";
  readonly size: number;
}

const step: Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(
    "push" as const,
    "push" as const,
    "push" as const,
    "shift" as const,
    "take" as const,
    "drop" as const,
  ),
  size: fc.oneof(fc.nat(3), fc.nat(40), fc.nat(1500)),
});

/** Does a step to the queue and to its model. */
function apply(queue: ByteQueue, model: number[], { kind, size }: Step): void {
  const count = Math.min(size, model.length);
  if (kind === "push") {
    const chunk = numbered(model.length, size);
    queue.push(chunk.slice());
    model.push(...chunk);
  } else if (kind === "take") {
    assert.deepEqual([...queue.take(count)], model.splice(0, count));
  } else if (kind === "drop") {
    queue.drop(size);
    model.splice(0, count);
  } else {
    const got = queue.shift(size);
    assert.ok(got.length <= size);
    assert.ok(got.length > 0 || count === 0);
    assert.equal(got.buffer.byteLength, got.length, "the only view");
    assert.deepEqual([...got], model.splice(0, got.length));
  }
}

test("a byte queue behaves as one array when bytes come and go", () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
    const queue = new ByteQueue();
    const model: number[] = [];
    for (const each of steps) {
      apply(queue, model, each);
      assert.equal(queue.length, model.length);
    }
    const rest = new Uint8Array(model.length);
    assert.equal(queue.copyInto(rest), model.length);
    assert.deepEqual([...rest], model);
  }));
});

test("a byte queue finds what an array finds when searched", () => {
  const bytes = fc.array(fc.constantFrom(0, 1), { maxLength: 60 });
  const cuts = fc.array(fc.nat(60), { maxLength: 8 });
  const needle = fc.array(fc.constantFrom(0, 1), {
    minLength: 1,
    maxLength: 5,
  });
  fc.assert(
    fc.property(bytes, cuts, needle, fc.nat(60), (data, at, what, from) => {
      const queue = cutUp(data, at);
      const text = String.fromCharCode(...data);
      const found = text.indexOf(String.fromCharCode(...what), from);
      // indexOf of a string clamps `from`, and so finds nothing behind the end.
      assert.equal(queue.indexOf(Uint8Array.from(what), from), found);
    }),
  );
});

function cutUp(data: readonly number[], cuts: readonly number[]): ByteQueue {
  const queue = new ByteQueue();
  const places = [0, ...cuts, data.length]
    .map((cut) => Math.min(cut, data.length))
    .sort((a, b) => a - b);
  for (let i = 1; i < places.length; i++) {
    queue.push(Uint8Array.from(data.slice(places[i - 1], places[i])));
  }
  return queue;
}

test("a byte queue counts characters when UTF-8 is cut anywhere", () => {
  const cuts = fc.array(fc.nat(40), { maxLength: 6 });
  fc.assert(fc.property(texts(12), cuts, fc.nat(14), (whole, at, count) => {
    const data = [...new TextEncoder().encode(whole)];
    const characters = [...whole];
    const expected = new TextEncoder()
      .encode(characters.slice(0, count).join("")).length;
    const queue = cutUp(data, at);
    if (count === 0 || data.length === 0) return;
    const isAll = count > characters.length;
    assert.equal(
      queue.characters(count, isAll),
      isAll ? data.length : expected,
    );
  }));
});

test("a byte queue goes on counting and searching when more bytes come", () => {
  const bytes = fc.array(
    fc.constantFrom(0x41, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f),
    { maxLength: 40 },
  );
  const cuts = fc.array(fc.nat(40), { maxLength: 8 });
  fc.assert(fc.property(bytes, cuts, fc.nat(9), fc.nat(3), (
    data,
    at,
    count,
    gone,
  ) => {
    const places = [0, ...at, data.length]
      .map((cut) => Math.min(cut, data.length)).sort((a, b) => a - b);
    const queue = new ByteQueue();
    // Bytes of the first chunk may have been taken before: they do not count.
    let before: readonly number[] = Array.from({ length: gone }, () => 0x41);
    const scan = newScan();
    const needle = Uint8Array.of(0xa9, 0x41);
    let searched = 0;
    for (let i = 1; i < places.length; i++) {
      const piece = data.slice(places[i - 1], places[i]);
      queue.push(Uint8Array.from([...before, ...piece]));
      queue.drop(before.length);
      before = [];
      const whole = cutUp(data.slice(0, places[i]), []);
      const found = queue.indexOf(needle, searched);
      assert.equal(found, whole.indexOf(needle, searched));
      searched = Math.max(queue.length - 1, 0);
      const expected = whole.characters(count + 1, false);
      assert.equal(queue.characters(count + 1, false, scan), expected);
      if (expected !== undefined) return;
    }
    if (data.length === 0) return;
    assert.equal(queue.characters(count + 1, true, scan), data.length);
  }));
});

test("a byte queue gives a chunk away as it came when it fits", () => {
  const queue = new ByteQueue();
  const chunk = numbered(0, 700);
  queue.push(chunk);
  assert.equal(queue.shift(700), chunk);
});

test("concat gives one array when given many", () => {
  const pieces = [numbered(0, 3), numbered(3, 0), numbered(3, 5)];
  assert.deepEqual(concat(pieces), numbered(0, 8));
});
