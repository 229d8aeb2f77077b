import assert from "node:assert/strict";
import { FakeClock } from "../../src/testing/mod.ts";
import { test } from "../harness.ts";

test("a fake clock stands still until it is advanced", () => {
  const clock = new FakeClock(5);
  assert.equal(clock.now(), 5);
  clock.advance(7.5);
  assert.equal(clock.now(), 12.5);
});

test("timers fire in the order of their deadlines when time passes", () => {
  const clock = new FakeClock();
  const fired: string[] = [];
  const note = (name: string) => () => fired.push(`${name}@${clock.now()}`);
  clock.start(30, note("c"));
  clock.start(10, note("a"));
  clock.start(20, note("b"));
  clock.start(20, note("b2"));
  assert.equal(clock.pending, 4);
  clock.advance(9);
  assert.deepEqual(fired, []);
  clock.advance(11);
  assert.deepEqual(fired, ["a@10", "b@20", "b2@20"]);
  clock.advance(100);
  assert.deepEqual(fired, ["a@10", "b@20", "b2@20", "c@30"]);
  assert.equal(clock.now(), 120);
  assert.equal(clock.pending, 0);
});

test("a timer that is cancelled never fires", () => {
  const clock = new FakeClock();
  const timer = clock.start(10, () => assert.fail("fired"));
  timer.cancel();
  timer.cancel();
  assert.equal(clock.pending, 0);
  clock.advance(20);
});

test("a timer that another timer starts fires too when it is due", () => {
  const clock = new FakeClock();
  const fired: number[] = [];
  clock.start(10, () => {
    fired.push(clock.now());
    clock.start(5, () => fired.push(clock.now()));
    clock.start(50, () => fired.push(clock.now()));
  });
  clock.advance(20);
  assert.deepEqual(fired, [10, 15]);
  clock.advance(40);
  assert.deepEqual(fired, [10, 15, 60]);
});

test("a timer of no delay fires when time passes and not before", () => {
  const clock = new FakeClock();
  let count = 0;
  clock.start(0, () => count++);
  clock.start(-5, () => count++);
  assert.equal(count, 0);
  clock.advance(0);
  assert.equal(count, 2);
  assert.equal(clock.now(), 0);
});

test("a timer that throws leaves the clock at its deadline", () => {
  const clock = new FakeClock();
  const fired: string[] = [];
  clock.start(10, () => {
    throw new Error("on purpose");
  });
  clock.start(20, () => fired.push("later"));
  assert.throws(() => clock.advance(30), /on purpose/);
  assert.equal(clock.now(), 10);
  clock.advance(10);
  assert.deepEqual(fired, ["later"]);
});

for (const byMs of [-1, NaN]) {
  test(`advance is RangeError when given ${byMs}`, () => {
    assert.throws(() => new FakeClock().advance(byMs), RangeError);
  });
}

test("nextAt is when the next timer is due", () => {
  const clock = new FakeClock(100);
  assert.equal(clock.nextAt, undefined);
  clock.start(50, () => {});
  const first = clock.start(20, () => {});
  assert.equal(clock.nextAt, 120);
  first.cancel();
  assert.equal(clock.nextAt, 150);
});

test("advanceAsync lets what a timer wakes start others", async () => {
  const clock = new FakeClock();
  const seen: number[] = [];
  const sleep = (ms: number) =>
    new Promise<void>((resolve) => void clock.start(ms, resolve));
  void (async () => {
    while (true) {
      await sleep(10);
      seen.push(clock.now());
    }
  })();
  await clock.advanceAsync(35);
  assert.deepEqual(seen, [10, 20, 30]);
  assert.equal(clock.now(), 35);
  await assert.rejects(clock.advanceAsync(-1), RangeError);
});
