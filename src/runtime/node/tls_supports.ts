/**
 * What the `node:tls` of each host can do, as data. Small, because it is
 * loaded by every program: the engine itself is not.
 *
 * @module
 */

import type { TlsSupports } from "../seam/supports.ts";
import { type Host, nodeHost } from "./native.ts";

const WRONG_IS_BARE =
  "a client is told in an alert that it gave no certificate; one that gave a " +
  "wrong certificate sees the end alone";

/** Deno's. */
export const DENO_TLS_SUPPORTS: TlsSupports = {
  systemCertificates: true,
  tlsHalfClose: true,
  tlsNative: "gives up: ca, pins, a client's cert, sni, requestCert, " +
    "passphrase, minVersion TLSv1.3, setTlsIdentity, startTls as a server, " +
    "Unix sockets, abortive, localAddress, noDelay of what was accepted; " +
    "protocol, cipher and peerCertificate are not told; a byte before a " +
    "client's startTls is TLS_NOT_TLS; a handshake that is called off keeps " +
    "its descriptor until the peer goes",
  tlsServerAlerts:
    "Deno ends without an alert where a client's certificate is refused",
};

/** Bun's. */
export const BUN_TLS_SUPPORTS: TlsSupports = {
  systemCertificates: true,
  tlsHalfClose: "Bun ends both ways when the peer has sent close_notify",
  tlsNative: "gives up: an end without close_notify is an end (`null`); sni, " +
    "setTlsIdentity, startTls as a server",
  tlsServerAlerts: WRONG_IS_BARE,
};

/** What `native: true` gives up on Node. */
const BARE_END =
  "gives up: an end without close_notify is an end (`null`), and so is a " +
  "reset that meets our own; a client that ends in mid-handshake is told by " +
  "the handshake's deadline";

const NOWHERE = "this host has no node:tls";

/** What streams that need no sockets, such as those in memory, have here. */
export function tlsSupportsHere(): TlsSupports {
  // dnt-shim-ignore
  if ("process" in globalThis) return nodeTlsSupports(nodeHost());
  return {
    systemCertificates: NOWHERE,
    tlsHalfClose: NOWHERE,
    tlsNative: NOWHERE,
    tlsServerAlerts: NOWHERE,
  };
}

/** Those of a host's `node:tls`. */
export function nodeTlsSupports(host: Host): TlsSupports {
  if (host.name === "deno") return DENO_TLS_SUPPORTS;
  if (host.name === "bun") return BUN_TLS_SUPPORTS;
  const tellsRoots = host.has("node", 23, 10) ||
    (host.has("node", 22, 15) && !host.has("node", 23, 0));
  return {
    systemCertificates: tellsRoots ||
      `${host.label} does not tell the system's certificates`,
    tlsHalfClose: true,
    tlsNative: BARE_END,
    tlsServerAlerts: WRONG_IS_BARE,
  };
}
