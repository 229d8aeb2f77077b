import assert from "node:assert/strict";
import { endianness } from "node:os";
import {
  htonl,
  htonll,
  htons,
  ntohl,
  ntohll,
  ntohs,
} from "../../src/byteorder/mod.ts";
import { test } from "../harness.ts";

const SWAPS = endianness() === "LE";

const ROWS: [(value: number) => number, number, number][] = [
  [htons, 0, 0],
  [htons, 0x0102, 0x0201],
  [htons, 0xffff, 0xffff],
  [ntohs, 0x00ff, 0xff00],
  [htonl, 0x01020304, 0x04030201],
  [htonl, 0x000000ff, 0xff000000],
  [htonl, 0xffffffff, 0xffffffff],
  [ntohl, 0x80000000, 0x00000080],
];

test("htons to ntohl swap bytes where the machine is little-endian", () => {
  for (const [swap, value, swapped] of ROWS) {
    assert.equal(swap(value), SWAPS ? swapped : value, `${swap.name} ${value}`);
  }
});

test("htonll and ntohll swap 64 bits and give bigint", () => {
  for (const swap of [htonll, ntohll]) {
    const swapped = SWAPS ? 0xff07060504030201n : 0x01020304050607ffn;
    assert.equal(swap(0x01020304050607ffn), swapped);
    assert.equal(swap(swap(0xfedcba9876543210n)), 0xfedcba9876543210n);
  }
});

const MISUSES: [(value: never) => unknown, unknown, typeof Error][] = [
  ...[htons, ntohs].flatMap((swap) => [
    [swap, -1, RangeError] as never,
    [swap, 0x10000, RangeError] as never,
  ]),
  ...[htonl, ntohl].flatMap((swap) => [
    [swap, -1, RangeError] as never,
    [swap, 2 ** 32, RangeError] as never,
    [swap, Infinity, RangeError] as never,
    [swap, 1.5, TypeError] as never,
    [swap, NaN, TypeError] as never,
    [swap, 1n, TypeError] as never,
    [swap, "1", TypeError] as never,
  ]),
  ...[htonll, ntohll].flatMap((swap) => [
    [swap, -1n, RangeError] as never,
    [swap, 2n ** 64n, RangeError] as never,
    [swap, 1, TypeError] as never,
  ]),
];

test("a swap throws when its argument is out of range or of another type", () => {
  for (const [swap, value, error] of MISUSES) {
    assert.throws(() => swap(value as never), error, `${swap.name} ${value}`);
  }
});
