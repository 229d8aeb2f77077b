/**
 * What rustls says by way of Deno's own TLS sockets, which give texts and no
 * codes → a code.
 *
 * @module
 */

import type { Fault } from "../runtime/seam/fault.ts";
import { alertFault, type TlsCode, tlsFault } from "./error_mapping.ts";
import { alertNamed } from "./alerts.ts";

/** Texts, in the order in which they are looked for, of either time. */
const TEXTS: readonly (readonly [RegExp, TlsCode])[] = [
  [/UnknownIssuer|CaUsedAsEndEntity|BadSignature/, "TLS_CERT_UNTRUSTED"],
  [/certificate expired/, "TLS_CERT_EXPIRED"],
  [/certificate not valid yet/, "TLS_CERT_NOT_YET_VALID"],
  [/certificate not valid for name/, "TLS_CERT_NAME"],
  [/^invalid peer certificate/, "TLS_CERT_INVALID"],
  [/Tls1[23]NotOffered|SignatureAlgorithmsExtension/, "TLS_VERSION"],
  [/doesn't support any known protocol/, "TLS_ALPN"],
  [/NoCipherSuitesInCommon|NoKxGroupsInCommon/, "TLS_CIPHER"],
];

/** What breaks a record rather than the talk. */
const NO_RECORD = /^received corrupt message of type InvalidContentType/;

/** What rustls begins its texts with. */
const OWN = /^(received |invalid |peer |cannot |tls |unexpected |decode |no )/;

/**
 * The fault of an error of a native socket of Deno's; `undefined` if it is not
 * of TLS. `isUp`: the handshake was over.
 */
export function faultOfRustls(
  error: unknown,
  isUp: boolean,
): Fault | undefined {
  const { name, message } = (error ?? {}) as {
    readonly name?: unknown;
    readonly message?: unknown;
  };
  if (typeof message !== "string") return undefined;
  if (name === "UnexpectedEof") {
    return tlsFault(isUp ? "TLS_TRUNCATED" : "TLS_CLOSED", { cause: error });
  }
  if (name !== "InvalidData" || !OWN.test(message)) return undefined;
  const alert = /^received fatal alert: (\w+)/.exec(message)?.[1];
  if (alert !== undefined) {
    return alertFault(alertNamed(alert) ?? alert, error);
  }
  return tlsFault(codeOf(message, isUp), { cause: error });
}

function codeOf(message: string, isUp: boolean): TlsCode {
  const known = TEXTS.find(([text]) => text.test(message));
  if (known !== undefined) return known[1];
  if (isUp) return "TLS_RECORD";
  return NO_RECORD.test(message) ? "TLS_NOT_TLS" : "TLS_HANDSHAKE";
}
