/**
 * What a connection has agreed on, and the peer's certificate.
 *
 * @module
 */

import { readCertificate } from "../../../tls/certificate.ts";
import { tlsFault } from "../../../tls/error_mapping.ts";
import type { PeerCertificate, TlsInfo } from "../../../tls_contracts.ts";
import type { Modules, TlsSocket } from "./native.ts";

/** The peer's certificate, read by us; `undefined` if it gave none. */
export function peerCertificateOf(
  socket: Pick<TlsSocket, "getPeerCertificate">,
  { crypto }: Pick<Modules, "crypto">,
): PeerCertificate | undefined {
  const raw = rawCertificate(socket);
  if (raw === undefined) return undefined;
  try {
    return readCertificate(
      raw,
      (bytes) => crypto.createHash("sha256").update(bytes).digest(),
    );
  } catch (cause) {
    const reason = "it cannot be read";
    throw tlsFault("TLS_CERT_INVALID", { cause, reason });
  }
}

function rawCertificate(
  socket: Pick<TlsSocket, "getPeerCertificate">,
): Uint8Array | undefined {
  try {
    return socket.getPeerCertificate()?.raw;
  } catch {
    return undefined; // the engine may be gone, and has none to tell
  }
}

/** What is not told by the socket. */
export interface Known {
  readonly serverName: string | undefined;
  readonly peerCertificate: PeerCertificate | undefined;
  readonly isAuthorized: boolean;
  readonly isNative: boolean;
}

/** What was agreed on. */
export function infoOf(socket: TlsSocket, known: Known): TlsInfo {
  const protocol = socket.getProtocol();
  return Object.freeze({
    protocol: protocol === "TLSv1.3" ? protocol : "TLSv1.2",
    cipher: socket.getCipher()?.name ?? "",
    alpnProtocol: socket.alpnProtocol || null,
    serverName: known.serverName ?? null,
    peerCertificate: known.peerCertificate ?? null,
    authorized: known.isAuthorized,
    native: known.isNative,
  });
}
