/**
 * Certificates as we read them, against openssl's and node:crypto's reading.
 *
 * @module
 */

import assert from "node:assert/strict";
import { createHash, X509Certificate } from "node:crypto";
import {
  checkCertificate,
  readCertificate,
} from "../../src/tls/certificate.ts";
import { DerError, DerReader, readOid, readTime } from "../../src/tls/der.ts";
import { readName } from "../../src/tls/distinguished_name.ts";
import { certificateBytes } from "../../src/tls/pem.ts";
import { test } from "../harness.ts";
import {
  authority,
  certificate,
  lackOfOpenssl,
  localhost,
  type Made,
} from "../support/certificates.ts";

const skip = lackOfOpenssl();

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash("sha256").update(bytes).digest();
}

function everything(): Made {
  return certificate("everything", {
    name: 'every, "thing"',
    for: "DNS:a.example,DNS:*.b.example,IP:10.0.0.1,IP:2001:db8::1," +
      "email:x@a.example,URI:https://a.example/x,RID:1.2.3.4",
    from: "19990101000000Z",
    to: "20600203040506Z",
    extensions: "keyUsage=digitalSignature",
    key: ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
  });
}

test("a certificate reads as node:crypto reads it", () => {
  for (const { cert } of [authority(), localhost(), everything()]) {
    const raw = certificateBytes(cert);
    const ours = readCertificate(raw, sha256);
    const theirs = new X509Certificate(raw);
    const spki = theirs.publicKey.export({ type: "spki", format: "der" });
    assert.equal(ours.fingerprint256, theirs.fingerprint256);
    assert.equal(ours.serialNumber, theirs.serialNumber);
    assert.equal(ours.validFrom.getTime(), Date.parse(theirs.validFrom));
    assert.equal(ours.validTo.getTime(), Date.parse(theirs.validTo));
    assert.equal(
      ours.spki256,
      createHash("sha256").update(spki as Uint8Array).digest("base64"),
    );
    assert.deepEqual(ours.raw, new Uint8Array(raw));
  }
}, { skip });

test("a certificate tells all names that have a kind we tell", () => {
  const told = readCertificate(certificateBytes(everything().cert), sha256);
  assert.deepEqual(told.subjectAltName, [
    "DNS:a.example",
    "DNS:*.b.example",
    "IP:10.0.0.1",
    "IP:2001:db8::1",
    "email:x@a.example",
    "URI:https://a.example/x",
  ]);
  assert.equal(told.subject, String.raw`CN=every\, \"thing\"`);
  assert.equal(told.issuer, "CN=authority");
}, { skip });

test("a cut certificate is none, wherever it is cut", () => {
  const raw = certificateBytes(localhost().cert);
  for (let end = 0; end < raw.length; end++) {
    assert.throws(() => checkCertificate(raw.subarray(0, end)), DerError);
  }
  assert.throws(() => checkCertificate(new Uint8Array([...raw, 0])), DerError);
}, { skip });

test("a damaged certificate is read or refused, and nothing else", () => {
  const good = certificateBytes(everything().cert);
  let state = 99;
  const random = () => state = (state * 1103515245 + 12345) & 0x7fffffff;
  let refused = 0;
  for (let round = 0; round < 3000; round++) {
    const bytes = good.slice();
    bytes[random() % bytes.length] = random() & 255;
    try {
      readCertificate(bytes, sha256);
    } catch (error) {
      assert.ok(error instanceof DerError, String(error));
      refused++;
    }
  }
  assert.ok(refused > 300, `${refused} of 3000 were refused`);
}, { skip });

test("random bytes are no certificate", () => {
  let state = 7;
  const random = () => state = (state * 1103515245 + 12345) & 0x7fffffff;
  for (let round = 0; round < 2000; round++) {
    const bytes = Uint8Array.from({ length: random() % 200 }, () => random());
    bytes[0] = 0x30;
    assert.throws(() => checkCertificate(bytes), DerError);
  }
});

test("DER lengths have one form", () => {
  const bad = {
    "until the end": [0x04, 0x80, 0, 0],
    "long form of a short one": [0x04, 0x81, 1, 0],
    "a leading zero": [0x04, 0x82, 0, 0x80, ...new Uint8Array(128)],
    "eight bytes of it": [0x04, 0x88, 0, 0, 0, 0, 0, 0, 0, 1, 0],
    "more than there is": [0x04, 2, 0],
    "a tag of two bytes": [0x1f, 0x81, 0],
  };
  for (const [what, bytes] of Object.entries(bad)) {
    const reader = new DerReader(new Uint8Array(bytes));
    assert.throws(() => reader.read(), DerError, what);
  }
  const long = new DerReader(new Uint8Array([4, 0x81, 128, ...new Array(128)]));
  assert.equal(long.read().content.length, 128);
});

test("object identifiers are read as dotted numbers", () => {
  assert.equal(readOid(new Uint8Array([0x2a, 0x86, 0x48])), "1.2.840");
  assert.equal(readOid(new Uint8Array([0x55, 4, 3])), "2.5.4.3");
  assert.equal(readOid(new Uint8Array([0x88, 0x37])), "2.999");
  for (const bad of [[], [0x80, 1], [0x2a, 0x86], new Array(65).fill(1)]) {
    assert.throws(() => readOid(new Uint8Array(bad)), DerError);
  }
});

function timeOf(tag: number, text: string): string {
  const content = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  return readTime({ tag, content, whole: content }).toISOString();
}

test("times are of two forms, and of the calendar", () => {
  assert.equal(timeOf(0x17, "491231235959Z"), "2049-12-31T23:59:59.000Z");
  assert.equal(timeOf(0x17, "500101000000Z"), "1950-01-01T00:00:00.000Z");
  assert.equal(timeOf(0x18, "20500101000000Z"), "2050-01-01T00:00:00.000Z");
  assert.equal(timeOf(0x18, "00010101000000Z"), "0001-01-01T00:00:00.000Z");
  const bad = [
    "4912312359Z",
    "490230000000Z",
    "490101240000Z",
    "490101000060Z",
    "491301000000Z",
    "490101000000+0100",
    "490101000000",
  ];
  for (const text of bad) assert.throws(() => timeOf(0x17, text), DerError);
  assert.throws(() => timeOf(0x04, "491231235959Z"), DerError);
});

test("a name's parts cannot pass for others", () => {
  const value = "a,O=evil+UID=1\u0000 #";
  const text = [...new TextEncoder().encode(value)];
  const attribute = [0x06, 3, 0x55, 4, 3, 0x0c, text.length, ...text];
  const set = [0x30, attribute.length, ...attribute];
  const name = new DerReader(new Uint8Array([0x31, set.length, ...set]));
  assert.equal(readName(name), String.raw`CN=a\,O\=evil\+UID\=1\00 #`);
});
