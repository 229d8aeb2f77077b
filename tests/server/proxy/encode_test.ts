/**
 * Headers of the PROXY protocol that are written: read again they say the same.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Address } from "../../../mod.ts";
import {
  encodeProxyHeader,
  parseProxyHeader,
  type ProxyHeaderInit,
} from "../../../src/server/mod.ts";
import { fc } from "../../framing/fast_check.ts";
import { test } from "../../harness.ts";

const source: Address = { family: "ipv4", hostname: "192.0.2.1", port: 9 };
const destination: Address = {
  family: "ipv4",
  hostname: "::",
  port: 1,
} as never;
const to4: Address = { family: "ipv4", hostname: "192.0.2.2", port: 80 };
const to6: Address = { family: "ipv6", hostname: "2001:db8::2", port: 80 };
const unix: Address = { family: "unix", path: "/run/a.sock" };

function textOf(header: ProxyHeaderInit): string {
  return new TextDecoder().decode(encodeProxyHeader(header, 1));
}

const LINES: readonly (readonly [string, ProxyHeaderInit, string])[] = [
  ["IPv4", { source, destination: to4 }, "TCP4 192.0.2.1 192.0.2.2 9 80"],
  [
    "IPv6",
    { source: to6, destination: to6 },
    "TCP6 2001:db8::2 2001:db8::2 80 80",
  ],
  [
    "one of each",
    { source, destination: to6 },
    "TCP6 ::ffff:192.0.2.1 2001:db8::2 9 80",
  ],
  ["nothing", {}, "UNKNOWN"],
  ["Unix paths", { source: unix, destination: unix }, "UNKNOWN"],
  ["local", { command: "local", source, destination: to4 }, "UNKNOWN"],
];

for (const [name, header, line] of LINES) {
  test(`a PROXY line is written: ${name}`, () => {
    assert.equal(textOf(header), `PROXY ${line}\r\n`);
    assert.ok(parseProxyHeader(encodeProxyHeader(header, 1)));
  });
}

test("a binary PROXY header is written byte for byte", () => {
  const header = encodeProxyHeader({ source, destination: to4, alpn: "h2" });
  assert.deepEqual([...header], [
    ...[0x0d, 0x0a, 0x0d, 0x0a, 0, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a],
    ...[0x21, 0x11, 0, 17, 192, 0, 2, 1, 192, 0, 2, 2, 0, 9, 0, 80],
    ...[1, 0, 2, 0x68, 0x32],
  ]);
});

test("a PROXY header that was read is written again", () => {
  const ssl = {
    isTls: true,
    hasCertificate: true,
    hasSessionCertificate: false,
    isVerified: true,
    version: "TLSv1.3",
    commonName: "Zoë",
    cipher: "X",
    signatureAlgorithm: "Y",
    keyAlgorithm: "Z",
  };
  const tlvs = [{ type: 0xe1, value: Uint8Array.of(7) }];
  const init: ProxyHeaderInit = {
    ...{ source, destination: to4, tlvs, alpn: "h2", authority: "ä.example" },
    ...{ uniqueId: Uint8Array.of(1, 2, 3), ssl, crc32c: true },
  };
  const { header } = parseProxyHeader(encodeProxyHeader(init))!;
  const { crc32c: _crc32c, tlvs: _tlvs, ...said } = init;
  const { tlvs: fields, version, command, ...rest } = header;
  assert.deepEqual([version, command, rest], [2, "proxy", said]);
  assert.deepEqual(fields.map(({ type }) => type), [0xe1, 1, 2, 5, 0x20]);
  const again = encodeProxyHeader({ ...header, crc32c: true });
  assert.deepEqual(parseProxyHeader(again)!.header, header);
});

test("a PROXY header of any addresses and fields says the same when read", () => {
  const plain = { noNullPrototype: true };
  const port = fc.integer({ min: 0, max: 65_535 });
  const family = fc.constant("ipv4" as const);
  const end = fc.record({ family, hostname: fc.ipV4(), port }, plain);
  const type = fc.integer({ min: 0xe0, max: 0xef });
  const value = fc.uint8Array({ maxLength: 40 });
  const tlvs = fc.array(fc.record({ type, value }, plain), { maxLength: 5 });
  const headers = fc.record({
    ...{ source: end, destination: end, tlvs, crc32c: fc.boolean() },
  }, plain);
  fc.assert(
    fc.property(headers, fc.nat(), ({ crc32c, ...said }, cut) => {
      const written = encodeProxyHeader({ ...said, crc32c });
      const begin = written.subarray(0, cut % written.length);
      assert.equal(parseProxyHeader(begin), undefined);
      const { header, length } = parseProxyHeader(written)!;
      assert.equal(length, written.length);
      assert.deepEqual(header, { version: 2, command: "proxy", ...said });
    }),
    { seed: 1998, numRuns: Number(process.env["FAST_CHECK_RUNS"] ?? 100) },
  );
});

const BAD: readonly (readonly [
  string,
  () => unknown,
  typeof TypeError | typeof RangeError,
])[] = [
  ["one address", () => encodeProxyHeader({ source }), TypeError],
  [
    "two kinds",
    () => encodeProxyHeader({ source, destination: unix }),
    TypeError,
  ],
  ["no address", () => encodeProxyHeader({ source, destination }), TypeError],
  ["a name", () =>
    encodeProxyHeader({
      source,
      destination: { hostname: "a.b", port: 1 } as never,
    }), TypeError],
  [
    "a word misspelt",
    () => encodeProxyHeader({ sorce: source } as never),
    TypeError,
  ],
  [
    "another command",
    () => encodeProxyHeader({ command: "LOCAL" } as never),
    TypeError,
  ],
  ["version 3", () => encodeProxyHeader({}, 3 as never), RangeError],
  [
    "a field in version 1",
    () => encodeProxyHeader({ alpn: "h2" }, 1),
    TypeError,
  ],
  ["fields in version 1", () =>
    encodeProxyHeader({
      tlvs: [{ type: 0xe0, value: new Uint8Array(0) }],
    }, 1), TypeError],
  [
    "a checksum in version 1",
    () => encodeProxyHeader({ crc32c: true }, 1),
    TypeError,
  ],
  ["a type above 255", () =>
    encodeProxyHeader({
      tlvs: [{ type: 256, value: new Uint8Array(0) }],
    }), RangeError],
  [
    "a long field",
    () => encodeProxyHeader({ authority: "x".repeat(65_536) }),
    RangeError,
  ],
  [
    "a long name",
    () => encodeProxyHeader({ uniqueId: new Uint8Array(129) }),
    RangeError,
  ],
  ["too much together", () =>
    encodeProxyHeader({
      tlvs: Array(3).fill({ type: 0xe0, value: new Uint8Array(30_000) }),
    }), RangeError],
];

for (const [name, call, kind] of BAD) {
  test(`encodeProxyHeader refuses ${name}`, () => {
    assert.throws(call, kind);
  });
}
