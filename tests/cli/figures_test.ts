/** Bytes, times and pictures for people. */

import assert from "node:assert/strict";
import { hexRows, quoted } from "../../cli/hex.ts";
import { Histogram, plot } from "../../cli/histogram.ts";
import { bytesText, timeText } from "../../cli/units.ts";
import { test } from "../harness.ts";

test("a row of hexadecimal has its place, sixteen bytes and their letters", () => {
  const bytes = new TextEncoder().encode("Hello, world.\n\0é");
  assert.equal(
    hexRows(bytes, 32),
    "00000020  48 65 6c 6c 6f 2c 20 77  6f 72 6c 64 2e 0a 00 c3  " +
      "|Hello, world....|\n" +
      `00000030  ${"a9".padEnd(48)}  |.|\n`,
  );
  assert.equal(hexRows(new Uint8Array(0)), "");
});

test("bytes in quotes are escaped and cut", () => {
  const bytes = new TextEncoder().encode('a"\\\r\n\t\x01.');
  assert.equal(quoted(bytes), '"a\\"\\\\\\r\\n\\t\\x01."');
  assert.equal(quoted(bytes, 1), '"a"…');
});

test("numbers carry their unit, also where they are rounded up", () => {
  assert.deepEqual(
    [0, 999, 999.6, 1000, 999_949, 999_960, 1.5e9, 4e15].map(bytesText),
    [
      ...["0 B", "999 B", "1.0 kB", "1.0 kB", "999.9 kB", "1.0 MB"],
      ...["1.5 GB", "4000.0 TB"],
    ],
  );
  assert.deepEqual(
    [0.0004, 0.085, 0.9996, 1.25, 999.6, 61_000].map(timeText),
    ["0 us", "85 us", "1.00 ms", "1.25 ms", "1.00 s", "61.0 s"],
  );
});

test("percentiles are within two per cent, whatever the order", () => {
  const times = new Histogram();
  for (let i = 0; i < 10_000; i++) times.add(1 + (i * 7919 % 10_000) / 1000);
  for (const [percent, exact] of [[1, 1.1], [50, 6], [99, 10.9]] as const) {
    const found = times.percentile(percent);
    assert.ok(Math.abs(found - exact) / exact < 0.021, `${percent}: ${found}`);
  }
  assert.equal(times.percentile(100), times.max);
  assert.deepEqual([times.count, times.min, times.max], [10_000, 1, 10.999]);
  assert.ok(Math.abs(times.mean - 5.9995) < 1e-9);
});

test("a plot counts every time once", () => {
  const times = new Histogram();
  for (let i = 1; i <= 1000; i++) times.add(i / 100);
  times.add(500);
  const rows = plot(times).split("\n");
  assert.equal(rows.length, 10);
  const sum = rows
    .map((row) => Number(/ ([\d.]+) %$/.exec(row)?.[1]))
    .reduce((a, b) => a + b, 0);
  assert.ok(Math.abs(sum - 100) < 0.6, `${sum}`);
  for (const row of rows) assert.ok([...row].length <= 80, row);
});

test("a plot of one time only is a plot", () => {
  const times = new Histogram();
  times.add(1);
  assert.match(plot(times), /█ 100\.0 %/);
});
