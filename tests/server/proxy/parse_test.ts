/**
 * Headers of the PROXY protocol: what is read of them, what is refused, and
 * that neither depends on how the bytes come.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import process from "node:process";
import { SocketError } from "../../../mod.ts";
import { parseProxyHeader, type ProxyHeader } from "../../../src/server/mod.ts";
import { crc32c } from "../../../src/server/proxy/crc32c.ts";
import { test } from "../../harness.ts";

const utf8 = new TextEncoder();

/** The bytes of hexadecimal digits, in which spaces mean nothing. */
function hex(...texts: string[]): Uint8Array {
  const digits = texts.join("").replaceAll(/\s/g, "");
  return Uint8Array.from(
    digits.match(/../g) ?? [],
    (each) => parseInt(each, 16),
  );
}

const SIGNATURE = "0d0a0d0a 000d0a51 5549540a";

/** The header whose parts are given, its length filled in. */
function binary(command: string, family: string, ...body: string[]) {
  const rest = hex(...body);
  const length = rest.length.toString(16).padStart(4, "0");
  return hex(SIGNATURE, command, family, length, ...body);
}

/** 192.0.2.1 port 40000 → 198.51.100.2 port 443. */
const IPV4 = "c0000201 c6336402 9c40 01bb";
/** [2001:db8::1]:40000 → [2001:db8::2]:443. */
const IPV6 = "20010db8000000000000000000000001" +
  "20010db8000000000000000000000002 9c40 01bb";

const FROM4 = { family: "ipv4", hostname: "192.0.2.1", port: 40_000 } as const;
const TO4 = { family: "ipv4", hostname: "198.51.100.2", port: 443 } as const;
const FROM6 = {
  family: "ipv6",
  hostname: "2001:db8::1",
  port: 40_000,
} as const;
const TO6 = { family: "ipv6", hostname: "2001:db8::2", port: 443 } as const;

/** A path of a Unix address, padded. */
function path(text: string): string {
  return Array.from(
    utf8.encode(text),
    (byte) => byte.toString(16).padStart(2, "0"),
  )
    .join("").padEnd(216, "0");
}

/** The header with the checksum in its last four bytes. */
function summed(header: Uint8Array): Uint8Array {
  const copy = header.slice();
  copy.fill(0, -4);
  new DataView(copy.buffer).setUint32(copy.length - 4, crc32c(copy));
  return copy;
}

const SUMMED = summed(
  binary("21", "11", IPV4, "010002 6832", "020003 612e62", "030004 00000000"),
);

const SSL = "20001e 07 00000000" + "210007 544c5376312e33" + "220002 6d65" +
  "230002 4145" + "250002 5253";

type Said = Omit<ProxyHeader, "version" | "tlvs"> & { tlvs?: number[] };

/** Name, bytes, version, and what they say; of fields the types. */
const GOOD: readonly (readonly [string, Uint8Array, 1 | 2, Said])[] = [
  ["TCP4", line("TCP4 192.0.2.1 198.51.100.2 40000 443"), 1, {
    command: "proxy",
    source: FROM4,
    destination: TO4,
  }],
  ["TCP6", line("TCP6 2001:DB8:0::1 2001:db8::2 40000 443"), 1, {
    command: "proxy",
    source: FROM6,
    destination: TO6,
  }],
  [
    "the longest TCP6",
    line(
      `TCP6 ${"ffff:".repeat(7)}ffff ${"ffff:".repeat(7)}ffff 65535 65535`,
    ),
    1,
    {
      command: "proxy",
      source: {
        family: "ipv6",
        hostname: "ffff:".repeat(7) + "ffff",
        port: 65_535,
      },
      destination: {
        family: "ipv6",
        hostname: "ffff:".repeat(7) + "ffff",
        port: 65_535,
      },
    },
  ],
  ["UNKNOWN", line("UNKNOWN"), 1, { command: "proxy" }],
  [
    "the longest UNKNOWN",
    line(
      `UNKNOWN ${"ffff:".repeat(7)}ffff ${"ffff:".repeat(7)}ffff 65535 65535`,
    ),
    1,
    { command: "proxy" },
  ],
  ["UNKNOWN and no words", line("UNKNOWN \x00\xff\n".slice(0, -1)), 1, {
    command: "proxy",
  }],
  ["port 0", line("TCP4 0.0.0.0 255.255.255.255 0 65535"), 1, {
    command: "proxy",
    source: { family: "ipv4", hostname: "0.0.0.0", port: 0 },
    destination: { family: "ipv4", hostname: "255.255.255.255", port: 65_535 },
  }],
  ["LOCAL", binary("20", "00"), 2, { command: "local" }],
  ["LOCAL with a family that nobody knows", binary("20", "f9", "0102"), 2, {
    command: "local",
  }],
  ["LOCAL with addresses", binary("20", "11", IPV4), 2, { command: "local" }],
  ["LOCAL with what is no field", binary("20", "11", IPV4, "01ffff"), 2, {
    command: "local",
  }],
  ["LOCAL with a checksum", summed(binary("20", "00", "030004 00000000")), 2, {
    command: "local",
  }],
  ["IPv4", binary("21", "11", IPV4), 2, {
    command: "proxy",
    source: FROM4,
    destination: TO4,
  }],
  ["IPv6", binary("21", "21", IPV6), 2, {
    command: "proxy",
    source: FROM6,
    destination: TO6,
  }],
  ["Unix", binary("21", "31", path("/run/a"), path("\0name")), 2, {
    command: "proxy",
    source: { family: "unix", path: "/run/a" },
    destination: { family: "unix", path: "\0name" },
  }],
  [
    "Unix without names",
    binary("21", "31", path(""), path("/" + "x".repeat(107))),
    2,
    {
      command: "proxy",
      source: { family: "unix", path: "" },
      destination: { family: "unix", path: "/" + "x".repeat(107) },
    },
  ],
  ["UNSPEC", binary("21", "00"), 2, { command: "proxy" }],
  ["UNSPEC with a field", binary("21", "00", "e00001 ff"), 2, {
    command: "proxy",
    tlvs: [0xe0],
  }],
  ["datagrams", binary("21", "12", IPV4), 2, { command: "proxy" }],
  ["IPv4 of no protocol", binary("21", "10", IPV4), 2, { command: "proxy" }],
  [
    "fields",
    binary(
      ...["21", "11", IPV4, "0100026832", "040003000000", "020003612e62"],
      ...["0500020102", "ea0000"],
    ),
    2,
    {
      command: "proxy",
      source: FROM4,
      destination: TO4,
      alpn: "h2",
      authority: "a.b",
      uniqueId: Uint8Array.of(1, 2),
      tlvs: [1, 2, 5, 0xea],
    },
  ],
  ["a checksum", SUMMED, 2, {
    command: "proxy",
    source: FROM4,
    destination: TO4,
    alpn: "h2",
    authority: "a.b",
    tlvs: [1, 2],
  }],
  ["TLS", binary("21", "11", IPV4, SSL), 2, {
    command: "proxy",
    source: FROM4,
    destination: TO4,
    ssl: {
      isTls: true,
      hasCertificate: true,
      hasSessionCertificate: true,
      isVerified: true,
      version: "TLSv1.3",
      commonName: "me",
      cipher: "AE",
      keyAlgorithm: "RS",
    },
    tlvs: [0x20],
  }],
  ["TLS without a certificate", binary("21", "00", "200005 01 00000000"), 2, {
    command: "proxy",
    ssl: {
      isTls: true,
      hasCertificate: false,
      hasSessionCertificate: false,
      isVerified: false,
    },
    tlvs: [0x20],
  }],
];

function line(words: string): Uint8Array {
  return Uint8Array.from(`PROXY ${words}\r\n`, (each) => each.charCodeAt(0));
}

const BAD: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ["something else", utf8.encode("GET / HTTP/1.1\r\n"), /there is none/],
  ["small letters", utf8.encode("proxy UNKNOWN\r\n"), /there is none/],
  [
    "a wrong last byte of the signature",
    hex(SIGNATURE.slice(0, -2), "0b"),
    /none/,
  ],
  ["a line without CR", utf8.encode("PROXY UNKNOWN\n"), /CR LF/],
  ["a line of 108 bytes", line("UNKNOWN ".padEnd(100, "x")), /107/],
  ["no end within 107 bytes", utf8.encode("PROXY ".padEnd(107, "x")), /107/],
  ["a CR within the line", line("UNKNOWN a\rb"), /malformed/],
  ["no protocol", line(""), /malformed/],
  ["an unknown protocol", line("UDP4 1.2.3.4 1.2.3.4 1 2"), /malformed/],
  ["a longer word", line("UNKNOWNS"), /malformed/],
  ["two spaces", line("TCP4  1.2.3.4 1.2.3.4 1 2"), /malformed/],
  ["a space at the end", line("TCP4 1.2.3.4 1.2.3.4 1 2 "), /malformed/],
  ["a leading zero of a port", line("TCP4 1.2.3.4 1.2.3.4 01 2"), /malformed/],
  ["a leading zero of an address", line("TCP4 01.2.3.4 1.2.3.4 1 2"), /IPv4/],
  ["a sign", line("TCP4 1.2.3.4 1.2.3.4 +1 2"), /malformed/],
  ["port 65536", line("TCP4 1.2.3.4 1.2.3.4 65536 2"), /65535/],
  ["three numbers", line("TCP4 1.2.3 1.2.3.4 1 2"), /IPv4/],
  ["an IPv6 address of TCP4", line("TCP4 ::1 1.2.3.4 1 2"), /IPv4/],
  ["an IPv4 address of TCP6", line("TCP6 1.2.3.4 ::1 1 2"), /IPv6/],
  ["half an IPv6 address", line("TCP6 1:2:3 ::1 1 2"), /IPv6/],
  ["version 1 in binary", binary("11", "11", IPV4), /version/],
  ["version 3", binary("31", "11", IPV4), /version/],
  ["command 2", binary("22", "11", IPV4), /command/],
  ["family 4", binary("21", "41", IPV4), /family/],
  ["protocol 3", binary("21", "13", IPV4), /protocol/],
  ["addresses cut short", binary("21", "11", IPV4.slice(2)), /cut short/],
  ["IPv6 with room for IPv4", binary("21", "21", IPV4), /cut short/],
  ["Unix with room for IPv6", binary("21", "31", IPV6), /cut short/],
  ["a field's head cut short", binary("21", "11", IPV4, "0100"), /cut short/],
  ["a field cut short", binary("21", "11", IPV4, "010003 6832"), /cut short/],
  [
    "a checksum of 3 bytes",
    binary("21", "11", IPV4, "030003 000000"),
    /CRC32C/,
  ],
  ["a wrong checksum", binary("21", "11", IPV4, "030004 00000000"), /differs/],
  [
    "a wrong checksum of LOCAL",
    binary("20", "00", "030004 00000000"),
    /differs/,
  ],
  [
    "two checksums",
    binary(
      ...["21", "11", IPV4, "030004 00000000", "030004 00000000"],
    ),
    /malformed CRC32C/,
  ],
  [
    "a long unique id",
    binary("21", "00", "050081", "00".repeat(129)),
    /unique id/,
  ],
  ["a short field of TLS", binary("21", "00", "200004 01000000"), /TLS/],
  [
    "a field in it cut short",
    binary("21", "00", "200008 0100000000 210001"),
    /cut/,
  ],
  ["a name that is not UTF-8", binary("21", "00", "020001 ff"), /UTF-8/],
  ["4,097 bytes", binary("21", "11", IPV4, "ea0fe2".padEnd(8138, "0")), /4096/],
];

function isRefusal(reason: RegExp) {
  return (error: unknown) =>
    error instanceof SocketError && error.code === "EPROTO" &&
    reason.test(error.message);
}

for (const [name, bytes, version, said] of GOOD) {
  test(`a PROXY header is read: ${name}`, () => {
    const parsed = parseProxyHeader(bytes);
    assert.ok(parsed);
    const types = parsed.header.tlvs.map(({ type }) => type);
    const found = { ...parsed.header, tlvs: types };
    assert.deepEqual(found, { version, tlvs: [], ...said });
    assert.equal(parsed.length, bytes.length);
  });
}

for (const [name, bytes, reason] of BAD) {
  test(`a PROXY header is refused: ${name}`, () => {
    assert.throws(() => parseProxyHeader(bytes), isRefusal(reason));
  });
}

test("a PROXY header that is cut anywhere needs more bytes", () => {
  for (const [name, bytes] of GOOD) {
    for (let end = 0; end < bytes.length; end++) {
      const parsed = parseProxyHeader(bytes.subarray(0, end));
      assert.equal(parsed, undefined, `${name} cut at ${end}`);
    }
  }
});

test("what follows a PROXY header changes nothing", () => {
  const rests = [[0], [0x0d, 0x0a], [0x0a], SUMMED, [3, 0, 4, 1, 2, 3, 4]];
  for (const [name, bytes] of GOOD) {
    const alone = parseProxyHeader(bytes);
    for (const rest of rests) {
      const more = Uint8Array.from([...bytes, ...rest]);
      assert.deepEqual(parseProxyHeader(more), alone, name);
    }
  }
});

test("a refused PROXY header is refused whatever way it comes", () => {
  for (const [name, bytes, reason] of BAD) {
    let end = 0;
    const next = () => parseProxyHeader(bytes.subarray(0, ++end));
    assert.throws(() => {
      while (end < bytes.length) assert.equal(next(), undefined, name);
    }, isRefusal(reason));
  }
});

/** What is read of a header with one bit flipped; `undefined` if refused. */
function flipped(header: Uint8Array, bit: number): ProxyHeader | undefined {
  // Behind it is data, so that a greater length finds enough of it.
  const bytes = new Uint8Array(70_000);
  bytes.set(header);
  bytes[bit >> 3]! ^= 1 << (bit & 7);
  try {
    return parseProxyHeader(bytes, { maxLength: 65_551 })!.header;
  } catch (error) {
    assert.ok(isRefusal(/./)(error));
    return undefined;
  }
}

test("a PROXY header with a checksum notices every flipped bit", () => {
  const { source, command } = parseProxyHeader(SUMMED)!.header;
  const typeAt = SUMMED.length - 7;
  for (let bit = 0; bit < SUMMED.length * 8; bit++) {
    const found = flipped(SUMMED, bit);
    // The checksum is a field of another type then; all else is as it was.
    const lost = bit >> 3 === typeAt ? { source, command } : undefined;
    const said = found && { source: found.source, command: found.command };
    assert.deepEqual(said, lost, `bit ${bit}`);
  }
});

test("no flipped bit makes a client's of a LOCAL header with a checksum", () => {
  const local = summed(binary("20", "11", IPV4, "030004 00000000"));
  for (let bit = 0; bit < local.length * 8; bit++) {
    const found = flipped(local, bit);
    assert.equal(found?.command ?? "local", "local", `bit ${bit}`);
  }
});

test("a PROXY header's array is not kept", () => {
  const bytes = binary("21", "00", "050002 0102", "ea0001 09");
  const { header } = parseProxyHeader(bytes)!;
  bytes.fill(0xff);
  assert.deepEqual(header.uniqueId, Uint8Array.of(1, 2));
  assert.deepEqual(header.tlvs[1], { type: 0xea, value: Uint8Array.of(9) });
});

test("maxLength counts the bytes of the whole PROXY header", () => {
  const bytes = binary("21", "11", IPV4);
  assert.ok(parseProxyHeader(bytes, { maxLength: 28 }));
  const parse = () => parseProxyHeader(bytes, { maxLength: 27 });
  assert.throws(parse, isRefusal(/27/));
  // Told before it has come.
  const begin = () =>
    parseProxyHeader(bytes.subarray(0, 16), { maxLength: 27 });
  assert.throws(begin, isRefusal(/27/));
});

test("a bad call of parseProxyHeader is the caller's mistake", () => {
  const bytes = binary("21", "11", IPV4);
  const calls: [() => unknown, typeof TypeError | typeof RangeError][] = [
    [() => parseProxyHeader("PROXY UNKNOWN\r\n" as never), TypeError],
    [() => parseProxyHeader(bytes, { maxlength: 5 } as never), TypeError],
    [() => parseProxyHeader(bytes, { maxLength: "5" as never }), TypeError],
    [() => parseProxyHeader(bytes, { maxLength: 15 }), RangeError],
    [() => parseProxyHeader(bytes, { maxLength: 65_552 }), RangeError],
    [() => parseProxyHeader(bytes, { maxLength: NaN }), RangeError],
  ];
  for (const [call, kind] of calls) assert.throws(call, kind);
});

test("random bytes are a PROXY header, or refused, or incomplete", () => {
  const runs = Number(process.env["ANYSOCK_FUZZ"] ?? 20_000);
  const starts = [SUMMED, ...GOOD.map(([, bytes]) => bytes)];
  const random = randomNumbers("PROXY");
  for (let run = 0; run < runs; run++) {
    const bytes = starts[random() % starts.length]!.slice();
    for (let change = random() % 4; change >= 0; change--) {
      bytes[random() % bytes.length] = random() & 255;
    }
    const end = random() % 3 === 0 ? random() % bytes.length : bytes.length;
    try {
      const parsed = parseProxyHeader(bytes.subarray(0, end));
      if (parsed !== undefined) assert.ok(parsed.length <= end);
    } catch (error) {
      assert.ok(isRefusal(/./)(error), `${bytes}: ${error}`);
    }
  }
});

/** The same numbers below 2¹⁶ every time. */
function randomNumbers(seed: string): () => number {
  let block = Buffer.alloc(0);
  let at = 0;
  return () => {
    if (at >= block.length) {
      block = createHash("sha512").update(block).update(seed).digest();
      at = 0;
    }
    at += 2;
    return block.readUInt16LE(at - 2);
  };
}

test("CRC-32C is that of the standard", () => {
  assert.equal(crc32c(utf8.encode("123456789")), 0xe3069283);
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa); // RFC 3720, B.4
  assert.equal(crc32c(new Uint8Array(32).fill(255)), 0x62a8ab43);
});
