/**
 * Certificates (RFC 5280), read by ourselves: the engines tell the same one in
 * different words.
 *
 * @module
 */

import type { Bytes } from "../contracts.ts";
import { formatIPv6 } from "../ip.ts";
import type { PeerCertificate } from "../tls_contracts.ts";
import {
  DerError,
  DerReader,
  hex,
  latin1,
  readOid,
  readTime,
  TAG,
} from "./der.ts";
import { readName } from "./distinguished_name.ts";

/** More than any certificate has; a handshake message bounds it as well. */
const MAX_CERTIFICATE_BYTES = 1_048_576;

/** The extensions of a certificate, `[3]` of what is signed. */
const EXTENSIONS = 0xa3;
/** Its version, `[0]`. */
const VERSION = 0xa0;
/** Numbers of issuer and subject that nobody uses, `[1]` and `[2]`. */
const UNIQUE_IDS = [0x81, 0x82] as const;

const SUBJECT_ALT_NAME = "2.5.29.17";
const EXTENDED_KEY_USAGE = "2.5.29.37";

/** The kinds of names that are told, by their tag in a GeneralName. */
const EMAIL = 0x81;
const DNS = 0x82;
const URI = 0x86;
const IP = 0x87;

/**
 * What a certificate says. Nothing is verified here.
 *
 * @param sha256 gives the 32 bytes of the hash
 * @throws {DerError} if it is none.
 */
export function readCertificate(
  raw: Uint8Array,
  sha256: (bytes: Uint8Array) => Uint8Array,
): PeerCertificate {
  if (raw.length > MAX_CERTIFICATE_BYTES) throw new DerError("it is too long");
  const own = raw.slice() as Bytes;
  const { spki, extensions: _, ...told } = readSigned(signedPart(own));
  return {
    raw: own,
    ...told,
    fingerprint256: hex(sha256(own), ":"),
    spki256: btoa(latin1(sha256(spki))),
  };
}

/**
 * Throws unless the bytes are a certificate.
 *
 * @throws {DerError} with what is wrong.
 */
export function checkCertificate(raw: Uint8Array): void {
  readSigned(signedPart(raw));
}

/**
 * What the key of a certificate may be used for, as object identifiers;
 * `undefined`: for everything.
 *
 * @throws {DerError} with what is wrong.
 */
export function readPurposes(raw: Uint8Array): readonly string[] | undefined {
  const { extensions } = readSigned(signedPart(raw));
  const content = extensions && readExtension(extensions, EXTENDED_KEY_USAGE);
  if (content === undefined) return undefined;
  const outer = new DerReader(content);
  const list = outer.enter(TAG.sequence);
  outer.end();
  const purposes: string[] = [];
  while (!list.isAtEnd) purposes.push(readOid(list.read(TAG.oid).content));
  return purposes;
}

/** The part of a certificate that its issuer has signed. */
function signedPart(raw: Uint8Array): DerReader {
  const outer = new DerReader(raw);
  const certificate = outer.enter(TAG.sequence);
  outer.end();
  const signed = certificate.enter(TAG.sequence);
  certificate.read(TAG.sequence); // the algorithm
  certificate.read(TAG.bitString); // the signature
  certificate.end();
  return signed;
}

/** What is read of the signed part. */
type Signed = Omit<PeerCertificate, "raw" | "fingerprint256" | "spki256"> & {
  readonly spki: Uint8Array;
  readonly extensions: Uint8Array | undefined;
};

function readSigned(signed: DerReader): Signed {
  signed.readIf(VERSION);
  const serialNumber = readSerial(signed.read(TAG.integer).content);
  signed.read(TAG.sequence); // the algorithm
  const issuer = readName(signed.enter(TAG.sequence));
  const validity = signed.enter(TAG.sequence);
  const validFrom = readTime(validity.read());
  const validTo = readTime(validity.read());
  validity.end();
  const subject = readName(signed.enter(TAG.sequence));
  const spki = readKey(signed);
  for (const tag of UNIQUE_IDS) signed.readIf(tag);
  const extensions = signed.readIf(EXTENSIONS)?.content;
  signed.end();
  const subjectAltName = extensions === undefined ? [] : readNames(extensions);
  return {
    subject,
    issuer,
    validFrom,
    validTo,
    subjectAltName,
    serialNumber,
    spki,
    extensions,
  };
}

/** The SubjectPublicKeyInfo, whole. */
function readKey(signed: DerReader): Uint8Array {
  const { whole, content } = signed.read(TAG.sequence);
  const info = new DerReader(content);
  info.enter(TAG.sequence).read(TAG.oid);
  info.read(TAG.bitString);
  info.end();
  return whole;
}

function readSerial(content: Uint8Array): string {
  if (content.length === 0) throw new DerError("a serial number of no bytes");
  const isPadded = content.length > 1 && content[0] === 0;
  return hex(isPadded ? content.subarray(1) : content);
}

/** The alternative names among the extensions. */
function readNames(extensions: Uint8Array): readonly string[] {
  const content = readExtension(extensions, SUBJECT_ALT_NAME);
  return content === undefined ? [] : readAltNames(content);
}

/** What an extension holds; `undefined` if it is not there. */
function readExtension(
  extensions: Uint8Array,
  wanted: string,
): Uint8Array | undefined {
  const outer = new DerReader(extensions);
  const list = outer.enter(TAG.sequence);
  outer.end();
  let found: Uint8Array | undefined;
  while (!list.isAtEnd) {
    const extension = list.enter(TAG.sequence);
    const oid = readOid(extension.read(TAG.oid).content);
    extension.readIf(TAG.boolean);
    const { content } = extension.read(TAG.octetString);
    extension.end();
    if (oid !== wanted) continue;
    if (found !== undefined) throw new DerError("an extension twice");
    found = content;
  }
  return found;
}

function readAltNames(content: Uint8Array): readonly string[] {
  const outer = new DerReader(content);
  const list = outer.enter(TAG.sequence);
  outer.end();
  const names: string[] = [];
  while (!list.isAtEnd) {
    const { tag, content } = list.read();
    const name = readAltName(tag, content);
    if (name !== undefined) names.push(name);
  }
  return names;
}

function readAltName(tag: number, content: Uint8Array): string | undefined {
  switch (tag) {
    case DNS:
      return `DNS:${ascii(content)}`;
    case EMAIL:
      return `email:${ascii(content)}`;
    case URI:
      return `URI:${ascii(content)}`;
    case IP:
      return `IP:${readIP(content)}`;
    default:
      return undefined;
  }
}

/** A NUL within a name has fooled many a reader of C strings. */
function ascii(content: Uint8Array): string {
  if (content.some((byte) => byte < 0x20 || byte > 0x7e)) {
    throw new DerError("a name that is not ASCII");
  }
  return latin1(content);
}

function readIP(content: Uint8Array): string {
  if (content.length === 4) return content.join(".");
  if (content.length === 16) return formatIPv6(content);
  throw new DerError(`an IP address of ${content.length} bytes`);
}
