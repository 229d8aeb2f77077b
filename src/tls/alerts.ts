/**
 * The alerts of TLS (RFC 8446 §6, RFC 7301, RFC 6066), by number and by name.
 *
 * @module
 */

const NAMES: Readonly<Record<number, string>> = {
  0: "close_notify",
  10: "unexpected_message",
  20: "bad_record_mac",
  21: "decryption_failed",
  22: "record_overflow",
  30: "decompression_failure",
  40: "handshake_failure",
  41: "no_certificate",
  42: "bad_certificate",
  43: "unsupported_certificate",
  44: "certificate_revoked",
  45: "certificate_expired",
  46: "certificate_unknown",
  47: "illegal_parameter",
  48: "unknown_ca",
  49: "access_denied",
  50: "decode_error",
  51: "decrypt_error",
  60: "export_restriction",
  70: "protocol_version",
  71: "insufficient_security",
  80: "internal_error",
  86: "inappropriate_fallback",
  90: "user_canceled",
  100: "no_renegotiation",
  109: "missing_extension",
  110: "unsupported_extension",
  111: "certificate_unobtainable",
  112: "unrecognized_name",
  113: "bad_certificate_status_response",
  114: "bad_certificate_hash_value",
  115: "unknown_psk_identity",
  116: "certificate_required",
  120: "no_application_protocol",
  121: "ech_required",
};

/** Engines write names with and without underscores, in either case. */
const BY_LETTERS: ReadonlyMap<string, string> = new Map(
  Object.values(NAMES).map((name) => [letters(name), name]),
);

function letters(name: string): string {
  return name.toLowerCase().replaceAll("_", "");
}

/** The name of an alert; `"alert_99"` for a number that has none. */
export function alertName(number: number): string {
  return NAMES[number] ?? `alert_${number}`;
}

/** The name that an engine's way of writing it means; `undefined` if none. */
export function alertNamed(written: string): string | undefined {
  return BY_LETTERS.get(letters(written));
}

/** What alerts are among records. */
export const ALERT = 21;

/** A fatal alert in the clear, as one record: for before there are keys. */
export function alertRecord(number: number): Uint8Array {
  return new Uint8Array([ALERT, 3, 3, 0, 2, 2, number]);
}

/** An alert that was read. */
export interface Alert {
  readonly number: number;
  /** Whether nothing may follow it: it is fatal, or `close_notify`. */
  readonly isLast: boolean;
}

/** The alert that a record of the clear is; `undefined` for any other bytes. */
export function plainAlert(record: Uint8Array): Alert | undefined {
  const [type, major, , high, low, level, number = 0] = record;
  const isAlert = type === ALERT && major === 3 && high === 0 && low === 2;
  if (!isAlert || record.length !== 7) return undefined;
  if (level !== 1 && level !== 2) return undefined;
  return { number, isLast: level === 2 || number === 0 };
}
