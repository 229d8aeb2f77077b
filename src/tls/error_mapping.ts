/**
 * What an engine says (OpenSSL, BoringSSL, rustls) → a code. One table, for
 * both roles.
 *
 * @module
 */

import { Fault } from "../runtime/seam/fault.ts";
import type { PeerCertificate } from "../tls_contracts.ts";
import { readPurposes } from "./certificate.ts";
import { alertName, alertNamed } from "./alerts.ts";

/** What an engine said when it failed. */
export interface EngineError {
  /** Its code, or `""`. */
  readonly code: string;
  /** Its text. */
  readonly message: string;
  /** The error itself. */
  readonly cause: unknown;
}

/** What is known besides: of the records, the peer, and when it was. */
export interface Circumstances {
  /** The first byte that the peer sent. */
  readonly firstByte?: number | undefined;
  /** The alert that came in the clear. */
  readonly alert?: number | undefined;
  /** The peer's certificate, where it gave one. */
  readonly peerCertificate?: PeerCertificate | undefined;
  /** Whether the handshake was over. */
  readonly isUp: boolean;
}

/** The codes, and what they mean. */
const TEXTS = {
  TLS_CERT_UNTRUSTED: "the peer's certificate leads to no trusted root",
  TLS_CERT_EXPIRED: "the peer's certificate has expired",
  TLS_CERT_NOT_YET_VALID: "the peer's certificate is not valid yet",
  TLS_CERT_NAME: "the peer's certificate is for another name",
  TLS_CERT_PIN: "the peer's key is none of the pins",
  TLS_CERT_INVALID: "the peer's certificate is not valid for this",
  TLS_CERT_MISSING: "the client gave no certificate",
  TLS_NOT_TLS: "the peer does not speak TLS",
  TLS_VERSION: "no version of TLS in common",
  TLS_ALPN: "no application protocol in common",
  TLS_CIPHER: "no cipher suite in common",
  TLS_ALERT: "the peer sent an alert",
  TLS_CLOSED: "the peer ended the stream in the handshake",
  TLS_HANDSHAKE: "the handshake failed",
  TLS_TRUNCATED: "the peer ended the stream without close_notify",
  TLS_RECORD: "what came is no record, or was changed on the way",
} as const;

/** A code of TLS. */
export type TlsCode = keyof typeof TEXTS;

/** What is known of a failure besides its code. */
export interface TlsFaultDetails {
  readonly cause?: unknown;
  readonly reason?: string | undefined;
  readonly alert?: string | undefined;
  readonly peerCertificate?: PeerCertificate | undefined;
}

/** The fault of a code. */
export function tlsFault(code: TlsCode, details: TlsFaultDetails = {}): Fault {
  const { cause, alert, peerCertificate } = details;
  const text = code === "TLS_ALERT" ? `${TEXTS[code]}: ${alert}` : TEXTS[code];
  const reason = details.reason === undefined
    ? text
    : `${text}: ${details.reason}`;
  return new Fault(code, cause, reason, false, { alert, peerCertificate });
}

/** Why a certificate was not accepted, in the words of OpenSSL. */
const VERDICTS: Readonly<Record<string, TlsCode>> = {
  CERT_HAS_EXPIRED: "TLS_CERT_EXPIRED",
  CERT_NOT_YET_VALID: "TLS_CERT_NOT_YET_VALID",
  ERR_TLS_CERT_ALTNAME_INVALID: "TLS_CERT_NAME",
  HOSTNAME_MISMATCH: "TLS_CERT_NAME",
  UNABLE_TO_GET_ISSUER_CERT: "TLS_CERT_UNTRUSTED",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "TLS_CERT_UNTRUSTED",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "TLS_CERT_UNTRUSTED",
  DEPTH_ZERO_SELF_SIGNED_CERT: "TLS_CERT_UNTRUSTED",
  SELF_SIGNED_CERT_IN_CHAIN: "TLS_CERT_UNTRUSTED",
  CERT_UNTRUSTED: "TLS_CERT_UNTRUSTED",
  CERT_SIGNATURE_FAILURE: "TLS_CERT_UNTRUSTED",
  CERT_CHAIN_TOO_LONG: "TLS_CERT_INVALID",
  CERT_REJECTED: "TLS_CERT_INVALID",
  CERT_REVOKED: "TLS_CERT_INVALID",
  INVALID_CA: "TLS_CERT_INVALID",
  INVALID_PURPOSE: "TLS_CERT_INVALID",
  PATH_LENGTH_EXCEEDED: "TLS_CERT_INVALID",
};

/** Whether an engine's code is a verdict on a certificate. */
export function isVerdict(code: string): boolean {
  return Object.hasOwn(VERDICTS, code);
}

/** What a certificate has to be for: its peer's role. */
export type Purpose = "server" | "client";

/** As the extension of extended key usage names them; the last is any. */
const PURPOSES: Readonly<Record<Purpose | "any", string>> = {
  server: "1.3.6.1.5.5.7.3.1",
  client: "1.3.6.1.5.5.7.3.2",
  any: "2.5.29.37.0",
};

/** The fault of a verdict on a certificate of a peer. */
export function verdictFault(
  verdict: string,
  peerCertificate: PeerCertificate | undefined,
  cause?: unknown,
  purpose?: Purpose,
): Fault {
  const code = VERDICTS[verdict] ?? "TLS_CERT_INVALID";
  const details = { cause, peerCertificate };
  // rustls says "untrusted" also of a certificate that is out of its dates, or
  // for something else.
  if (code !== "TLS_CERT_UNTRUSTED" || peerCertificate === undefined) {
    return tlsFault(code, details);
  }
  const better = datesCode(peerCertificate) ??
    purposeCode(peerCertificate, purpose);
  return tlsFault(better ?? code, details);
}

function purposeCode(
  { raw }: PeerCertificate,
  purpose: Purpose | undefined,
): TlsCode | undefined {
  if (purpose === undefined) return undefined;
  const all = readPurposes(raw);
  const isFor = all === undefined || all.includes(PURPOSES.any) ||
    all.includes(PURPOSES[purpose]);
  return isFor ? undefined : "TLS_CERT_INVALID";
}

function datesCode(certificate: PeerCertificate): TlsCode | undefined {
  const now = Date.now();
  if (certificate.validTo.getTime() < now) return "TLS_CERT_EXPIRED";
  if (certificate.validFrom.getTime() > now) return "TLS_CERT_NOT_YET_VALID";
  return undefined;
}

/** The fault of an engine's error. */
export function faultOfEngine(
  error: EngineError,
  circumstances: Circumstances,
): Fault {
  const { code, cause, message } = error;
  const { peerCertificate } = circumstances;
  if (isVerdict(code)) return verdictFault(code, peerCertificate, cause);
  const alert = alertOf(error, circumstances);
  if (alert !== undefined) return alertFault(alert, cause);
  const refusal = refusalOf(code, message);
  if (refusal !== undefined) return tlsFault(refusal, { cause });
  if (code === "ECONNRESET") return tlsFault("TLS_CLOSED", { cause });
  if (!circumstances.isUp && isNoTls(circumstances.firstByte)) {
    return tlsFault("TLS_NOT_TLS", { cause });
  }
  if (/^ERR_(SSL|OSSL|TLS)|^EPROTO$/.test(code)) {
    return tlsFault(circumstances.isUp ? "TLS_RECORD" : "TLS_HANDSHAKE", {
      cause,
    });
  }
  return new Fault(/^E[A-Z0-9]+$/.test(code) ? code : "EIO", cause);
}

/** The peer's alert, or our own failure where it names one of the peer's. */
function alertOf(
  { code, message }: EngineError,
  { alert }: Circumstances,
): string | undefined {
  if (alert !== undefined) return alertName(alert);
  // rustls on Deno names in this way what it sends, too.
  if (isOwnRefusal(message)) return undefined;
  const written = /ALERT_([A-Z_]+)$/.exec(code)?.[1];
  return written === undefined ? undefined : alertNamed(written);
}

function isOwnRefusal(message: string): boolean {
  return !message.startsWith("received fatal") &&
    /peer (is incompatible|doesn't|sent)|cannot decrypt|received (unexp|corr)/
      .test(message);
}

/** The fault of an alert of the peer, by its name. */
export function alertFault(alert: string, cause: unknown): Fault {
  switch (alert) {
    case "protocol_version":
      return tlsFault("TLS_VERSION", { cause, alert });
    case "no_application_protocol":
      return tlsFault("TLS_ALPN", { cause, alert });
    case "insufficient_security":
      return tlsFault("TLS_CIPHER", { cause, alert });
    default:
      return tlsFault("TLS_ALERT", { cause, alert });
  }
}

/** How rustls says that no version is in common. */
const VERSION_REFUSED =
  /Tls1[23]NotOffered|NotSupportTls1|SignatureAlgorithmsExtensionRequired/;

/** What we refused ourselves. */
function refusalOf(code: string, message: string): TlsCode | undefined {
  if (
    /UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW/.test(code) ||
    VERSION_REFUSED.test(message)
  ) return "TLS_VERSION";
  if (/NO_APPLICATION_PROTOCOL/.test(code)) return "TLS_ALPN";
  if (
    /NO_SHARED_CIPHER|NO_CIPHERS/.test(code) ||
    /NoCipherSuitesInCommon/.test(message)
  ) return "TLS_CIPHER";
  return /PEER_DID_NOT_RETURN/.test(code) ? "TLS_CERT_MISSING" : undefined;
}

/** Whether a first byte is no record's. */
function isNoTls(firstByte: number | undefined): boolean {
  return firstByte !== undefined && (firstByte < 20 || firstByte > 23);
}
