/**
 * PEM (RFC 7468): certificates between dashed lines.
 *
 * @module
 */

import { toBytes } from "../bytes.ts";
import type { BytesLike } from "../contracts.ts";
import { checkCertificate } from "./certificate.ts";

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \1-----/g;

/** The text of what a program gave as PEM. */
export function pemText(pem: BytesLike): string {
  return new TextDecoder().decode(toBytes(pem));
}

/**
 * The certificates of a PEM text and nothing else of it, as PEM; `name` says
 * which option it is.
 *
 * @throws {TypeError} if there is none, or one that is no certificate.
 */
export function certificatesOf(text: string, name: string): readonly string[] {
  const blocks = [...text.matchAll(BLOCK)]
    .filter(([, label]) => label === "CERTIFICATE");
  if (blocks.length === 0) {
    throw new TypeError(`${name} must be PEM with a CERTIFICATE in it`);
  }
  for (const [, , body = ""] of blocks) checkBody(body, name);
  return blocks.map(([block]) => block);
}

function checkBody(body: string, name: string): void {
  try {
    checkCertificate(decodeBase64(body.replace(/\s+/g, "")));
  } catch (cause) {
    throw new TypeError(`${name} holds a certificate that is none`, { cause });
  }
}

/** The bytes of a PEM block with one certificate. */
export function certificateBytes(pem: string): Uint8Array {
  const [, , body = ""] = [...pem.matchAll(BLOCK)][0] ?? [];
  return decodeBase64(body.replace(/\s+/g, ""));
}

function decodeBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
