/**
 * What the engines say → what we say, row by row as measured.
 *
 * @module
 */

import assert from "node:assert/strict";
import { errno } from "../../src/constants.ts";
import { TlsError } from "../../src/errors.ts";
import { errorOfFault } from "../../src/runtime/seam/error_mapping.ts";
import {
  alertName,
  alertNamed,
  alertRecord,
  plainAlert,
} from "../../src/tls/alerts.ts";
import {
  type Circumstances,
  faultOfEngine,
  tlsFault,
  verdictFault,
} from "../../src/tls/error_mapping.ts";
import type { PeerCertificate } from "../../src/tls_contracts.ts";
import { test } from "../harness.ts";

function said(
  code: string,
  message = "",
  circumstances: Partial<Circumstances> = {},
): string {
  const error = { code, message, cause: undefined };
  const fault = faultOfEngine(error, { isUp: false, ...circumstances });
  return fault.alert === undefined
    ? fault.code
    : `${fault.code} ${fault.alert}`;
}

const INCOMPATIBLE =
  "peer is incompatible: SignatureAlgorithmsExtensionRequired";

/** Code, text, what was expected. */
const ROWS: readonly (readonly [string, string, string])[] = [
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "", "TLS_CERT_UNTRUSTED"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "", "TLS_CERT_UNTRUSTED"],
  ["CERT_HAS_EXPIRED", "", "TLS_CERT_EXPIRED"],
  ["CERT_NOT_YET_VALID", "", "TLS_CERT_NOT_YET_VALID"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "", "TLS_CERT_NAME"],
  ["INVALID_PURPOSE", "", "TLS_CERT_INVALID"],
  [
    "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION",
    "",
    "TLS_VERSION protocol_version",
  ],
  [
    "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL",
    "",
    "TLS_ALPN no_application_protocol",
  ],
  [
    "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE",
    "",
    "TLS_ALERT handshake_failure",
  ],
  [
    "ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE",
    "",
    "TLS_ALERT handshake_failure",
  ],
  [
    "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED",
    "",
    "TLS_ALERT certificate_required",
  ],
  ["ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "", "TLS_ALERT unknown_ca"],
  ["ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE", INCOMPATIBLE, "TLS_VERSION"],
  [
    "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE",
    "received unexpected handshake message: got HandshakeType(0x63)",
    "TLS_HANDSHAKE",
  ],
  ["ERR_SSL_UNSUPPORTED_PROTOCOL", "", "TLS_VERSION"],
  ["ERR_SSL_NO_APPLICATION_PROTOCOL", "", "TLS_ALPN"],
  ["ERR_SSL_NO_SHARED_CIPHER", "", "TLS_CIPHER"],
  [
    "ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE",
    "",
    "TLS_CERT_MISSING",
  ],
  ["ECONNRESET", "", "TLS_CLOSED"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "", "TLS_HANDSHAKE"],
  ["EPROTO", "", "TLS_HANDSHAKE"],
  ["EPIPE", "", "EPIPE"],
  ["", "", "EIO"],
];

test("each word of the engines has one code", () => {
  for (const [code, message, expected] of ROWS) {
    assert.equal(said(code, message), expected, code);
  }
});

test("an alert in the clear decides before what the engine made of it", () => {
  const seen = { alert: 48, firstByte: 22 };
  const code = said("ERR_SSL_BAD_PACKET_LENGTH", "", seen);
  assert.equal(code, "TLS_ALERT unknown_ca");
});

test("a first byte that is no record's is no TLS, before the end", () => {
  const wrong = "ERR_SSL_WRONG_VERSION_NUMBER";
  assert.equal(said(wrong, "", { firstByte: 72 }), "TLS_NOT_TLS");
  assert.equal(said(wrong, "", { firstByte: 22, isUp: true }), "TLS_RECORD");
});

test("a record that cannot be decrypted is not the peer's alert", () => {
  const code = "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE";
  const told = said(code, "cannot decrypt peer's message", { isUp: true });
  assert.equal(told, "TLS_RECORD");
});

test("an untrusted certificate out of its dates is told by its dates", () => {
  const day = 86_400_000;
  const dated = (from: number, to: number) => ({
    validFrom: new Date(Date.now() + from * day),
    validTo: new Date(Date.now() + to * day),
  } as PeerCertificate);
  const verdict = "UNABLE_TO_VERIFY_LEAF_SIGNATURE";
  const code = (from: number, to: number) =>
    verdictFault(verdict, dated(from, to)).code;
  assert.equal(code(-2, -1), "TLS_CERT_EXPIRED");
  assert.equal(code(1, 2), "TLS_CERT_NOT_YET_VALID");
  assert.equal(code(-1, 1), "TLS_CERT_UNTRUSTED");
});

test("a fault of TLS becomes a TlsError with EPROTO's number", () => {
  const peerCertificate = { subject: "CN=a" } as PeerCertificate;
  const fault = tlsFault("TLS_CERT_NAME", { peerCertificate });
  const error = errorOfFault(fault, { op: "connect" });
  assert.ok(error instanceof TlsError);
  assert.equal(error.name, "TlsError");
  assert.equal(error.code, "TLS_CERT_NAME");
  assert.equal(error.errno, errno.EPROTO);
  assert.equal(error.peerCertificate, peerCertificate);
  assert.equal(error.alert, undefined);
  assert.match(error.message, /^Cannot connect: .* another name$/);
  const alert = tlsFault("TLS_ALERT", { alert: "unknown_ca" });
  const told = errorOfFault(alert, { op: "recv" }) as TlsError;
  assert.equal(told.alert, "unknown_ca");
  assert.match(told.message, /unknown_ca/);
});

test("alerts have names and numbers", () => {
  assert.equal(alertName(116), "certificate_required");
  assert.equal(alertName(250), "alert_250");
  assert.equal(alertNamed("CERTIFICATE_REQUIRED"), "certificate_required");
  assert.equal(alertNamed("NoApplicationProtocol"), "no_application_protocol");
  assert.equal(alertNamed("nothing"), undefined);
  assert.deepEqual(plainAlert(alertRecord(70)), { number: 70, isLast: true });
  assert.equal(plainAlert(new Uint8Array([21, 3, 3, 0, 2, 9, 70])), undefined);
  assert.equal(plainAlert(new Uint8Array([23, 3, 3, 0, 2, 2, 70])), undefined);
});
