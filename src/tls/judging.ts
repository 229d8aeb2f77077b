/**
 * Whether a peer's certificate is accepted, where the engine has looked at its
 * chain: for the engines of all runtimes.
 *
 * @module
 */

import type {
  TlsClientSettings,
  TlsServerSettings,
} from "../runtime/seam/tls.ts";
import type { Fault } from "../runtime/seam/fault.ts";
import type { PeerCertificate } from "../tls_contracts.ts";
import { type Purpose, tlsFault, verdictFault } from "./error_mapping.ts";
import { isFor } from "./identity.ts";

/** What an engine says of a certificate. */
export interface EngineVerdict {
  /** Whether it leads to a trusted root. */
  readonly isTrusted: boolean;
  /** Why not, in one of the engine's ways. */
  readonly why: unknown;
}

/**
 * Throws unless a server is accepted by a client; gives its certificate.
 *
 * @throws {Fault} one of `TLS_CERT_…`
 */
export function judgeServer(
  { ca, pins, serverName }: TlsClientSettings,
  verdict: EngineVerdict,
  peerCertificate: PeerCertificate | undefined,
): PeerCertificate {
  if (peerCertificate === undefined) {
    throw tlsFault("TLS_CERT_INVALID", { reason: "the peer gave none" });
  }
  if (pins === undefined || ca !== undefined) {
    if (!verdict.isTrusted) {
      throw faultOfVerdict(verdict.why, peerCertificate, "server");
    }
    // The engines' own look at the common name, too, or take half a star.
    const { subjectAltName } = peerCertificate;
    if (serverName === undefined || !isFor(serverName, subjectAltName)) {
      throw tlsFault("TLS_CERT_NAME", { peerCertificate });
    }
  }
  if (!isPinned(pins, peerCertificate)) {
    throw tlsFault("TLS_CERT_PIN", { peerCertificate });
  }
  return peerCertificate;
}

/**
 * Whether a client is known to a server, which throws if it has to be.
 *
 * @throws {Fault} one of `TLS_CERT_…`
 */
export function judgeClient(
  { pins, requestCert }: TlsServerSettings,
  { isTrusted, why }: EngineVerdict,
  peerCertificate: PeerCertificate | undefined,
): boolean {
  const isKnown = peerCertificate !== undefined && isTrusted &&
    isPinned(pins, peerCertificate);
  if (isKnown || requestCert !== true) return isKnown;
  if (peerCertificate === undefined) throw tlsFault("TLS_CERT_MISSING");
  if (!isTrusted) throw faultOfVerdict(why, peerCertificate, "client");
  throw tlsFault("TLS_CERT_PIN", { peerCertificate });
}

/** The fault of a certificate that the engine did not accept. */
export function faultOfVerdict(
  why: unknown,
  peerCertificate: PeerCertificate | undefined,
  purpose: Purpose,
): Fault {
  return verdictFault(verdictOf(why), peerCertificate, why, purpose);
}

/** The word for why a certificate was not accepted, however it is told. */
function verdictOf(why: unknown): string {
  if (typeof why === "string") return why;
  const { code } = (why ?? {}) as { readonly code?: unknown };
  return typeof code === "string" ? code : "CERT_UNTRUSTED";
}

function isPinned(
  pins: readonly string[] | undefined,
  { spki256 }: PeerCertificate,
): boolean {
  return pins === undefined || pins.includes(spki256);
}
