/**
 * The shapes of TLS that the layers agree on: what a program may say, and what
 * it is told. Types only.
 *
 * @module
 */

import type { Bytes, BytesLike } from "./contracts.ts";

/** The versions of TLS that there are. */
export type TlsVersion = "TLSv1.2" | "TLSv1.3";

/** A certificate and the key that belongs to it, as PEM. */
export interface TlsIdentity {
  /** The leaf first, then its chain. */
  readonly cert: BytesLike;
  /** The private key of the leaf. */
  readonly key: BytesLike;
  /** Opens an encrypted key. */
  readonly passphrase?: string;
}

/** How a client speaks TLS. The peer is verified, always. */
export interface TlsClientOptions extends Partial<TlsIdentity> {
  /**
   * Whom the peer's certificate must name: a host name, or an IP address,
   * which is looked for among its IP names and not sent. Default: the host
   * given to `connect()`; to be said where there is none.
   */
  readonly serverName?: string;
  /** Trusted roots as PEM, instead of the runtime's own. */
  readonly ca?: BytesLike | readonly BytesLike[];
  /** The protocols offered, best first. */
  readonly alpnProtocols?: readonly string[];
  /** The oldest version spoken; default `"TLSv1.2"`. */
  readonly minVersion?: TlsVersion;
  /**
   * Base64 SHA-256 of public keys (`spki256`), one of which the peer's must
   * be. Without `ca` that is all that is asked of its certificate; with it
   * both must hold.
   */
  readonly pins?: readonly string[];
  /**
   * The runtime's own TLS socket, default `false`: verified all the same and
   * cheaper, but it gives up what `capabilities().tlsNative` names. Options
   * that it cannot keep are `EOPNOTSUPP` before any I/O.
   */
  readonly native?: boolean;
}

/** How a server speaks TLS. */
export interface TlsServerOptions extends TlsIdentity {
  /**
   * The identity for the name that a client asks for; `undefined` is the one
   * above. What it throws fails that handshake with `TLS_HANDSHAKE`.
   */
  readonly sni?: (
    serverName: string,
  ) => TlsIdentity | undefined | Promise<TlsIdentity | undefined>;
  /**
   * Whether clients are asked for a certificate; default `false`. With `true`
   * none or an untrusted one fails the handshake; with `"optional"` the
   * program decides by `tls.authorized`.
   */
  readonly requestCert?: boolean | "optional";
  /** What clients' certificates are checked against, as PEM. */
  readonly ca?: BytesLike | readonly BytesLike[];
  /** The protocols spoken, best first: this order wins. */
  readonly alpnProtocols?: readonly string[];
  /** The oldest version spoken; default `"TLSv1.2"`. */
  readonly minVersion?: TlsVersion;
  /** Of clients, with `requestCert`; as `pins` of a client. */
  readonly pins?: readonly string[];
  /** Milliseconds that a handshake may take; default 10,000. */
  readonly handshakeTimeoutMs?: number;
  /** As `native` of a client. */
  readonly native?: boolean;
}

/** What a TLS connection has agreed on, and whom it is with. */
export interface TlsInfo {
  /** The version spoken; `null` where a native socket does not tell it (Deno). */
  readonly protocol: TlsVersion | null;
  /** The cipher suite, as the runtime names it; `null` like `protocol`. */
  readonly cipher: string | null;
  /** The protocol chosen; `null` if none was. */
  readonly alpnProtocol: string | null;
  /**
   * The name that the client asked for; `null` if none, or where a server's
   * native socket does not tell it (Deno).
   */
  readonly serverName: string | null;
  /**
   * The peer's certificate; `null` if it gave none, or where a native socket
   * does not tell it (Deno).
   */
  readonly peerCertificate: PeerCertificate | null;
  /** Whether a certificate was asked for, given, and leads to a trusted root. */
  readonly authorized: boolean;
  /** Whether it is the runtime's own TLS socket, as `native: true` asks. */
  readonly native: boolean;
}

/** A certificate (RFC 5280), read from its bytes alike on every runtime. */
export interface PeerCertificate {
  /** The certificate itself, as DER. */
  readonly raw: Bytes;
  /** Whose it is, as RFC 4514 writes names: `"CN=example.org,O=Example"`. */
  readonly subject: string;
  /** Who signed it. */
  readonly issuer: string;
  /** From when on it holds. */
  readonly validFrom: Date;
  /** Until when it holds. */
  readonly validTo: Date;
  /** `"DNS:…"`, `"IP:…"`, `"email:…"`, `"URI:…"`; other kinds are left out. */
  readonly subjectAltName: readonly string[];
  /** The serial number, in capital hexadecimal digits. */
  readonly serialNumber: string;
  /** SHA-256 of `raw`: `"AB:CD:…"`. */
  readonly fingerprint256: string;
  /** Base64 SHA-256 of its SubjectPublicKeyInfo: what `pins` are. */
  readonly spki256: string;
}
