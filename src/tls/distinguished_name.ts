/**
 * Distinguished names as text (RFC 4514).
 *
 * @module
 */

import { DerError, type DerReader, hex, latin1, readOid, TAG } from "./der.ts";
import type { DerValue } from "./der.ts";

/** The short names that RFC 4514 and practice give to attributes. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  "2.5.4.3": "CN",
  "2.5.4.4": "SN",
  "2.5.4.5": "serialNumber",
  "2.5.4.6": "C",
  "2.5.4.7": "L",
  "2.5.4.8": "ST",
  "2.5.4.9": "STREET",
  "2.5.4.10": "O",
  "2.5.4.11": "OU",
  "2.5.4.12": "title",
  "2.5.4.42": "GN",
  "1.2.840.113549.1.9.1": "emailAddress",
  "0.9.2342.19200300.100.1.1": "UID",
  "0.9.2342.19200300.100.1.25": "DC",
};

/** The text of a Name, the most specific part first: `"CN=a,O=b"`. */
export function readName(sequence: DerReader): string {
  const parts: string[] = [];
  while (!sequence.isAtEnd) parts.push(readPart(sequence.enter(TAG.set)));
  return parts.reverse().join(",");
}

/** One relative name, which may have several attributes: `"CN=a+UID=1"`. */
function readPart(set: DerReader): string {
  const attributes: string[] = [];
  while (!set.isAtEnd) attributes.push(readAttribute(set.enter(TAG.sequence)));
  if (attributes.length === 0) throw new DerError("a part of a name is empty");
  return attributes.join("+");
}

function readAttribute(sequence: DerReader): string {
  const oid = readOid(sequence.read(TAG.oid).content);
  const value = sequence.read();
  sequence.end();
  const name = SHORT_NAMES[oid];
  const text = name === undefined ? undefined : readText(value);
  // What has no name or is no text is written as its bytes (RFC 4514 §2.4).
  return text === undefined
    ? `${name ?? oid}=#${hex(value.whole)}`
    : `${name}=${escape(text)}`;
}

function readText({ tag, content }: DerValue): string | undefined {
  switch (tag) {
    case TAG.utf8String:
      return utf8(content);
    case TAG.printableString:
    case TAG.t61String:
    case TAG.ia5String:
      return latin1(content);
    case TAG.bmpString:
      return wide(content, 2);
    case TAG.universalString:
      return wide(content, 4);
    default:
      return undefined;
  }
}

function utf8(content: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(content);
  } catch {
    throw new DerError("a text that is not UTF-8");
  }
}

/** Characters of two or four bytes each. */
function wide(content: Uint8Array, size: number): string {
  if (content.length % size !== 0) throw new DerError("half a character");
  let text = "";
  for (let at = 0; at < content.length; at += size) {
    let code = 0;
    for (let i = 0; i < size; i++) code = code * 256 + content[at + i]!;
    if (code > 0x10ffff) throw new DerError("a character that is none");
    text += String.fromCodePoint(code);
  }
  return text;
}

/** No character of a value passes for the structure around it. */
function escape(value: string): string {
  return value
    .replace(/[\\",+;<>=]/g, "\\$&")
    .replace(/\p{Cc}/gu, escapeControl)
    .replace(/^[ #]|(?<=.) $/g, "\\$&");
}

function escapeControl(control: string): string {
  return `\\${hex(new TextEncoder().encode(control), "\\")}`;
}
