/**
 * Bytes as text, strictly.
 *
 * @module
 */

import { CorruptFrameError } from "../../errors.ts";

/** The encodings of text in frames; `"latin1"` is ISO 8859-1: byte = code. */
export type TextEncoding = "utf-8" | "latin1";

/** Bytes to text and back. */
export interface TextForm {
  /** The text of bytes; throws `CorruptFrameError` if they are none. */
  decode(bytes: Uint8Array): string;
  /** The same, fast, or `undefined` where it takes a closer look. */
  tryDecode(bytes: Uint8Array): string | undefined;
  /** The bytes of text; throws `TypeError` if it has none. */
  encode(text: string): Uint8Array;
}

/** So many codes are handed to one call; more could overflow its stack. */
const CODES_AT_ONCE = 8_192;

/** The form of an encoding. */
export function textForm(encoding: TextEncoding): TextForm {
  if (encoding === "utf-8") return utf8Form();
  if (encoding === "latin1") return LATIN1;
  throw new TypeError(
    `encoding is "utf-8" or "latin1": ${JSON.stringify(encoding)}`,
  );
}

function utf8Form(): TextForm {
  // U+FEFF at the beginning of a message is a part of it.
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  // Ten times as fast as a fatal one on Deno.
  const loose = new TextDecoder("utf-8", { ignoreBOM: true });
  const encoder = new TextEncoder();
  return {
    tryDecode(bytes) {
      const text = loose.decode(bytes);
      // Either bad bytes or a character that says so itself.
      return text.includes("\ufffd") ? undefined : text;
    },
    decode(bytes) {
      try {
        return decoder.decode(bytes);
      } catch (cause) {
        throw new CorruptFrameError("The bytes are not UTF-8", { cause });
      }
    },
    encode(text) {
      // A lone surrogate has no bytes in UTF-8 and would become U+FFFD.
      if (/\p{Surrogate}/u.test(text)) {
        throw new TypeError("The text has a lone surrogate");
      }
      return encoder.encode(text);
    },
  };
}

const LATIN1: TextForm = {
  tryDecode: decodeLatin1,
  decode: decodeLatin1,
  encode(text) {
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0xff) {
        throw new TypeError(`The text has a character beyond latin1 at ${i}`);
      }
      bytes[i] = code;
    }
    return bytes;
  },
};

function decodeLatin1(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += CODES_AT_ONCE) {
    const codes = bytes.subarray(at, at + CODES_AT_ONCE);
    text += String.fromCharCode(...codes);
  }
  return text;
}
