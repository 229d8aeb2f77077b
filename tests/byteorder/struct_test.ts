import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  calcSize,
  iterUnpack,
  pack,
  packInto,
  Struct,
  type StructInput,
  type StructValue,
  unpack,
  unpackFrom,
} from "../../src/byteorder/mod.ts";
import type { Bytes } from "../../src/contracts.ts";
import { test } from "../harness.ts";
import { repositoryRoot } from "../runtimes.ts";

interface Tagged {
  readonly i?: string;
  readonly f?: string;
  readonly b?: string;
  readonly t?: boolean;
}

interface Row {
  readonly call: string;
  readonly format: string;
  readonly values?: readonly Tagged[];
  readonly data?: string;
  readonly offset?: number;
  readonly result?: unknown;
  readonly error?: string;
  readonly text?: string;
}

const path = join(repositoryRoot(), "tests/byteorder/struct_oracle.json");
const oracle = JSON.parse(readFileSync(path, "utf8")) as {
  readonly python: string;
  readonly rows: readonly Row[];
};

function bytes(hex: string): Bytes {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

function hex(data: Uint8Array): string {
  return Array.from(data, (byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

/** The format's character of each value. */
function characters(format: string): string[] {
  return [...format.matchAll(/(\d*)([A-Za-z?])/g)].flatMap(([, n, char = ""]) =>
    char === "x"
      ? []
      : "sp".includes(char)
      ? [char]
      : Array<string>(n ? Number(n) : 1).fill(char)
  );
}

function number(text: string): number {
  if (text.endsWith("inf")) return text.startsWith("-") ? -Infinity : Infinity;
  return text === "nan" ? NaN : Number(text);
}

function given(tag: Tagged, char: string | undefined): StructInput {
  if (tag.b !== undefined) return bytes(tag.b);
  if (tag.t !== undefined) return tag.t;
  if (tag.f !== undefined) return number(tag.f);
  const text = tag.i ?? "";
  return char === "q" || char === "Q" ? BigInt(text) : Number(text);
}

/** A value as the table writes it, so that the kinds are compared as well. */
function tagged(value: StructValue, char: string | undefined): Tagged {
  if (typeof value === "boolean") return { t: value };
  if (value instanceof Uint8Array) return { b: hex(value) };
  if (!"efd".includes(char ?? "")) {
    assert.equal(typeof value, "qQ".includes(char ?? "") ? "bigint" : "number");
    return { i: String(value) };
  }
  return { f: Object.is(value, -0) ? "-0" : String(value) };
}

function plain(tag: Tagged): Tagged {
  if (tag.f === undefined) return tag;
  const value = number(tag.f);
  return { f: Object.is(value, -0) ? "-0" : String(value) };
}

function run({ call, format, values = [], data = "", offset = 0 }: Row) {
  const chars = characters(format);
  const shown = (tuple: readonly StructValue[]) =>
    tuple.map((value, i) => tagged(value, chars[i]));
  switch (call) {
    case "pack":
      return hex(pack(format, ...values.map((tag, i) => given(tag, chars[i]))));
    case "unpack":
      return shown(unpack(format, bytes(data)));
    case "iter_unpack":
      return [...iterUnpack(format, bytes(data))].map(shown);
    case "calcsize":
      return calcSize(format);
    case "unpack_from":
      return shown(unpackFrom(format, bytes("0001020304050607"), offset));
    default: {
      assert.equal(call, "pack_into");
      const buffer = bytes("0001020304050607");
      packInto(format, buffer, offset, 513, -1);
      return hex(buffer);
    }
  }
}

/** The table's result with its floats in JavaScript's spelling. */
function expected(result: unknown): unknown {
  if (!Array.isArray(result)) return result;
  return result.map((each) =>
    Array.isArray(each) ? expected(each) : plain(each as Tagged)
  );
}

test(`pack and unpack do what CPython ${oracle.python} does, row by row`, () => {
  assert.ok(oracle.rows.length > 1_000);
  assert.ok(oracle.rows.filter((row) => row.error).length > 200);
  for (const row of oracle.rows) {
    const name = JSON.stringify(row);
    if (row.error) {
      assert.throws(() => run(row), { name: row.error }, name);
    } else {
      assert.deepEqual(run(row), expected(row.result), name);
    }
  }
});

const BAD_FORMATS = [
  "",
  "HH",
  "@H",
  "^H",
  "n",
  "<n",
  "<N",
  "<P",
  "!H H!",
  "<3",
];

for (const format of BAD_FORMATS) {
  test(`calcSize throws TypeError when the format is ${JSON.stringify(format)}`, () => {
    assert.throws(() => calcSize(format), TypeError);
  });
}

test("a format literal types the tuple that it unpacks to", () => {
  const tuple: [number, bigint, boolean, Bytes, number, number] = unpack(
    "!HQ?3s 2b",
    new Uint8Array(16),
  );
  assert.equal(tuple.length, 6);
  const many: number[] = unpack("!100H", new Uint8Array(200));
  assert.equal(many.length, 100);
  const dynamic: StructValue[] = unpack("<H" as string, new Uint8Array(2));
  assert.deepEqual(dynamic, [0]);
  // @ts-expect-error: Q is a bigint
  assert.throws(() => pack("!Q", 1), TypeError);
  // @ts-expect-error: one value too few
  assert.throws(() => pack("!HH", 1), TypeError);
  // @ts-expect-error: a format says its byte order
  assert.throws(() => pack("HH", 1, 2), TypeError);
});

test("pack takes text as UTF-8 and cuts and pads it in bytes", () => {
  assert.equal(hex(pack("!4s5p", "é€", "abc")), "c3a9e282" + "0361626300");
});

test("unpack gives bytes that share no memory with the buffer", () => {
  const buffer = new Uint8Array([97, 98]);
  const [first] = unpack("!2s", buffer);
  buffer[0] = 0;
  assert.deepEqual([...first], [97, 98]);
});

test("unpackFrom reads any view and any buffer", () => {
  const memory = new Uint8Array([0, 1, 2, 3, 4, 5]);
  assert.deepEqual(unpackFrom("!H", memory.buffer, 2), [0x0203]);
  assert.deepEqual(unpackFrom("!H", new DataView(memory.buffer, 1), 1), [
    0x0203,
  ]);
  assert.deepEqual(unpackFrom("!H", new SharedArrayBuffer(2)), [0]);
});

test("Struct keeps its format and size and works with each method", () => {
  const struct = new Struct("<Hb");
  assert.deepEqual([struct.format, struct.size], ["<Hb", 3]);
  const buffer = new Uint8Array(6);
  struct.packInto(buffer, 3, 258, -1);
  assert.equal(hex(buffer), "0000000201ff");
  assert.deepEqual(struct.unpackFrom(buffer, -3), [258, -1]);
  assert.deepEqual(struct.unpack(struct.pack(7, 8)), [7, 8]);
  assert.deepEqual([...struct.iterUnpack(buffer)], [[0, 0], [258, -1]]);
});

test("packInto writes nothing when the count of values is wrong", () => {
  const buffer = new Uint8Array([1, 2]);
  assert.throws(() => packInto("!H" as string, buffer, 0), TypeError);
  assert.deepEqual([...buffer], [1, 2]);
});
