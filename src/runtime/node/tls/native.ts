/**
 * The few members of `node:tls`, `node:stream` and `node:crypto` that the
 * engine uses, and the modules themselves.
 *
 * @module
 */

import { Fault } from "../../seam/fault.ts";

type Done = (error?: Error | null) => void;

/** The members of `stream.Duplex` that are used. */
export interface Duplex {
  /** Whether the end was told to whoever reads it. */
  readonly readableEnded: boolean;
  /** Bytes pushed that nobody has read yet. */
  readonly readableLength: number;
  /** Whether what comes is told at once; `null` before anybody asked. */
  readonly readableFlowing: boolean | null;
  /** Bytes written that are not taken yet. */
  readonly writableLength: number;
  readonly destroyed: boolean;
  push(chunk: Uint8Array | null): boolean;
  emit(event: "data", chunk: Uint8Array): boolean;
  write: (chunk: Uint8Array, done: Done) => boolean;
  cork: () => void;
  uncork: () => void;
  destroy(error?: Error): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
}

/** How a Duplex is made. */
export interface DuplexOptions {
  readonly allowHalfOpen: boolean;
  readonly autoDestroy: boolean;
  readonly readableHighWaterMark: number;
  readonly writableHighWaterMark: number;
  read(): void;
  write(chunk: Uint8Array, encoding: string, done: Done): void;
  writev(
    pieces: readonly { readonly chunk: Uint8Array }[],
    done: Done,
  ): void;
  final(done: Done): void;
  destroy(error: Error | null, done: Done): void;
}

/** The members of `tls.TLSSocket` that are used. */
export interface TlsSocket {
  allowHalfOpen: boolean;
  push: (chunk: Uint8Array | null, encoding?: string) => boolean;
  readonly authorized: boolean;
  readonly authorizationError: unknown;
  readonly alpnProtocol: string | false | null;
  readonly servername?: string | false | null;
  readonly destroyed: boolean;
  readonly errored?: Error | null;
  readonly readableLength: number;
  readonly writableEnded: boolean;
  readonly writableLength: number;
  getPeerCertificate(): { readonly raw?: Uint8Array } | null | undefined;
  getProtocol(): string | null;
  getCipher(): { readonly name: string } | undefined;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "data", listener: (chunk: Uint8Array) => void): unknown;
  on(event: string, listener: () => void): unknown;
  read(): Uint8Array | null;
  resume(): unknown;
  pause: () => unknown;
  write(data: Uint8Array, done?: Done): boolean;
  end(done?: Done): unknown;
  destroy(): unknown;
}

/** The members of `tls.Server` that are used; it never listens. */
export interface TlsServer {
  on(event: "secureConnection", listener: (socket: TlsSocket) => void): unknown;
  on(
    event: "tlsClientError",
    listener: (error: Error, socket: TlsSocket) => void,
  ): unknown;
  removeAllListeners(event: string): unknown;
  /** Does a handshake over a stream, as documented. */
  emit(event: "connection", stream: Duplex): unknown;
}

/** The members of `node:tls` that are used. */
export interface TlsModule {
  connect(options: object): TlsSocket;
  readonly Server: new (options: object) => TlsServer;
  getCACertificates?(type: "system"): string[];
}

/** The members of `node:crypto` that are used. */
export interface CryptoModule {
  createHash(name: "sha256"): {
    update(bytes: Uint8Array): { digest(): Uint8Array };
  };
  createPrivateKey(
    options: { readonly key: string; readonly passphrase?: string },
  ): unknown;
  randomBytes(count: number): Uint8Array;
  readonly X509Certificate: new (pem: string) => {
    checkPrivateKey(key: unknown): boolean;
  };
  readonly constants: { readonly SSL_OP_NO_TICKET?: number };
}

/** What the engine is made of. */
export interface Modules {
  readonly tls: TlsModule;
  readonly crypto: CryptoModule;
  readonly Duplex: new (options: DuplexOptions) => Duplex;
}

/** Imports a module that no bundler is to look for. */
async function load<T>(id: string): Promise<T> {
  try {
    return await import(id) as T;
  } catch (cause) {
    throw new Fault("EOPNOTSUPP", cause, `this host has no ${id}`);
  }
}

/**
 * The modules.
 *
 * @throws {Fault} `EOPNOTSUPP` where there are none.
 */
export async function loadModules(): Promise<Modules> {
  const [tls, crypto, stream] = await Promise.all([
    load<TlsModule>("node:tls"),
    load<CryptoModule>("node:crypto"),
    load<Pick<Modules, "Duplex">>("node:stream"),
  ]);
  return { tls, crypto, Duplex: stream.Duplex };
}
