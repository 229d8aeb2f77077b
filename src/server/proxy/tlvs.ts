/**
 * The fields behind the addresses of a version 2 PROXY header.
 *
 * @module
 */

import { toBytes } from "../../bytes.ts";
import { concat } from "../../byte_queue.ts";
import type { Bytes } from "../../contracts.ts";
import { crc32c } from "./crc32c.ts";
import {
  badHeader,
  MOST_UNIQUE_ID_BYTES,
  type ProxyHeader,
  type ProxySsl,
  type ProxyTlv,
  TLV,
} from "./header.ts";

/** What comes before a field's value: its type and its length. */
const TLV_HEAD_BYTES = 3;

/** What comes before the fields within the field of TLS. */
const SSL_HEAD_BYTES = 5;

const CRC_BYTES = 4;

/** The bits of the first byte of the field of TLS. */
const SSL_CLIENT = { tls: 1, certificate: 2, sessionCertificate: 4 } as const;

/** The texts within the field of TLS. */
const SSL_TEXTS = [
  ["version", TLV.sslVersion],
  ["commonName", TLV.sslCommonName],
  ["cipher", TLV.sslCipher],
  ["signatureAlgorithm", TLV.sslSignatureAlgorithm],
  ["keyAlgorithm", TLV.sslKeyAlgorithm],
] as const;

/** What the fields of a header say. */
export type ProxyFields = Pick<
  ProxyHeader,
  "alpn" | "authority" | "ssl" | "tlvs" | "uniqueId"
>;

// ---- reading

/**
 * The fields of a whole header from `start` on, the checksum proved.
 *
 * @throws {SocketError} `EPROTO`.
 */
export function readFields(header: Uint8Array, start: number): ProxyFields {
  const all = walk(header, start);
  proveChecksum(header, all);
  const tlvs = all
    .filter(({ type }) => type !== TLV.crc32c && type !== TLV.noop)
    .map(({ type, value }) => ({ type, value }));
  return { tlvs, ...named(tlvs) };
}

/**
 * Of fields that are to be skipped, and need not be any, proves the checksum.
 *
 * @throws {SocketError} `EPROTO`.
 */
export function proveSkipped(header: Uint8Array, start: number): void {
  let all: readonly PlacedTlv[];
  try {
    all = walk(header, start);
  } catch {
    return;
  }
  proveChecksum(header, all);
}

/** A field and where its value begins. */
interface PlacedTlv extends ProxyTlv {
  readonly at: number;
}

function walk(bytes: Uint8Array, start: number): readonly PlacedTlv[] {
  const found: PlacedTlv[] = [];
  let next = start;
  while (next < bytes.length) {
    const at = next + TLV_HEAD_BYTES;
    const [type = 0, high = 0, low = 0] = bytes.subarray(next, at);
    next = at + (high << 8 | low);
    if (at > bytes.length || next > bytes.length) {
      throw badHeader("a field is cut short");
    }
    found.push({ type, value: bytes.slice(at, next), at });
  }
  return found;
}

/** The checksum is over the whole header, with zeros in its own place. */
function proveChecksum(header: Uint8Array, tlvs: readonly PlacedTlv[]): void {
  const [sum, second] = tlvs.filter(({ type }) => type === TLV.crc32c);
  if (sum === undefined) return;
  if (sum.value.length !== CRC_BYTES || second !== undefined) {
    throw badHeader("a malformed CRC32C");
  }
  const copy = header.slice();
  const view = new DataView(copy.buffer);
  const told = view.getUint32(sum.at);
  view.setUint32(sum.at, 0);
  if (crc32c(copy) !== told) throw badHeader("the CRC32C differs");
}

/** The fields that have names; of several of one type, the first. */
function named(tlvs: readonly ProxyTlv[]): Omit<ProxyFields, "tlvs"> {
  const alpn = find(tlvs, TLV.alpn);
  const authority = find(tlvs, TLV.authority);
  const uniqueId = find(tlvs, TLV.uniqueId);
  const ssl = find(tlvs, TLV.ssl);
  if (uniqueId !== undefined && uniqueId.length > MOST_UNIQUE_ID_BYTES) {
    throw badHeader("the unique id is too long");
  }
  return {
    ...alpn && { alpn: text(alpn) },
    ...authority && { authority: text(authority) },
    ...uniqueId && { uniqueId },
    ...ssl && { ssl: readSsl(ssl) },
  };
}

function readSsl(value: Uint8Array): ProxySsl {
  if (value.length < SSL_HEAD_BYTES) {
    throw badHeader("the field of TLS is cut short");
  }
  const client = value[0] as number;
  const verify = value.subarray(1, SSL_HEAD_BYTES);
  const inner = walk(value, SSL_HEAD_BYTES);
  const texts = SSL_TEXTS.flatMap(([name, type]) => {
    const found = find(inner, type);
    return found === undefined ? [] : [[name, text(found)] as const];
  });
  const hasCertificate = (client & SSL_CLIENT.certificate) !== 0;
  const hasSessionCertificate = (client & SSL_CLIENT.sessionCertificate) !== 0;
  return {
    isTls: (client & SSL_CLIENT.tls) !== 0,
    hasCertificate,
    hasSessionCertificate,
    // Zero is also what is written of a client that showed none.
    isVerified: (hasCertificate || hasSessionCertificate) &&
      verify.every((byte) => byte === 0),
    ...Object.fromEntries(texts),
  };
}

function find(tlvs: readonly ProxyTlv[], wanted: number): Bytes | undefined {
  return tlvs.find(({ type }) => type === wanted)?.value;
}

function text(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(bytes);
  } catch {
    throw badHeader("a text is not UTF-8");
  }
}

// ---- writing

/** The fields as bytes; those with names unless they are in `tlvs` already. */
export function writeFields(fields: Partial<ProxyFields>): Bytes {
  const { tlvs = [], alpn, authority, uniqueId, ssl } = fields;
  const byName: readonly (readonly [number, Uint8Array | undefined])[] = [
    [TLV.alpn, alpn === undefined ? undefined : toBytes(alpn)],
    [TLV.authority, authority === undefined ? undefined : toBytes(authority)],
    [TLV.uniqueId, uniqueId],
    [TLV.ssl, ssl === undefined ? undefined : writeSsl(ssl)],
  ];
  const parts = tlvs.map(({ type, value }) => writeTlv(type, value));
  for (const [type, value] of byName) {
    if (value === undefined || find(tlvs, type) !== undefined) continue;
    parts.push(writeTlv(type, value));
  }
  return concat(parts);
}

/** Fills the place of a checksum in, which is the end of the header. */
export function writeChecksum(header: Bytes): Bytes {
  const view = new DataView(header.buffer, header.byteOffset, header.length);
  view.setUint32(header.length - CRC_BYTES, crc32c(header));
  return header;
}

/** The field of a checksum that is yet to be filled in. */
export function emptyChecksum(): Bytes {
  return writeTlv(TLV.crc32c, new Uint8Array(CRC_BYTES));
}

function writeTlv(type: number, value: Uint8Array): Bytes {
  if (!Number.isInteger(type) || type < 0 || type > 255) {
    throw new RangeError(`The type of a field is 0 to 255: ${type}`);
  }
  const { length } = value;
  const most = type === TLV.uniqueId ? MOST_UNIQUE_ID_BYTES : 0xffff;
  if (length > most) {
    throw new RangeError(
      `A field of type ${type} has at most ${most} bytes: ${length}`,
    );
  }
  return Uint8Array.from([type, length >> 8, length & 255, ...value]);
}

function writeSsl(ssl: ProxySsl): Bytes {
  const client = (ssl.isTls ? SSL_CLIENT.tls : 0) |
    (ssl.hasCertificate ? SSL_CLIENT.certificate : 0) |
    (ssl.hasSessionCertificate ? SSL_CLIENT.sessionCertificate : 0);
  const texts = SSL_TEXTS.flatMap(([name, type]) => {
    const value = ssl[name];
    return value === undefined ? [] : [writeTlv(type, toBytes(value))];
  });
  const verify = [0, 0, 0, ssl.isVerified ? 0 : 1];
  return concat([Uint8Array.from([client, ...verify]), ...texts]);
}
