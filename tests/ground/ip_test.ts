/** Text forms of IP addresses, against tables and against themselves. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { formatIPv4, formatIPv6, parseIPv4, parseIPv6 } from "../../src/ip.ts";
import { test } from "../harness.ts";

const CANONICAL: readonly (readonly [text: string, canonical: string])[] = [
  ["::", "::"],
  ["::1", "::1"],
  ["1::", "1::"],
  ["0:0:0:0:0:0:0:1", "::1"],
  ["2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
  ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ["fe80:0:0:0:0:0:0:0", "fe80::"],
  ["::ffff:127.0.0.1", "::ffff:127.0.0.1"],
  ["::ffff:7f00:1", "::ffff:127.0.0.1"],
  ["::1.2.3.4", "::1.2.3.4"],
  ["1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"],
  ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
];

const NOT_IPV4 = [
  "",
  "1.2.3",
  "1.2.3.4.5",
  "1.2.3.256",
  "01.2.3.4",
  "1.2.3.-4",
  "1.2.3.4 ",
  "0x1.2.3.4",
  "1..2.3",
];

const NOT_IPV6 = [
  "",
  ":",
  ":::",
  "1::2::3",
  "1:2:3:4:5:6:7",
  "1:2:3:4:5:6:7:8:9",
  "1:2:3:4:5:6:7:8::",
  "12345::",
  "g::",
  "::1.2.3",
  "1.2.3.4::",
  "::1%lo",
  "[::1]",
];

for (const [text, canonical] of CANONICAL) {
  test(`${text} is ${canonical} when parsed and formatted`, () => {
    const bytes = parseIPv6(text);
    assert.ok(bytes);
    assert.equal(formatIPv6(bytes), canonical);
  });
}

test("parseIPv4 gives nothing when the text is no dotted quad", () => {
  for (const text of NOT_IPV4) assert.equal(parseIPv4(text), undefined, text);
});

test("parseIPv6 gives nothing when the text is no IPv6 address", () => {
  for (const text of NOT_IPV6) assert.equal(parseIPv6(text), undefined, text);
});

test("addresses survive when formatted and parsed", () => {
  const bytes = (size: number) =>
    fc.uint8Array({ minLength: size, maxLength: size });
  fc.assert(fc.property(bytes(4), (address) => {
    assert.deepEqual(parseIPv4(formatIPv4(address)), address);
  }));
  fc.assert(fc.property(bytes(16), (address) => {
    assert.deepEqual(parseIPv6(formatIPv6(address)), address);
  }));
  // Zeros make the "::" wander.
  const groups = fc.array(fc.constantFrom(0, 0, 0, 1, 255), {
    minLength: 16,
    maxLength: 16,
  });
  fc.assert(fc.property(groups, (address) => {
    const given = Uint8Array.from(address);
    assert.deepEqual(parseIPv6(formatIPv6(given)), given);
  }));
});
