import assert from "node:assert/strict";
import {
  inetAton,
  inetNtoa,
  inetNtop,
  inetPton,
} from "../../src/byteorder/mod.ts";
import { AF_INET, AF_INET6, AF_UNIX } from "../../src/constants.ts";
import { test } from "../harness.ts";

/** As glibc's inet_aton reads them. */
const CLASSIC: [string, number[]][] = [
  ["127.0.0.1", [127, 0, 0, 1]],
  ["127.1", [127, 0, 0, 1]],
  ["127.0.1", [127, 0, 0, 1]],
  ["1.2.770", [1, 2, 3, 2]],
  ["1.16777215", [1, 255, 255, 255]],
  ["2130706433", [127, 0, 0, 1]],
  ["4294967295", [255, 255, 255, 255]],
  ["0", [0, 0, 0, 0]],
  ["0x7f.1", [127, 0, 0, 1]],
  ["0X7F000001", [127, 0, 0, 1]],
  ["0177.0.0.01", [127, 0, 0, 1]],
  ["010.8", [8, 0, 0, 8]],
];
const NO_ADDRESSES = [
  "",
  ".",
  "1.",
  ".1",
  "1..2",
  "256.0.0.1",
  "1.2.3.256",
  "1.2.65536",
  "1.16777216",
  "4294967296",
  "1.2.3.4.5",
  "08",
  "0x",
  "-1",
  "+1",
  "1e3",
  "::1",
  "localhost",
  "1.2.3.4 ",
];

test("inetAton reads the classic forms as C does", () => {
  for (const [text, bytes] of CLASSIC) {
    assert.deepEqual([...inetAton(text)], bytes, text);
  }
});

test("inetAton throws EINVAL when the text is no address", () => {
  for (const text of NO_ADDRESSES) {
    assert.throws(
      () => inetAton(text),
      { name: "SocketError", code: "EINVAL", op: "inetAton" },
      text,
    );
  }
});

const PACKED: [number, string, string][] = [
  [AF_INET, "10.1.2.3", "0a010203"],
  [AF_INET6, "::", "00".repeat(16)],
  [AF_INET6, "::1", "00".repeat(15) + "01"],
  [AF_INET6, "2001:db8::a:0:0:1", "20010db80000000000" + "0a" + "000000000001"],
  [AF_INET6, "::ffff:1.2.3.4", "00".repeat(10) + "ffff01020304"],
];

test("inetPton and inetNtop are each other's inverse", () => {
  for (const [family, text, hex] of PACKED) {
    const bytes = inetPton(family, text);
    const shown = Array.from(bytes, (b) => b.toString(16).padStart(2, "0"));
    assert.equal(shown.join(""), hex);
    assert.equal(inetNtop(family, bytes), text);
  }
  assert.equal(inetNtoa(new Uint8Array([1, 2, 3, 4])), "1.2.3.4");
});

test("inetPton is strict where inetAton is not", () => {
  for (const text of ["127.1", "0x7f.0.0.1", "01.2.3.4", "::1", ""]) {
    assert.throws(() => inetPton(AF_INET, text), { code: "EINVAL" });
  }
  for (const text of ["1.2.3.4", "::1%lo", ":::", "12345::", ""]) {
    assert.throws(() => inetPton(AF_INET6, text), { code: "EINVAL" });
  }
});

test("inet functions throw when they are misused", () => {
  assert.throws(() => inetAton(1 as never), TypeError);
  assert.throws(() => inetPton(AF_INET, null as never), TypeError);
  assert.throws(() => inetNtoa(new Uint8Array(3)), TypeError);
  assert.throws(() => inetNtoa("1.2.3.4" as never), TypeError);
  assert.throws(() => inetNtop(AF_INET6, new Uint8Array(4)), TypeError);
  assert.throws(() => inetPton(AF_UNIX, "x"), { code: "EAFNOSUPPORT" });
  assert.throws(() => inetNtop(99, new Uint8Array(4)), {
    code: "EAFNOSUPPORT",
  });
});
