import assert from "node:assert/strict";
import { toBytes, viewBytes } from "../../src/bytes.ts";
import { test } from "../harness.ts";

/** An array that gives views away as copies, as Node's `Buffer` does. */
class Careless extends Uint8Array {
  override slice(start?: number, end?: number): Uint8Array<ArrayBuffer> {
    return this.subarray(start, end) as Uint8Array<ArrayBuffer>;
  }
}

const memory = new ArrayBuffer(16);
const views: readonly (readonly [string, ArrayBufferView | ArrayBuffer])[] = [
  ["an ArrayBuffer", memory],
  ["a Uint8Array", new Uint8Array(memory)],
  ["a subclass of Uint8Array", new Careless(memory)],
  ["a Float64Array", new Float64Array(memory)],
  ["a DataView", new DataView(memory)],
];

for (const [name, view] of views) {
  test(`toBytes gives a plain view of the same memory for ${name}`, () => {
    for (const bytes of [toBytes(view), viewBytes(view)]) {
      assert.equal(Object.getPrototypeOf(bytes), Uint8Array.prototype);
      assert.equal(bytes.buffer, memory);
      assert.equal(bytes.length, 16);
      assert.notEqual(bytes.slice().buffer, memory);
    }
  });
}

test("toBytes gives a part when the view shows a part", () => {
  const bytes = toBytes(new Careless(memory, 4, 8));
  assert.deepEqual([bytes.byteOffset, bytes.length], [4, 8]);
});

test("toBytes gives UTF-8 when it is given text", () => {
  assert.deepEqual([...toBytes("é\u{d800}")], [195, 169, 239, 191, 189]);
});

test("toBytes gives the same array when it is plain", () => {
  const bytes = new Uint8Array(3);
  assert.equal(toBytes(bytes), bytes);
});

const fake = { constructor: Uint8Array, length: 1 };
for (const wrong of [null, undefined, 5, {}, [1, 2], fake]) {
  test(`toBytes is a TypeError when it is given ${JSON.stringify(wrong)}`, () => {
    assert.throws(() => toBytes(wrong as unknown as string), TypeError);
  });
}
