import assert from "node:assert/strict";
import { ByteReader, ByteWriter } from "../../src/byteorder/mod.ts";
import { test } from "../harness.ts";

type Name =
  | "u8"
  | "i8"
  | "u16"
  | "u16le"
  | "i16"
  | "i16le"
  | "u32"
  | "u32le"
  | "i32"
  | "i32le"
  | "f32"
  | "f32le"
  | "f64"
  | "f64le";
type BigName = "u64" | "u64le" | "i64" | "i64le";

const NUMBERS: [Name, number, number[]][] = [
  ["u8", 255, [255]],
  ["i8", -2, [254]],
  ["u16", 0x0102, [1, 2]],
  ["u16le", 0x0102, [2, 1]],
  ["i16", -2, [255, 254]],
  ["i16le", -2, [254, 255]],
  ["u32", 0xfffefdfc, [255, 254, 253, 252]],
  ["u32le", 0x01020304, [4, 3, 2, 1]],
  ["i32", -(2 ** 31), [128, 0, 0, 0]],
  ["i32le", -2, [254, 255, 255, 255]],
  ["f32", 1.5, [0x3f, 0xc0, 0, 0]],
  ["f32le", 1.5, [0, 0, 0xc0, 0x3f]],
  ["f64", -2, [0xc0, 0, 0, 0, 0, 0, 0, 0]],
  ["f64le", -2, [0, 0, 0, 0, 0, 0, 0, 0xc0]],
];
const BIGS: [BigName, bigint, number[]][] = [
  ["u64", 2n ** 64n - 2n, [255, 255, 255, 255, 255, 255, 255, 254]],
  ["u64", 2n ** 64n - 1n, [255, 255, 255, 255, 255, 255, 255, 255]],
  ["u64le", 1n, [1, 0, 0, 0, 0, 0, 0, 0]],
  ["i64", -(2n ** 63n), [128, 0, 0, 0, 0, 0, 0, 0]],
  ["i64", 2n ** 63n - 1n, [127, 255, 255, 255, 255, 255, 255, 255]],
  ["i64le", -1n, [255, 255, 255, 255, 255, 255, 255, 255]],
];
const VARINTS: [number, number[]][] = [
  [0, [0]],
  [127, [127]],
  [128, [128, 1]],
  [300, [0xac, 2]],
  [2 ** 32, [128, 128, 128, 128, 16]],
  [2 ** 53 - 1, [255, 255, 255, 255, 255, 255, 255, 15]],
];

test("ByteWriter and ByteReader agree on every number and its bytes", () => {
  for (const [name, value, bytes] of NUMBERS) {
    assert.deepEqual([...new ByteWriter(0)[name](value).finish()], bytes, name);
    assert.equal(new ByteReader(new Uint8Array(bytes))[name](), value, name);
  }
  for (const [name, value, bytes] of BIGS) {
    assert.deepEqual([...new ByteWriter()[name](value).finish()], bytes, name);
    assert.equal(new ByteReader(new Uint8Array(bytes))[name](), value, name);
  }
  for (const [value, bytes] of VARINTS) {
    assert.deepEqual([...new ByteWriter().varint(value).finish()], bytes);
    assert.equal(new ByteReader(new Uint8Array(bytes)).varint(), value);
  }
});

test("ByteReader keeps its place when a read goes beyond the end", () => {
  const reader = new ByteReader(new Uint8Array([1, 2, 128]));
  assert.equal(reader.u16(), 0x0102);
  const reads: (() => unknown)[] = [
    () => reader.u16(),
    () => reader.u64(),
    () => reader.f64le(),
    () => reader.bytes(2),
    () => reader.utf8(2),
    () => reader.varint(),
  ];
  for (const read of reads) assert.throws(read, RangeError);
  assert.throws(() => reader.u16(), {
    message: "Cannot read 2 bytes at offset 2 of 3",
  });
  assert.deepEqual([reader.offset, reader.remaining], [2, 1]);
});

test("ByteReader rejects varints above 2**53 - 1", () => {
  const tooBig = [255, 255, 255, 255, 255, 255, 255, 16];
  for (const bytes of [tooBig, Array<number>(11).fill(128)]) {
    const reader = new ByteReader(new Uint8Array(bytes));
    assert.throws(() => reader.varint(), RangeError);
    assert.equal(reader.offset, 0);
  }
});

test("ByteReader reads bytes without a copy, and text strictly", () => {
  const memory = new Uint8Array([9, 0xef, 0xbb, 0xbf, 0xe2, 0x82, 0xac, 0xff]);
  const reader = new ByteReader(memory.subarray(1));
  const view = reader.bytes(0);
  assert.equal(view.buffer, memory.buffer);
  assert.equal(reader.utf8(6), "\ufeff€");
  assert.throws(() => reader.utf8(1), TypeError);
  assert.equal(reader.remaining, 1);
  for (const size of [-1, 0.5]) {
    assert.throws(() => reader.bytes(size), /RangeError: A count of bytes/);
  }
});

test("ByteWriter grows, gives everything and goes on", () => {
  const writer = new ByteWriter(1);
  writer.utf8("€").bytes(new Uint8Array(100).fill(7)).bytes("x").u8(1);
  assert.equal(writer.offset, 105);
  const first = writer.finish();
  assert.deepEqual([...first.subarray(0, 4)], [0xe2, 0x82, 0xac, 7]);
  writer.u8(2);
  assert.equal(first.length, 105);
  assert.deepEqual([...writer.finish().subarray(103)], [120, 1, 2]);
  writer.rewind(1);
  assert.deepEqual([...writer.finish()], [0xe2]);
  assert.throws(() => writer.rewind(2), RangeError);
});

test("ByteWriter throws and writes nothing when a value does not fit", () => {
  const writer = new ByteWriter();
  const bad: [() => unknown, typeof Error][] = [
    [() => writer.u8(256), RangeError],
    [() => writer.u8(-1), RangeError],
    [() => writer.i8(128), RangeError],
    [() => writer.u16(1.5), RangeError],
    [() => writer.i16le(-32769), RangeError],
    [() => writer.u32(2 ** 32), RangeError],
    [() => writer.i32(NaN), RangeError],
    [() => writer.u64(2n ** 64n), RangeError],
    [() => writer.i64(2n ** 63n), RangeError],
    [() => writer.f32(1e39), RangeError],
    [() => writer.varint(-1), RangeError],
    [() => writer.varint(2 ** 53), RangeError],
    [() => writer.u8("1" as never), TypeError],
    [() => writer.u64(1 as never), TypeError],
    [() => writer.f64(1n as never), TypeError],
    [() => writer.bytes(1 as never), TypeError],
  ];
  for (const [write, error] of bad) assert.throws(write, error);
  assert.equal(writer.offset, 0);
});

test("a varint moves the reader behind its last byte", () => {
  const reader = new ByteReader(new Uint8Array([0x81, 0x82, 0x03, 0x7f, 9]));
  assert.equal(reader.varint(), 1 + 2 * 128 + 3 * 128 ** 2);
  assert.equal(reader.offset, 3);
  assert.equal(reader.varint(), 127);
  assert.deepEqual([reader.offset, reader.u8()], [4, 9]);
});
