import assert from "node:assert/strict";
import { Burst } from "../../src/runtime/node/tls/burst.ts";
import { test } from "../harness.ts";

const RECORD = new Uint8Array(16_384).fill(7);

function gathering(): [Burst, Uint8Array[]] {
  const given: Uint8Array[] = [];
  return [new Burst((chunk) => given.push(chunk)), given];
}

test("a burst gives what was copied as one chunk", () => {
  const [burst, given] = gathering();
  burst.copy(RECORD, RECORD.length);
  burst.copy(new Uint8Array([1, 2, 3]), 2);
  assert.equal(burst.isEmpty, false);
  burst.flush();
  assert.equal(burst.isEmpty, true);
  const [chunk] = given as [Uint8Array];
  assert.deepEqual([...chunk.subarray(16_382)], [7, 7, 1, 2]);
});

test("a burst that is full is given by itself, with all of its memory", () => {
  const [burst, given] = gathering();
  for (let i = 0; i < 5; i++) burst.copy(RECORD, RECORD.length);
  assert.deepEqual(given.map(({ length }) => length), [65_536]);
  assert.equal(given[0]?.buffer.byteLength, 65_536);
  burst.flush();
  assert.notEqual(given[1]?.buffer, given[0]?.buffer);
});

test("a burst keeps what would not fit for the next", () => {
  const [burst, given] = gathering();
  burst.copy(new Uint8Array(60_000), 60_000);
  burst.copy(RECORD, RECORD.length);
  burst.flush();
  assert.deepEqual(given.map(({ length }) => length), [60_000, 16_384]);
});

test("two bursts that are under way at once do not share memory", () => {
  const [one, fromOne] = gathering();
  const [other, fromOther] = gathering();
  one.copy(new Uint8Array([1]), 1);
  other.copy(new Uint8Array([2]), 1);
  one.flush();
  other.flush();
  assert.deepEqual([fromOne[0]?.[0], fromOther[0]?.[0]], [1, 2]);
});

test("a burst gives chunks that came by themselves as one", () => {
  const [burst, given] = gathering();
  burst.add(new Uint8Array([1, 2]));
  burst.add(new Uint8Array([3]));
  burst.flush();
  burst.flush();
  assert.deepEqual(given.map((chunk) => [...chunk]), [[1, 2, 3]]);
});
