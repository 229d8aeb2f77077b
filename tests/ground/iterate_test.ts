import assert from "node:assert/strict";
import { END, iterate } from "../../src/iterate.ts";
import { test } from "../harness.ts";

/** An iterator over `items`, then the end, and how often it was left. */
function over(items: unknown[]) {
  const seen = { asked: 0, left: 0 };
  const iterator = iterate<unknown>(
    (step) => {
      seen.asked++;
      return Promise.resolve(step(items.length > 0 ? items.shift() : END));
    },
    () => seen.left++,
  );
  return { iterator, seen };
}

test("an iterator gives whatever was found, null too, until the end", async () => {
  const { iterator, seen } = over(["a", null, undefined]);
  const found: unknown[] = [];
  for await (const each of iterator) found.push(each);
  assert.deepEqual(found, ["a", null, undefined]);
  assert.deepEqual(seen, { asked: 4, left: 0 });
});

test("an iterator asks nobody any more after its end", async () => {
  const { iterator, seen } = over([]);
  for (let i = 0; i < 3; i++) {
    assert.deepEqual(await iterator.next(), { done: true, value: undefined });
  }
  assert.equal(seen.asked, 1);
});

test("an iterator that is left tells so and is over", async () => {
  const { iterator, seen } = over(["a", "b"]);
  for await (const each of iterator) {
    assert.equal(each, "a");
    break;
  }
  assert.deepEqual(await iterator.next(), { done: true, value: undefined });
  assert.deepEqual(seen, { asked: 1, left: 1 });
});
