/** What callers may write as an address, and what is refused before any I/O. */

import assert from "node:assert/strict";
import {
  formatAddress,
  MAX_UNIX_PATH_BYTES,
  parseAddress,
  toEndpoint,
} from "../../src/address.ts";
import type { AddressLike } from "../../src/contracts.ts";
import { test } from "../harness.ts";

const TEXTS: readonly (readonly [text: string, address: object])[] = [
  ["127.0.0.1:80", { family: "ipv4", hostname: "127.0.0.1", port: 80 }],
  [":80", { family: "ipv4", hostname: "0.0.0.0", port: 80 }],
  ["[::1]:0", { family: "ipv6", hostname: "::1", port: 0 }],
  ["[0:0::1]:9", { family: "ipv6", hostname: "::1", port: 9 }],
  ["[fe80::1%eth0]:9", {
    family: "ipv6",
    hostname: "fe80::1",
    port: 9,
    scopeId: "eth0",
  }],
  ["localhost:65535", { hostname: "localhost", port: 65_535 }],
  ["unix:/run/x", { family: "unix", path: "/run/x" }],
  ["unix:\0x", { family: "unix", path: "\0x" }],
  ["unix:@x", { family: "unix", path: "\0x" }],
  ["unix:./@x", { family: "unix", path: "./@x" }],
];

for (const [text, address] of TEXTS) {
  test(`parseAddress gives an address when given ${JSON.stringify(text)}`, () => {
    assert.deepEqual(parseAddress(text), address);
  });
}

const LIKES: readonly (readonly [like: AddressLike, text: string])[] = [
  [["127.0.0.1", 1], "127.0.0.1:1"],
  [["", 1], "0.0.0.0:1"],
  [["<broadcast>", 1], "255.255.255.255:1"],
  [["::1", 1], "[::1]:1"],
  [["fe80::1%eth0", 1], "[fe80::1%eth0]:1"],
  [{ hostname: "a.example", port: 1 }, "a.example:1"],
  [{ path: "/x" }, "unix:/x"],
  [{ path: "\0x" }, "unix:@x"],
  [{ path: "@x" }, "unix:./@x"],
  [
    { family: "ipv6", hostname: "fe80::1", port: 1, scopeId: "lo" },
    "[fe80::1%lo]:1",
  ],
];

for (const [like, text] of LIKES) {
  test(`an endpoint is ${text} when given ${JSON.stringify(like)}`, () => {
    assert.equal(formatAddress(toEndpoint(like, "any")), text);
  });
}

const longest = "/".padEnd(MAX_UNIX_PATH_BYTES, "x");

test("a Unix path fits when it has 107 bytes", () => {
  assert.deepEqual(toEndpoint({ path: longest }, "unix"), {
    family: "unix",
    path: longest,
  });
});

test("an abstract name holds NULs and 108 bytes, and is read as it is written", () => {
  for (const path of ["\0a\0b", "\0\0", "\0".padEnd(108, "x")]) {
    const endpoint = toEndpoint({ path }, "unix");
    assert.deepEqual(endpoint, { family: "unix", path });
    assert.deepEqual(parseAddress(formatAddress(endpoint)), endpoint);
  }
});

const MISUSES: readonly (readonly [
  name: string,
  like: unknown,
  error: typeof TypeError | typeof RangeError,
  text: RegExp,
])[] = [
  ["a port of 65536", ["h", 65_536], RangeError, /65536/],
  ["a port of -1", ["h", -1], RangeError, /-1/],
  ["a port of 1.5", ["h", 1.5], RangeError, /1\.5/],
  ["a port that is a string", ["h", "80"], TypeError, /"80"/],
  ["a host that is a number", [7, 80], TypeError, /7/],
  ["a pair of three", ["h", 1, 2], TypeError, /pair/],
  ["a text without port", "localhost", TypeError, /"localhost"/],
  ["brackets around a name", "[localhost]:1", TypeError, /brackets/],
  ["half an IPv6 address", ["1::2::3", 1], TypeError, /1::2::3/],
  ["an empty zone", ["fe80::1%", 1], TypeError, /fe80::1%/],
  ["a host with a blank", ["a b", 1], TypeError, /a b/],
  ["an over-long name", ["a".repeat(254), 1], TypeError, /host name/],
  [
    "a family that does not fit",
    {
      family: "ipv6",
      hostname: "127.0.0.1",
      port: 1,
    },
    TypeError,
    /ipv6/,
  ],
  ["an empty path", { path: "" }, TypeError, /empty/],
  ["a NUL within a path", { path: "/a\0b" }, TypeError, /NUL/],
  [
    "an abstract name of 109 bytes",
    { path: "\0".padEnd(109, "x") },
    RangeError,
    /109/,
  ],
  ["a path of 108 bytes", { path: `${longest}x` }, RangeError, /108/],
  [
    "a path of 54 two-byte letters",
    { path: "é".repeat(54) },
    RangeError,
    /108/,
  ],
  ["null", null, TypeError, /null/],
  ["undefined", undefined, TypeError, /undefined/],
  ["a number", 80, TypeError, /80/],
  ["an object of another kind", { host: "h" }, TypeError, /host/],
];

for (const [name, like, error, text] of MISUSES) {
  test(`an endpoint is refused when given ${name}`, () => {
    assert.throws(
      () => toEndpoint(like as AddressLike, "any"),
      (thrown) => {
        assert.ok(thrown instanceof error, String(thrown));
        assert.match(thrown.message, text);
        return true;
      },
    );
  });
}

test("an address is refused when it does not fit the family", () => {
  assert.throws(() => toEndpoint({ path: "/x" }, "inet"), TypeError);
  assert.throws(() => toEndpoint(["h", 1], "unix"), TypeError);
});
