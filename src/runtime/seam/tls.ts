/**
 * The seam for TLS: a raw stream over a raw stream. One engine serves all
 * runtimes; a runtime only says that it has it.
 *
 * @module
 */

import type {
  TlsClientOptions,
  TlsIdentity,
  TlsServerOptions,
  TlsVersion,
} from "../../tls_contracts.ts";
import type { RawListener, RawListenOptions, RawStream } from "./stream.ts";

/** A certificate chain and its key, as PEM, checked to be such. */
export interface TlsCredentials {
  /** The leaf first. */
  readonly cert: string;
  /** The private key of the leaf. */
  readonly key: string;
  /** Opens an encrypted key. */
  readonly passphrase: string | undefined;
}

/** How a client speaks TLS, checked. */
export interface TlsClientSettings {
  /** A name in ASCII or an address; `undefined` only with `pins` alone. */
  readonly serverName: string | undefined;
  /** Roots as PEM, one certificate each; `undefined`: the runtime's own. */
  readonly ca: readonly string[] | undefined;
  /** What it shows a server that asks; `undefined`: nothing. */
  readonly credentials: TlsCredentials | undefined;
  /** The protocols offered, best first. */
  readonly alpnProtocols: readonly string[] | undefined;
  /** The oldest version spoken. */
  readonly minVersion: TlsVersion;
  /** Base64 SHA-256 of public keys, one of which the peer's must be. */
  readonly pins: readonly string[] | undefined;
  /** Whether it is the runtime's own TLS socket. */
  readonly isNative: boolean;
}

/** How a server speaks TLS, checked. */
export interface TlsServerSettings {
  /** What it shows where `sni` gives nothing else. */
  readonly credentials: TlsCredentials;
  /** The identity for a name. */
  readonly sni: TlsServerOptions["sni"];
  /** Whether clients are asked for a certificate. */
  readonly requestCert: boolean | "optional";
  /** Roots of clients' certificates as PEM, one certificate each. */
  readonly ca: readonly string[] | undefined;
  /** The protocols spoken; this order wins. */
  readonly alpnProtocols: readonly string[] | undefined;
  /** The oldest version spoken. */
  readonly minVersion: TlsVersion;
  /** Base64 SHA-256 of public keys, one of which a client's must be. */
  readonly pins: readonly string[] | undefined;
  /** Milliseconds that a handshake may take. */
  readonly handshakeTimeoutMs: number;
  /** Whether its connections are the runtime's own TLS sockets. */
  readonly isNative: boolean;
}

/** What a connection will be made of. */
export interface ConnectPlan {
  /** Whether it goes to a path. */
  readonly isUnix: boolean;
  /** Whether it is bound first. */
  readonly isBound: boolean;
  /** Whether it must be able to send RST. */
  readonly abortive: boolean;
  /** Whether the idle time of its keep-alive will be set. */
  readonly keepAliveIdle: boolean;
}

/** How one handshake is done. */
export interface Handshake {
  /** Aborts it: it rejects with the reason. */
  readonly signal?: AbortSignal | undefined;
  /** What came already: of a server the front of the ClientHello. */
  readonly early?: Uint8Array | undefined;
  /**
   * Plain text went before: a byte that comes before our ClientHello is sent
   * is `EPROTO`.
   */
  readonly isUpgrade?: boolean | undefined;
}

/** One role, with its settings. */
export interface TlsRole {
  /**
   * Does the handshake over `under`, whose sink it becomes at once, and gives
   * a stream of plain bytes that tells its `tls`, paused. Rejects
   * with a {@linkcode Fault} or the reason of the abort, and only when `under`
   * is released.
   */
  shake(under: RawStream, handshake: Handshake): Promise<RawStream>;
  /**
   * There if not every connection of its runtime will do. Throws a Fault
   * `EOPNOTSUPP`, before anything is connected.
   */
  demandConnect?(plan: ConnectPlan): void;
  /**
   * There if not every stream will do in mid-stream. Throws a Fault
   * `EOPNOTSUPP`.
   */
  demandUpgrade?(under: RawStream): void;
}

/** The role of a server, which may change its identity. */
export interface TlsServerRole extends TlsRole {
  /** Milliseconds that a handshake may take. */
  readonly handshakeTimeoutMs: number;
  /**
   * What handshakes show from now on, those with another by `sni` aside.
   *
   * @throws {TypeError} if it is none, or the key is not the certificate's.
   */
  setIdentity(identity: TlsIdentity): void;
  /**
   * There if only a listener of its own brings streams that it can shake; in
   * the place of the runtime's `listen`. Rejects with a Fault, with
   * `EOPNOTSUPP` before any I/O for what such a listener cannot do.
   */
  listen?(options: RawListenOptions): Promise<RawListener>;
}

/**
 * Who speaks TLS, by role. It checks what programs say, so that a program without TLS
 * need not load what does.
 */
export interface TlsRoles {
  /**
   * A client with such options; `host` is whom it was told to connect to.
   *
   * @throws {TypeError} | {RangeError} for what cannot be.
   * @throws {Fault} `EOPNOTSUPP` for what it cannot keep.
   */
  client(options: TlsClientOptions, host: string | undefined): TlsRole;
  /**
   * A server with such options.
   *
   * @throws as `client`
   */
  server(options: TlsServerOptions): TlsServerRole;
}

/** What speaks TLS over whatever raw stream. */
export interface TlsEngine extends TlsRoles {
  /** The system's roots as PEM. Throws a Fault: `EOPNOTSUPP`, `EPERM`. */
  systemCertificates(): string[];
}
